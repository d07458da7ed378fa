"""Turns a column of grades, names or codes into class numbers.

Imported by `data`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment import Label

__all__ = ["classes_of", "to_classes"]


def to_classes(columns: dict[str, pd.Series], label: Label) -> tuple[tuple[str, ...], dict[str, pd.Series]]:
    """Return the class names and, per split, the class number of each row (float, NaN where there is none).

    columns: split -> values of the label column, missing ones as NaN or None
    Raises BadValue where values do not fit the bins, mapping or names; UnknownName for names the column lacks.
    """
    present = [value for column in columns.values() for value in column.dropna().unique()]
    if label.bins is not None:
        names = label.names or ()
        return names, {split: _binned(column, label.bins) for split, column in columns.items()}
    if label.mapping is not None:
        return _mapped(columns, present, label)
    values = classes_of(present)
    names = _named([str(_plain(value)) for value in values], label.names, by_order=True)
    number = {value: index for index, value in enumerate(values)}
    return names, {split: _numbered(column, number) for split, column in columns.items()}


def classes_of(values: Iterable[Any]) -> list[Any]:
    """Sort distinct values: numbers by size, anything else as text."""
    distinct = set(values)
    try:
        return sorted(distinct)
    except TypeError:
        return sorted(distinct, key=str)


def _plain(value: Any) -> Any:
    """Return Python's own value, whole numbers without a decimal point: a column with one gap holds floats."""
    value = value.item() if isinstance(value, np.generic) else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _numbered(column: pd.Series, number: dict[Any, int]) -> pd.Series:
    return pd.Series([number.get(value, np.nan) for value in column], index=column.index, dtype=float)


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
    mapping = label.mapping or {}
    for value in present:
        if value not in mapping:
            raise BadValue(
                "data.label.mapping",
                f"the value {_plain(value)!r} of column {label.column!r} is not in it",
                hint="map it to a class name, or to null to leave its rows out",
            )
    names = _named(
        list(dict.fromkeys(name for name in mapping.values() if name is not None)), label.names, by_order=False
    )
    number = {value: names.index(name) for value, name in mapping.items() if name is not None}
    return names, {split: _numbered(column, number) for split, column in columns.items()}


def _named(found: list[str], wanted: tuple[str, ...] | None, *, by_order: bool) -> tuple[str, ...]:
    """Apply `data.label.names`: new names in order for raw values, an order for names a mapping gives."""
    if wanted is None:
        return tuple(found)
    if len(set(wanted)) != len(found):
        raise BadValue("data.label.names", f"{len(wanted)} names for {len(found)} classes ({', '.join(found[:12])})")
    for name in () if by_order else wanted:
        if name not in found:
            raise UnknownName("data.label.names", name, found, kind="class")
    return wanted
