"""One method, one seed: from what was asked for to everything that can change its numbers.

A `Request` is what a person or a plan asks for; `resolve` turns it into a `Run`, whose identity is hashed into its
run id. The same request under the same experiment, data, model, code and libraries always gives the same id.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from bakeoff.errors import BadValue
from bakeoff.experiment import Data, Experiment, check_options
from bakeoff.method import Method
from bakeoff.sources import LocatedData, LocatedModel, locate_data, locate_model
from bakeoff.workspace import Workspace

__all__ = ["Request", "Role", "Run", "canonical", "differences", "resolve"]

Role = Literal["baseline", "candidate", "sweep"]
COMMON_LIBRARIES = ("datasets", "numpy", "pandas", "scikit-learn")
NEURAL_LIBRARIES = ("accelerate", "safetensors", "tokenizers", "torch", "transformers")


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

    params: every hyperparameter; identity: all that can change the numbers, nested; run_id: hashed from it
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

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def seed(self) -> int:
        return self.request.seed

    @property
    def role(self) -> Role:
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
    params = check_options(entry.name, found, {**entry.options, **request.overrides}, where=where)
    role: Role = "baseline" if found.baseline else request.role
    data = locate_data(experiment.data.source, workspace=workspace, where=where)
    model = locate_model(entry.model or experiment.model, workspace=workspace, where=where) if found.neural else None
    identity = {
        "method": {"kind": entry.kind, **params},
        "seed": request.seed,
        "role": role,
        "data": {"sha256": data.sha256, **experiment.data.model_dump(mode="json")},
        "model": {"id": model.id, "sha256": model.sha256} if model else None,
        "versions": _versions(found),
        "code": _code(found),
    }
    return Run(
        request=request.model_copy(update={"role": role}),
        experiment=experiment.name,
        kind=entry.kind,
        params=params,
        data=experiment.data,
        located_data=data,
        located_model=model,
        identity=identity,
        run_id=f"{entry.name}-s{request.seed}-{_sha256(identity)[:8]}",
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Say in words how two identities differ, one phrase each, empty where they are equal."""
    old, new = dict(_flat(before)), dict(_flat(after))
    phrases = []
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        if key.startswith("code."):
            phrases.append(f"code of {key.removeprefix('code.')} changed")
        elif key.endswith("sha256"):
            phrases.append(f"content of the {key.split('.')[0]} changed")
        else:
            phrases.append(f"{key.removeprefix('versions.')}: {_word(was)} is now {_word(now)}")
    return phrases


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
    own = f"tuning/methods/{found.__module__.rpartition('.')[2]}.py"
    shared = [*package.glob("tuning/*.py"), package / "tuning/methods/__init__.py", package / own]
    names = {path.relative_to(package).with_suffix("").as_posix(): path for path in shared}
    return {name.replace("/", "."): normalised_sha256(path) for name, path in sorted(names.items())}


@lru_cache
def normalised_sha256(path: Path) -> str:
    """Hash a source file without its comments, docstrings and layout, none of which can change a number."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(node.body) > 1:
                node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()
