"""The table of methods by name; a method's file is imported when it is asked for."""

from __future__ import annotations

import importlib

from bakeoff.errors import UnknownName
from bakeoff.methods.base import Method
from bakeoff.system.workspace import PACKAGE

__all__ = ["TABLE", "method"]


TABLE: dict[str, str] = {
    file.stem: f"bakeoff.methods.{file.parent.name}.{file.stem}:{''.join(map(str.capitalize, file.stem.split('_')))}"
    for file in sorted((PACKAGE / "methods").glob("*/[!_]*.py"), key=lambda file: file.stem)
}
"""Kind -> module:Class. A file of a sub-package is one method: `linear_probe.py` holds `LinearProbe` of that kind."""


def method(kind: str, *, what: str = "method", where: str | None = None) -> type[Method]:
    """Return the method class called `kind`; raises UnknownName, which lists the known ones."""
    if kind not in TABLE:
        raise UnknownName(what, kind, TABLE, kind="method", where=where)
    module, _, name = TABLE[kind].partition(":")
    found: type[Method] = getattr(importlib.import_module(module), name)
    return found
