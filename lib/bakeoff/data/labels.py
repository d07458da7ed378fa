"""Turns a column of grades, names or codes into class numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from keyword import iskeyword
from numbers import Number
from statistics import median
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from bakeoff.data.schema import Data, Label
from bakeoff.errors import BadValue, NoRoom, UnknownName, shown

__all__ = ["classes_of", "one_kind", "one_label", "spelled", "to_classes", "with_names"]


MOST_NAMES = 12  # class names that an error lists
LONGEST = 40  # characters of a value that an error shows: the texts themselves are for nobody's log
MANY = 20  # values, most of them different, are texts
DECIMAL_COMMA = re.compile(r"[+-]?\d+(,\d+)?")
JOINERS, KNOWN = ",;|", 0.8  # of the parts of joined labels stand alone elsewhere
LIST = re.compile(r"\[.*\]")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})?")


def to_classes(columns: dict[str, pd.Series], label: Label) -> tuple[tuple[str, ...], dict[str, pd.Series]]:
    """Return the class names and, per split, the class number of each row (float, NaN where there is none).

    columns: split -> values of the label column, missing ones as NaN or None
    Raises BadValue where values do not fit the bins, mapping or names; UnknownName for names the column lacks.
    """
    present = classes_of(value for column in columns.values() for value in _distinct(column, label))
    if label.bins is not None:
        names = label.names or ()
        return names, _binned(columns, label, label.bins)
    if label.mapping is not None:
        return _mapped(columns, present, label)
    _refuse_texts(columns, label, long=False)
    for column in columns.values():
        one_kind(column, label.column)
    if label.names is None:
        _refuse_joined(pd.concat(list(columns.values())), label.column)
    if label.names is not None and not _same(label.names, list(map(spelled, present))):
        _refuse_texts(columns, label)
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


def one_label(column: pd.Series, name: str, *, strings: bool = False) -> pd.Series:
    """Return the labels of rows that hold lists of one label each, and other columns as they are.

    An empty list is no label. name: of the column, for errors; strings: look at lists that are written out, too
    Raises BadValue where rows have several labels.
    """
    listed = column.map(lambda value: isinstance(value, list | tuple | np.ndarray)).astype(bool)
    if not listed.any():
        if strings:
            _refuse_joined(column, name)
        return column
    many = int((column[listed].map(len) > 1).sum())
    if many:
        _refuse_several(name, many, hint="leave those rows out, or bring a column with one label a row")
    return column.map(lambda value: next(iter(value), None) if isinstance(value, list | tuple | np.ndarray) else value)


def _refuse_several(name: str, rows: int, *, hint: str, fix: tuple[str, str] | None = None) -> NoReturn:
    reason = f"column {name!r} holds several labels in {rows:,} rows, and methods are compared on one label a row"
    raise BadValue("data.label.column", reason, hint=hint, fix=fix)


def _refuse_joined(column: pd.Series, name: str) -> None:
    """Raise BadValue for strings that are lists of labels: `[0, 1]`, or `joy,anger` where joy and anger stand alone."""
    counts = Counter(value.strip() for value in column.dropna() if isinstance(value, str))
    lists = bool(counts) and all(map(LIST.fullmatch, counts))
    for separator in JOINERS:
        joined = [one for one in counts if separator in one]
        parts = [part.strip() for one in joined for part in one.split(separator)]
        alone = sum(part in counts for part in parts)
        if joined and (lists or (alone and alone >= KNOWN * len(parts))):
            hint = "{fix} keeps the rows with one; if these are classes, `mapping` or `names` says so"
            fix = ("data.where", f'"not contains({_in_condition(name)}, {separator!r})"')
            _refuse_several(name, sum(counts[one] for one in joined), hint=hint, fix=fix)


def one_kind(column: pd.Series, name: str) -> None:
    """Raise BadValue for values of two kinds that would be one class, such as 1 and "1" of JSON, or 1 and true.

    column: values that are hashable; name: of the column, for the error
    """
    if column.dtype != object:
        return
    kinds: dict[str, dict[type, Any]] = {}
    # By kind as well: to Python 1 and True are one value.
    for kind, value in dict.fromkeys((type(value), value) for value in column.dropna()):
        truth = issubclass(kind, bool | np.bool_)
        written = spelled(int(value) if truth else value)
        kinds.setdefault(written, {})[bool if truth else float if issubclass(kind, Number) else kind] = value
    for alike in kinds.values():
        if len(alike) > 1:
            first, then = (shown(repr(value), limit=LONGEST) for value in list(alike.values())[:2])
            reason = f"column {name!r} holds {first} and {then}, two values that would be one class"
            raise BadValue("data.label.column", reason, hint="write each class in one way")


def with_names(error: NoRoom, names: Sequence[str], data: Data) -> NoRoom:
    """Put the names of classes that a split has no room for into the error, and the line that leaves them out."""
    gone = [names[number] for number in error.classes]
    also = f", nor for {', '.join(repr(shown(name)) for name in gone[1:6])}" if gone[1:] else ""
    held = f"which has {error.held:,} of {error.total:,} texts"
    error.reason = f"{error.size:,} texts have no room for the class {shown(gone[0])!r}, {held}{also}"
    if data.label == Label(column=data.label.column) and data.where is None:
        error.hint = "draw more, set `stratify: false`, or leave out what is so rare: {fix}"
        error.fix = ("data.where", f'"{_in_condition(data.label.column)} not in {gone!r}"')
    return error


def _in_condition(column: str) -> str:
    return column if column.isidentifier() and not iskeyword(column) else f"`{column}`"


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


def _refuse_texts(columns: dict[str, pd.Series], label: Label, *, long: bool = True) -> None:
    """Raise BadValue for a column of texts: nearly all different or, where values are to be shown (long), not short."""
    values = [value for column in columns.values() for value in column.dropna() if isinstance(value, str)]
    distinct = set(values)
    different = len(distinct) > MANY and len(distinct) > len(values) / 2
    if different or (long and values and median(map(len, distinct)) > LONGEST):
        reason = f"column {label.column!r} holds texts, not classes"
        raise BadValue("data.label.column", reason, hint="name the column with the label or grade")


def _listed(names: Iterable[object]) -> str:
    return ", ".join(shown(name, limit=LONGEST) for name in list(names)[:MOST_NAMES])


def _binned(columns: dict[str, pd.Series], label: Label, bins: tuple[float, ...]) -> dict[str, pd.Series]:
    binned = {}
    for split, column in columns.items():
        grades = _grades(column)
        odd = column[grades.isna() & column.notna()]
        if len(odd):
            _refuse_texts(columns, label)
            value = shown(odd.iloc[0], limit=LONGEST)
            hint = "a decimal comma is one where all grades can have it, a point elsewhere" if "," in value else None
            reason = f"{value!r} in column {label.column!r} is not a number"
            raise BadValue("data.label.bins", reason, hint=hint or "use a mapping for names")
        classes = np.digitize(grades.to_numpy(dtype=float), bins).astype(float)
        binned[split] = pd.Series(classes, index=column.index).where(grades.notna())
    return binned


def _grades(column: pd.Series) -> pd.Series:
    """Return a column's numbers, NaN for what is none; a decimal comma is one where no grade speaks against it."""
    written = column.dropna().map(lambda value: str(value).strip())
    commas = written[written.str.contains(",", regex=False)] if len(written) else written
    fits = len(commas) and all(map(DECIMAL_COMMA.fullmatch, written))
    if fits and not all(map(THOUSANDS.fullmatch, commas)):
        column = written.str.replace(",", ".").reindex(column.index)
    return pd.to_numeric(column, errors="coerce")


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
            _refuse_texts(columns, label)
            written = shown(spelled(value), limit=LONGEST)
            hint = "map it to a class name, or to null to leave its rows out"
            if _is_key(value, label):
                hint = f"the file does not write it as YAML reads it: put {written!r} in quotes in the mapping"
            reason = f"the value {written!r} of column {label.column!r} is not in it"
            raise BadValue("data.label.mapping", reason, hint=hint)
    found = list(dict.fromkeys(name for name in mapping.values() if name is not None))
    names = found if label.names is None else list(label.names)
    for name in names:
        if name not in found:
            raise UnknownName("data.label.names", name, found, kind="class")
    _as_many(names, found)
    meant = {value: mapping[_switch(spelled(value))] for value in present}
    number = {value: names.index(meaning) for value, meaning in meant.items() if meaning is not None}
    return tuple(names), {split: _numbered(column, number) for split, column in columns.items()}


def _is_key(value: Any, label: Label) -> bool:
    """Return whether a mapping has a number as its key that a value is another spelling of."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return any(number == key for key in label.mapping or () if not isinstance(key, bool | str))


def _by_name(found: list[str], present: list[Any], label: Label) -> list[str]:
    """Apply `data.label.names` to raw values: an order where they are the same, new names for numbers by size."""
    names = list(label.names or ())
    if _same(names, found) and len(names) == len(found):
        return names
    if all(isinstance(value, Number | np.generic) and not isinstance(value, str) for value in present):
        _as_many(names, found)
        return names
    held = _listed(found) or "nothing"
    raise BadValue(
        "data.label.names",
        f"{', '.join(names[:MOST_NAMES])} are not the values of column {label.column!r}, which holds {held}",
        hint="names give such values an order; `mapping` gives them other names",
    )


def _as_many(names: list[str], found: list[str]) -> None:
    if len(names) != len(found) or len(set(names)) != len(names):
        raise BadValue("data.label.names", f"{len(names)} names for {len(found)} classes ({_listed(found)})")
