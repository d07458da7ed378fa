"""Engines by the names that `bakeoff run --on` takes."""

from __future__ import annotations

import importlib

from bakeoff.errors import BadValue, UnknownName
from bakeoff.execution.engines.engine import Engine
from bakeoff.storage.mirror import Mirror

__all__ = ["ENGINES", "engine_named"]


ENGINES = {
    "ray": "bakeoff.execution.engines.ray_cluster:RayCluster",
}


def engine_named(name: str, *, jobs: int | None = None, mirror: Mirror | None = None) -> Engine:
    """Return an engine that has yet to be entered.

    name: of the table, with an address behind :// where it has any
    jobs: runs at a time (default: what it has room for); mirror: of a store that runs are kept in
    Raises UnknownName for another name, BadValue for an address that is none or a package that is missing.
    """
    kind, separator, address = name.partition("://")
    if kind not in ENGINES:
        raise UnknownName("--on", name, ENGINES, kind="engine")
    if separator and not address:
        raise BadValue("--on", f"{name!r} names no host", hint=f"write {kind}://HOST:PORT, or {kind} for one here")
    module, _, constant = ENGINES[kind].partition(":")
    engine: Engine = getattr(importlib.import_module(module), constant)(address, jobs=jobs, mirror=mirror)
    return engine
