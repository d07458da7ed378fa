"""Text in csv files that no spreadsheet takes for a formula: an apostrophe goes before it."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_text", "csv_of", "guarded", "unguarded", "with_columns"]


MARKS = frozenset("=+-@\t\r")
"""What a cell begins with that a spreadsheet may run (OWASP, CSV injection)."""
GUARD = "'"


def as_text(value: Any) -> Any:
    """Return a cell as it is, a text that begins like a formula with an apostrophe before it."""
    return GUARD + value if isinstance(value, str) and value[:1] in MARKS else value


def guarded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with every text cell and column name as `as_text` gives it; numbers stay numbers."""
    texts = [name for name, kind in frame.dtypes.items() if kind.kind not in "biuf"]
    found = with_columns(frame, {name: frame[name].map(as_text) for name in texts})
    return found.rename(columns=as_text)


def with_columns(frame: pd.DataFrame, columns: Mapping[Any, pd.Series]) -> pd.DataFrame:
    """Return a table with other columns in the place of some: `assign`, for any names, `self` among them."""
    found = frame.copy(deep=False)
    for name, column in columns.items():
        found[name] = column
    return found


def csv_of(frame: pd.DataFrame) -> str:
    """Return the csv of a table, guarded: the one way in which csv is written."""
    lines = _Lines()
    guarded(frame).to_csv(lines, index=False, lineterminator="\r\n")
    return lines.getvalue()


class _Lines(io.StringIO):
    """Takes rows that end in both signs of a new line, so that Python's csv quotes fields with either; keeps one."""

    def write(self, row: str) -> int:
        """Write a row, which the csv module hands over whole."""
        return super().write(row.removesuffix("\r\n") + "\n")


def unguarded(value: str, known: Collection[str]) -> str:
    """Return a text of a csv file without the apostrophe, where only that makes it one of those that are known.

    known: with or without what is blank at their ends
    """
    bare = value.removeprefix(GUARD)
    if value in known or bare[:1] not in MARKS:
        return value
    return next((one for one in (bare, bare.strip()) if one in known), value)
