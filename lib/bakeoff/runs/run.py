"""One method, one seed: from what was asked for to everything that can change its numbers.

A `Request` is what a person or a plan asks for; `resolve` turns it into a `Run`, whose identity is hashed into its run
id. The same request under the same experiment, data, model, code and libraries always gives the same id.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from bakeoff.data.schema import Data
from bakeoff.data.sources import LocatedData, locate_data
from bakeoff.errors import BadValue, MissingFile
from bakeoff.experiment.entries import MethodEntry, check_options, varied
from bakeoff.experiment.model import Experiment
from bakeoff.methods.base import GivenMethod
from bakeoff.methods.registry import method
from bakeoff.models.sources import LocatedModel, locate_model
from bakeoff.runs.fingerprint import base_identity, code_hashes, library_versions, metric_sha256
from bakeoff.system.digests import MOST_BYTES, TOO_LARGE, canonical_sha256, sha256_of
from bakeoff.system.own import look_in
from bakeoff.system.workspace import Workspace

__all__ = ["Identity", "Request", "Resolver", "Role", "Run", "about", "resolve"]


Role = Literal["baseline", "candidate", "sweep"]


def _legible(identity: dict[str, Any]) -> dict[str, Any]:
    """Refuse what a damaged record has for an identity: its data, their split and its model are read."""
    data, model = identity.get("data"), identity.get("model") or {}
    if not (isinstance(data, dict) and isinstance(data.get("split"), dict)):
        raise PydanticCustomError("identity", "it tells of no data")
    if not (isinstance(model, dict) and isinstance(model.get("tokenizer") or {}, dict)):
        raise PydanticCustomError("identity", "it tells of no base model")
    return identity


Identity = Annotated[dict[str, Any], AfterValidator(_legible)]
"""All that can change a run's numbers, nested, as a record tells it."""


class Request(BaseModel):
    """What is asked for, in the words of the experiment file.

    method: name of an entry; overrides: hyperparameters that differ from the entry (a sweep's value among them)
    stop_after: epoch after which a trial stops, which can go on from there; no part of what makes a run the one it is
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    seed: int
    role: Role = "candidate"
    overrides: dict[str, Any] = {}
    stop_after: int | None = None


class Run(BaseModel):
    """A request with everything settled.

    params: every hyperparameter; identity: all that can change the numbers, nested; run_id: hashed from it;
    changes: the experiment's from the command line, which matter only through the values they lead to; metric: by which
    a method that chooses settings of its own does so, None for the others;
    located_file: what the method reads beside the data, None where that is nothing
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    request: Request
    experiment: str
    kind: str
    params: dict[str, Any]
    data: Data
    located_data: LocatedData
    located_model: LocatedModel | None
    identity: dict[str, Any]
    run_id: str
    changes: tuple[str, ...] = ()
    metric: str | None = None
    located_file: Path | None = None

    @property
    def method(self) -> str:
        """The entry's name."""
        return self.request.method

    @property
    def seed(self) -> int:
        """What its random numbers start from."""
        return self.request.seed

    @property
    def role(self) -> Role:
        """What the run is for."""
        return self.request.role

    @property
    def params_sha256(self) -> str:
        """Hash of what distinguishes rows of a table: all but the seed."""
        return canonical_sha256({"kind": self.kind, "params": self.params, "model": self.identity["model"]})


def resolve(request: Request, experiment: Experiment, *, workspace: Workspace) -> Run:
    """Settle a request; raises InputError for a value or name that cannot be used.

    A hyperparameter the entry sweeps has to be fixed by `overrides`.
    """
    return Resolver(experiment, workspace)(request)


class Resolver:
    """Settles requests of one experiment as things stand when it is made.

    What the seeds of a method share is looked up once, so that ten thousand runs are planned in seconds.
    """

    def __init__(self, experiment: Experiment, workspace: Workspace) -> None:
        look_in(workspace.root)
        self.experiment, self._workspace = experiment, workspace
        self._where = workspace.relative(experiment.file)
        self._settled: dict[str, Run] = {}
        self._models: dict[tuple[str, str | None], LocatedModel] = {}

    def __call__(self, request: Request) -> Run:
        """Settle a request, as `resolve`."""
        entry = self.experiment.entry(request.method)
        # A yardstick's trial is a trial: it must not see the test texts, nor share a run id with the run it decides.
        role: Role = "baseline" if entry.method.baseline and request.role == "candidate" else request.role
        key = repr((request.method, request.overrides))  # the repr tells 1 from 1.0 and from True
        if key not in self._settled:
            self._settled[key] = self._first(request, entry)
        found = self._settled[key]
        identity = {**found.identity, "seed": request.seed, "role": role}
        overrides = {key: found.params[key] for key in request.overrides}
        return found.model_copy(
            update={
                "request": request.model_copy(update={"role": role, "overrides": overrides}),
                "identity": identity,
                "run_id": f"{entry.name}-s{request.seed}-{canonical_sha256(identity)[:8]}",
            }
        )

    def _first(self, request: Request, entry: MethodEntry) -> Run:
        """Settle all but seed and role, which are still to be put in."""
        experiment, workspace, where = self.experiment, self._workspace, self._where
        found = entry.method
        open_keys = sorted(set(entry.sweep) - set(request.overrides))
        if open_keys:
            raise BadValue(f"methods.{entry.name}.{open_keys[0]}", "a sweep: name one of its values", where=where)
        params = check_options(entry.name, found, {**entry.options, **request.overrides}, where=lambda _: where)
        place = experiment.place("data.source", file=where)
        data = locate_data(experiment.data.source, workspace=workspace, config=experiment.data.config, where=place)
        model = None
        if found.neural:
            place = experiment.place(f"methods.{entry.name}.model" if entry.model else "model", file=where)
            base = name, tokenizer = experiment.base_of(entry)
            if base not in self._models:
                self._models[base] = locate_model(name, workspace=workspace, tokenizer=tokenizer, where=place)
            model = self._models[base]
        config = found.Config(**params)
        metric = experiment.compare.metric if found.chooses(config) else None
        file = _file(entry, params, experiment, workspace)
        identity = {
            "method": {"kind": entry.kind, **params},
            "data": {"sha256": data.sha256, **experiment.data.model_dump(mode="json")},
            "model": base_identity(model) if model else None,
            "versions": library_versions(found),
            "code": code_hashes(found),
            **({"chosen_by": {"metric": metric, "sha256": metric_sha256(metric)}} if metric else {}),
            **({"file": {"sha256": sha256_of(file)}} if file else {}),
        }
        return Run(
            request=request,
            experiment=experiment.name,
            kind=entry.kind,
            params=params,
            data=experiment.data,
            located_data=data,
            located_model=model,
            identity=identity,
            run_id="",
            changes=experiment.changes,
            metric=metric,
            located_file=file,
        )


def _file(entry: MethodEntry, params: dict[str, Any], experiment: Experiment, workspace: Workspace) -> Path | None:
    """Return the file that a method reads beside the data; raises BadValue or MissingFile."""
    found, setting = entry.method, f"methods.{entry.name}.file"
    name = found.file_of(found.Config(**params))
    if name is None and not issubclass(found, GivenMethod):
        return None
    place = experiment.place(setting, file=workspace.relative(experiment.file))
    if name is None:
        hint = "name one, such as `file: answers.csv`; `bakeoff texts` writes the texts to be answered"
        raise BadValue(setting, "no file of answers is named", where=place, hint=hint)
    path = workspace.root / name
    if not path.is_file():
        hint = "paths count from the workspace's root"
        raise MissingFile(setting, "no such file", subject=name, where=place, hint=hint)
    if path.stat().st_size > MOST_BYTES:
        raise BadValue(setting, TOO_LARGE, subject=name, where=place)
    return path


def about(run: Run, *, command: str) -> dict[str, Any]:
    """Return the fields of its record that are known before it starts: what it is, and the command that makes it."""
    found = method(run.kind)
    model = run.located_model.id if run.located_model else None
    varies = found.varies(found.Config(**run.params))
    return {
        "run_id": run.run_id,
        "experiment": run.experiment,
        "request": run.request,
        "method": run.method,
        "kind": run.kind,
        "summary": found.summary,
        "role": run.role,
        "seed": run.seed,
        "params": run.params,
        "params_sha256": run.params_sha256,
        "identity": run.identity,
        "command": command,
        "changes": run.changes,
        "trained": found.trained,
        "deterministic": not varied(found, run.data.split, varies=varies, model=model),
    }
