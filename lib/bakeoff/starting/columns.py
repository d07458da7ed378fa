"""What one column of a table looks like: kind, distinct values, lengths. Reads values, keeps none.

Imported by `guess` and `survey`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

import pandas as pd

__all__ = ["Column", "Kind", "describe", "filled"]

Kind = Literal["date", "nested", "number", "text", "truth"]
DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}([T ].*)?")
SAMPLE = 5_000
MOSTLY = 0.9


@dataclass(frozen=True)
class Column:
    """One column in numbers.

    present: rows with a value that is not blank; distinct: different values among them; words, characters: mean per
    value, of a sample; these three are 0 where values are nested; ascends: numbers without a gap or a repetition, as
    row numbers are
    """

    name: str
    kind: Kind
    present: int
    missing: int
    distinct: int
    words: float
    characters: float
    ascends: bool

    @property
    def distinct_share(self) -> float:
        """Different values over values."""
        return self.distinct / max(1, self.present)


def describe(column: pd.Series) -> Column:
    """Look at a column; its name must be a str."""
    present = filled(column)
    kind = _kind(present)
    strings = [str(value) for value in present.head(SAMPLE)] if kind != "nested" else []
    numbers = present if kind == "number" else None
    return Column(
        name=str(column.name),
        kind=kind,
        present=len(present),
        missing=len(column) - len(present),
        distinct=0 if kind == "nested" else int(present.nunique()),
        words=fmean(len(value.split()) for value in strings) if strings else 0.0,
        characters=fmean(map(len, strings)) if strings else 0.0,
        ascends=numbers is not None and len(numbers) > 1 and bool((numbers.diff().dropna() == 1).all()),
    )


def filled(column: pd.Series) -> pd.Series:
    """Return the values that are there, blank strings left out; categories as the values they stand for."""
    present = column.dropna()
    if isinstance(present.dtype, pd.CategoricalDtype):
        present = present.astype(present.cat.categories.dtype)
    blank = present.map(lambda value: isinstance(value, str) and not value.strip())
    return present[~blank.astype(bool)] if len(present) else present


def _kind(present: pd.Series) -> Kind:
    if pd.api.types.is_bool_dtype(present):
        return "truth"
    if pd.api.types.is_numeric_dtype(present):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(present):
        return "date"
    # All of them: one list among strings is enough to make a column's values uncountable.
    if present.map(lambda value: isinstance(value, bytes) or pd.api.types.is_list_like(value)).any():
        return "nested"
    sample = present.head(SAMPLE)
    dates = sample.map(lambda value: DATE.fullmatch(str(value).strip()) is not None)
    return "date" if len(sample) and dates.mean() >= MOSTLY else "text"
