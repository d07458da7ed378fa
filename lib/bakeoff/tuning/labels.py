"""Turns a column of grades, names or codes into class numbers.

Imported by `data`; `rows`, `separated` and `hubtables` spell values with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment import Label

__all__ = ["classes_of", "spelled", "to_classes"]

MOST_NAMES = 12  # class names that an error lists


def to_classes(columns: dict[str, pd.Series], label: Label) -> tuple[tuple[str, ...], dict[str, pd.Series]]:
    """Return the class names and, per split, the class number of each row (float, NaN where there is none).

    columns: split -> values of the label column, missing ones as NaN or None
    Raises BadValue where values do not fit the bins, mapping or names; UnknownName for names the column lacks.
    """
    present = classes_of(value for column in columns.values() for value in _distinct(column, label))
    if label.bins is not None:
        names = label.names or ()
        return names, {split: _binned(column, label.bins) for split, column in columns.items()}
    if label.mapping is not None:
        return _mapped(columns, present, label)
    found = list(dict.fromkeys(spelled(value) for value in present))
    given = found if label.names is None else _by_name(found, present, label)
    number = {value: found.index(spelled(value)) for value in present}
    if label.names is not None and _same(label.names, found):
        spell = _spelling(found)
        order = [spell(name) for name in given]
        number = {value: order.index(spell(spelled(value))) for value in present}
    return tuple(given), {split: _numbered(column, number) for split, column in columns.items()}


def classes_of(values: Iterable[Any]) -> list[Any]:
    """Sort distinct values: numbers by size, anything else as text."""
    distinct = set(values)
    try:
        return sorted(distinct)
    except TypeError:
        return sorted(distinct, key=str)


def spelled(value: Any) -> str:
    """Spell a value as people write it: whole numbers without a point, though a column with one gap holds floats."""
    value = value.item() if isinstance(value, np.generic) else value
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _distinct(column: pd.Series, label: Label) -> Iterable[Any]:
    try:
        return column.dropna().unique()
    except TypeError:  # not hashable
        reason = f"column {label.column!r} holds lists or objects, which are not classes"
        raise BadValue("data.label.column", reason, hint="name a column with one value a row") from None


def _switch(name: str) -> str:
    """Spell true and false in one way: a file, pandas and YAML each have their own."""
    return name.capitalize() if name.lower() in ("true", "false") else name


def _spelling(found: list[str]) -> Callable[[str], str]:
    """Return `_switch`, or, where it would make one class of two, what leaves names as they are."""
    return _switch if len(set(map(_switch, found))) == len(found) else str


def _same(names: Iterable[str], found: list[str]) -> bool:
    spell = _spelling(found)
    return set(map(spell, names)) == set(map(spell, found))


def _numbered(column: pd.Series, number: dict[Any, int]) -> pd.Series:
    return column.map(number).astype(float)


def _binned(column: pd.Series, bins: tuple[float, ...]) -> pd.Series:
    grades = pd.to_numeric(column, errors="coerce")
    odd = column[grades.isna() & column.notna()]
    if len(odd):
        raise BadValue(
            "data.label.bins",
            f"{odd.iloc[0]!r} in column {column.name!r} is not a number",
            hint="use a mapping for names",
        )
    classes = np.digitize(grades.to_numpy(dtype=float), bins).astype(float)
    return pd.Series(classes, index=column.index).where(grades.notna())


def _mapped(
    columns: dict[str, pd.Series], present: list[Any], label: Label
) -> tuple[tuple[str, ...], dict[str, pd.Series]]:
    # A file may hold "5" where the experiment says 5: what is spelled the same is the same.
    mapping: dict[str, str | None] = {}
    for key, name in (label.mapping or {}).items():
        if mapping.setdefault(_switch(spelled(key)), name) != name:
            raise BadValue("data.label.mapping", f"{spelled(key)!r} stands in it twice, with different class names")
    for value in present:
        if _switch(spelled(value)) not in mapping:
            raise BadValue(
                "data.label.mapping",
                f"the value {spelled(value)!r} of column {label.column!r} is not in it",
                hint="map it to a class name, or to null to leave its rows out",
            )
    found = list(dict.fromkeys(name for name in mapping.values() if name is not None))
    names = found if label.names is None else list(label.names)
    for name in names:
        if name not in found:
            raise UnknownName("data.label.names", name, found, kind="class")
    _as_many(names, found)
    meant = {value: mapping[_switch(spelled(value))] for value in present}
    number = {value: names.index(meaning) for value, meaning in meant.items() if meaning is not None}
    return tuple(names), {split: _numbered(column, number) for split, column in columns.items()}


def _by_name(found: list[str], present: list[Any], label: Label) -> list[str]:
    """Apply `data.label.names` to raw values: an order where they are the same, new names for numbers by size."""
    names = list(label.names or ())
    if _same(names, found) and len(names) == len(found):
        return names
    if all(isinstance(value, Number | np.generic) and not isinstance(value, str) for value in present):
        _as_many(names, found)
        return names
    held = ", ".join(found[:MOST_NAMES]) or "nothing"
    raise BadValue(
        "data.label.names",
        f"{', '.join(names[:MOST_NAMES])} are not the values of column {label.column!r}, which holds {held}",
        hint="names give such values an order; `mapping` gives them other names",
    )


def _as_many(names: list[str], found: list[str]) -> None:
    if len(names) != len(found) or len(set(names)) != len(names):
        listed = ", ".join(found[:MOST_NAMES])
        raise BadValue("data.label.names", f"{len(names)} names for {len(found)} classes ({listed})")
