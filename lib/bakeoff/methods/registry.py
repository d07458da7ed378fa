"""The table of methods by name; a method's file is imported when it is asked for, one of the user's own as well."""

from __future__ import annotations

import importlib

from bakeoff.errors import UnknownName
from bakeoff.methods.base import Method
from bakeoff.methods.own import offers, own_method
from bakeoff.system.workspace import PACKAGE

__all__ = ["TABLE", "kinds", "method"]


TABLE: dict[str, str] = {
    file.stem: f"bakeoff.methods.{file.parent.name}.{file.stem}:{''.join(map(str.capitalize, file.stem.split('_')))}"
    for file in sorted((PACKAGE / "methods").glob("*/[!_]*.py"), key=lambda file: file.stem)
}
"""Kind -> module:Class. A file of a sub-package is one method: `linear_probe.py` holds `LinearProbe` of that kind."""


def kinds() -> list[str]:
    """Return the names of all methods but those of the workspace; raises BadValue where a package takes one of ours."""
    return sorted({*TABLE, *offers(tuple(TABLE))})


def method(kind: str, *, what: str = "method", where: str | None = None) -> type[Method]:
    """Return the method class called `kind`: of bakeoff, an installed package or, as `my_module:MyMethod`, one's own.

    Raises UnknownName, which lists the known ones, or BadValue for one of the user's own that is no method.
    """
    if kind not in TABLE:
        own = own_method(kind, tuple(TABLE), what=what, where=where)
        if own is None:
            raise UnknownName(what, kind, kinds(), kind="method", where=where)
        return own
    module, _, name = TABLE[kind].partition(":")
    found: type[Method] = getattr(importlib.import_module(module), name)
    return found
