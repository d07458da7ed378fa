"""What can change a run's numbers: libraries, base model and source code, hashed; and what changed between two."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bakeoff.methods.base import Method
from bakeoff.methods.own import brought_by
from bakeoff.methods.registry import TABLE
from bakeoff.metrics.classification import METRICS
from bakeoff.metrics.own import metric_sources
from bakeoff.models.sources import LocatedModel
from bakeoff.runs.definitions import definitions_sha256
from bakeoff.system.digests import canonical_sha256
from bakeoff.system.workspace import PACKAGE

__all__ = [
    "NEURAL_LIBRARIES",
    "ROOMS",
    "base_identity",
    "changes_between",
    "code_hashes",
    "covered",
    "differences",
    "installed",
    "library_versions",
    "metric_sha256",
]

COMMON_LIBRARIES = ("datasets", "numpy", "pandas", "scikit-learn")
ROOMS = ("data", "metrics", "models", "methods", "training")
"""Rooms whose source can change a run's numbers."""
BESIDE = ("bakeoff/metrics/__init__.py", "bakeoff/training/progress.py", "bakeoff/training/cost.py")
"""Files of these rooms that cannot: what is shown, and what is measured beside the training."""
NEURAL_LIBRARIES = ("accelerate", "mamba-ssm", "mambapy", "safetensors", "tokenizers", "torch", "transformers")


def base_identity(model: LocatedModel) -> dict[str, Any]:
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


def _word(value: Any) -> str:
    return "unset" if value is None else str(value)


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def library_versions(found: type[Method]) -> dict[str, str | None]:
    """Return the versions of the libraries that can change a method's numbers; None for one that is absent."""
    own = brought_by(found)
    libraries = (*COMMON_LIBRARIES, *(NEURAL_LIBRARIES if found.neural else ()), *found.libraries)
    libraries += (own.distribution,) if own and own.distribution else ()
    return {name: installed(name) for name in sorted(set(libraries))}


@lru_cache
def installed(distribution: str) -> str | None:
    """Return the version of a distribution, None where it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def code_hashes(found: type[Method]) -> dict[str, str]:
    """Hash the sources that can change this method's numbers, by room, and its own file.

    Of a method of the user's own, its module with what that imports of the workspace, and the methods it builds on.
    Only definitions count: not their file or its name, comments, docstrings, layout, or where names of bakeoff are
    imported from. So a definition that moves within its room costs nobody a run.
    """
    files, own = _method_files(found), brought_by(found)
    method = _together(files, own=own.sources if own else ())
    return {room: _together(_sources(room)) for room in ROOMS} | {f"method {found.kind}": method}


def metric_sha256(name: str) -> str | None:
    """Hash the source of a metric of the user's own; None for one of bakeoff's.

    No run records such a metric, so none is made anew where it changes: choices of sweeps and reports are.
    """
    sources = metric_sources(name, METRICS)
    return _together([], own=sources) if sources else None


def covered(found: type[Method]) -> frozenset[Path]:
    """Return the source files of bakeoff whose definitions `code_hashes` counts for a method."""
    return frozenset({*_method_files(found), *(path for room in ROOMS for path in _sources(room))})


def _method_files(found: type[Method]) -> list[Path]:
    """Return the files of bakeoff's single methods that a method is made of: its own, or those that the user's uses."""
    own = brought_by(found)
    modules = {entry.partition(":")[0] for entry in TABLE.values()} & own.imports if own else {found.__module__}
    return [Path(str(sys.modules[name].__file__)) for name in sorted(modules)]


@lru_cache
def _sources(room: str) -> list[Path]:
    """Return the files of a room, of `methods` without the files of single methods."""
    single = {f"{entry.partition(':')[0].replace('.', '/')}.py" for entry in TABLE.values()}
    found = (PACKAGE / room).rglob("*.py")
    return sorted(path for path in found if path.relative_to(PACKAGE.parent).as_posix() not in {*single, *BESIDE})


def _together(paths: Iterable[Path], *, own: Iterable[Path] = ()) -> str:
    """Hash definitions, whatever file they are in. own: of the user's own, read anew where they have changed."""
    hashes = [sha for path in paths for sha in definitions_sha256(path)]
    for path in own:
        hashes += definitions_sha256(path, path.stat().st_mtime_ns, path.stat().st_size)
    return canonical_sha256(sorted(hashes))
