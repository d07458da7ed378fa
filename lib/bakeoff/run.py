"""One method, one seed: from what was asked for to everything that can change its numbers.

A `Request` is what a person or a plan asks for; `resolve` turns it into a `Run`, whose identity is hashed into its
run id. The same request under the same experiment, data, model, code and libraries always gives the same id.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from bakeoff.bases import LocatedModel, locate_model
from bakeoff.entry import check_options
from bakeoff.errors import BadValue
from bakeoff.experiment import Data, Experiment
from bakeoff.method import Method, method
from bakeoff.sources import LocatedData, locate_data
from bakeoff.workspace import Workspace

__all__ = ["Request", "Role", "Run", "about", "canonical", "changes_between", "differences", "resolve"]

Role = Literal["baseline", "candidate", "sweep"]
COMMON_LIBRARIES = ("datasets", "numpy", "pandas", "scikit-learn")
NEURAL_LIBRARIES = ("accelerate", "mamba-ssm", "mambapy", "safetensors", "tokenizers", "torch", "transformers")


class Request(BaseModel):
    """What is asked for, in the words of the experiment file.

    method: name of an entry; overrides: hyperparameters that differ from the entry (a sweep's value among them)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    seed: int
    role: Role = "candidate"
    overrides: dict[str, Any] = {}


class Run(BaseModel):
    """A request with everything settled.

    params: every hyperparameter; identity: all that can change the numbers, nested; run_id: hashed from it;
    changes: the experiment's from the command line, which matter only through the values they lead to
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
        return _sha256({"kind": self.kind, "params": self.params, "model": self.identity["model"]})


def resolve(request: Request, experiment: Experiment, *, workspace: Workspace) -> Run:
    """Settle a request; raises InputError for a value or name that cannot be used.

    A hyperparameter the entry sweeps has to be fixed by `overrides`.
    """
    entry = experiment.entry(request.method)
    found = entry.method
    where = workspace.relative(experiment.file)
    open_keys = sorted(set(entry.sweep) - set(request.overrides))
    if open_keys:
        raise BadValue(f"methods.{entry.name}.{open_keys[0]}", "a sweep: name one of its values", where=where)
    params = check_options(entry.name, found, {**entry.options, **request.overrides}, where=lambda _: where)
    # A yardstick's trial is a trial: it must not see the test texts, nor share a run id with the run it decides.
    role: Role = "baseline" if found.baseline and request.role == "candidate" else request.role
    place = experiment.place("data.source", file=where)
    data = locate_data(experiment.data.source, workspace=workspace, config=experiment.data.config, where=place)
    model = None
    if found.neural:
        place = experiment.place(f"methods.{entry.name}.model" if entry.model else "model", file=where)
        name, tokenizer = experiment.base_of(entry)
        model = locate_model(name, workspace=workspace, tokenizer=tokenizer, where=place)
    identity = {
        "method": {"kind": entry.kind, **params},
        "seed": request.seed,
        "role": role,
        "data": {"sha256": data.sha256, **experiment.data.model_dump(mode="json")},
        "model": _base(model) if model else None,
        "versions": _versions(found),
        "code": _code(found),
    }
    return Run(
        request=request.model_copy(update={"role": role, "overrides": {key: params[key] for key in request.overrides}}),
        experiment=experiment.name,
        kind=entry.kind,
        params=params,
        data=experiment.data,
        located_data=data,
        located_model=model,
        identity=identity,
        run_id=f"{entry.name}-s{request.seed}-{_sha256(identity)[:8]}",
        changes=experiment.changes,
    )


def _base(model: LocatedModel) -> dict[str, Any]:
    """Return what tells one base model from another; a tokenizer of its own is part of the model."""
    tree: dict[str, Any] = {"id": model.id, "sha256": model.sha256}
    if model.tokenizer:
        tree["tokenizer"] = {"id": model.tokenizer.id, "sha256": model.tokenizer.sha256}
    return tree


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Say in words how two identities differ, one phrase each, empty where they are equal."""
    phrases = []
    for key, was, now in changes_between(before, after):
        if key.startswith("code."):
            phrases.append(f"code of {key.removeprefix('code.')} changed")
        elif key.endswith("sha256"):
            phrases.append(f"content of the {key.split('.')[0]} changed")
        else:
            name = key.removeprefix("versions.").removeprefix("method.")
            phrases.append(f"{name}: {_word(was)} is now {_word(now)}")
    return phrases


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return key, value before and value after of what differs between two identities; None where it is not there."""
    old, new = dict(_flat(before)), dict(_flat(after))
    keys = sorted(old.keys() | new.keys())
    return [(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def about(run: Run, *, command: str) -> dict[str, Any]:
    """Return the fields of its record that are known before it starts: what it is, and the command that makes it."""
    found = method(run.kind)
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
        "deterministic": not found.seeded,
    }


def canonical(value: Any) -> str:
    """Spell a value as JSON in exactly one way."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _sha256(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _word(value: Any) -> str:
    return "unset" if value is None else str(value)


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _versions(found: type[Method]) -> dict[str, str | None]:
    libraries = (*COMMON_LIBRARIES, *(NEURAL_LIBRARIES if found.neural else ()), *found.libraries)
    return {name: _version(name) for name in sorted(set(libraries))}


@lru_cache
def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _code(found: type[Method]) -> dict[str, str]:
    """Hash the sources that can change this method's numbers: the shared tuning code and its own file."""
    package = Path(__file__).parent
    shared = [
        *package.glob("tuning/*.py"),
        *package.glob("tuning/methods/__init__.py"),
        package / "reporting/metrics.py",
    ]
    names = {path.relative_to(package).with_suffix("").as_posix().replace("/", "."): path for path in shared}
    names[found.__module__.removeprefix("bakeoff.")] = Path(str(sys.modules[found.__module__].__file__))
    return {name: normalised_sha256(path) for name, path in sorted(names.items())}


@lru_cache
def normalised_sha256(path: Path) -> str:
    """Hash a source file without its comments, docstrings and layout, none of which can change a number."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [item for item in body if not _is_text(item)] or [ast.Pass()]  # type: ignore[attr-defined]
    # unparsed rather than dumped: the names of tree nodes change from one Python to the next
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
