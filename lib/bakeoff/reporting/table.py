"""A table with one content and several forms: HTML, Typst, CSV, Markdown, LaTeX, plain text.

Notebooks show a `Table` as the last value of a cell; the exporters pick the form they need. Nothing here knows what
the numbers mean. Only `reporting` and `notebook` import this.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bakeoff.reporting.escape import MISSING, clean, escape_latex, escape_markdown
from bakeoff.reporting.language import language
from bakeoff.reporting.table_pages import table_html, table_typst

__all__ = ["Anchors", "Table"]

Format = str | Callable[[Any], str]

_SIGN = r"[+\-\N{MINUS SIGN}\N{PLUS-MINUS SIGN}]?"
_LIMIT = r"[<>~\N{ALMOST EQUAL TO}]"
_STARTS = re.compile(rf"{_LIMIT}?\s?[(\[]?{_SIGN}\d")
_NUMBER = rf"[(\[]?{_SIGN}\d[\d.,]*(e{_SIGN}\d+)?(\N{{EN DASH}}{_SIGN}\d[\d.,]*)?[%\N{{MULTIPLICATION SIGN}}]?[)\],]*"
_UNIT = r"(%|[^\W\d]{1,3}|тыс\.|млрд|п\.)[)\],]*"
_PIECE = re.compile(rf"{_LIMIT}|{_NUMBER}|{_UNIT}")


def _reads_as_number(text: str) -> bool:
    """Tell whether a text is a number with what may stand by one: a sign, a unit, a range, an interval."""
    return bool(_STARTS.match(text)) and all(_PIECE.fullmatch(piece) for piece in text.split())


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _shown(value: object, form: Format | None) -> str:
    """Return the text of a cell: missing is a dash, a number without a format keeps four digits."""
    if _missing(value):
        return MISSING
    if callable(form):
        return clean(form(value))
    if form is not None:
        return format(value, form)
    return f"{value:.4g}" if isinstance(value, float) else clean(value)


@dataclass(frozen=True)
class Anchors:
    """Names to link to, other than any that a heading gets: of the table, and of each of its rows."""

    table: str | None = None
    rows: Sequence[str] = ()


class Table:
    """Rows and columns to show; a row's label is its heading.

    frame: what is shown; its index becomes the row headings unless it just counts. In a numeric cell, what follows
        a line break is shown small below the number (say, the range below the mean)
    caption: one sentence naming what the table holds
    values: the raw numbers behind it, for `to_csv` and, where a column has the same name, for sorting
    formats: column -> format specification or function
    links: row label -> anchor in the report (say, a run id)
    anchors: under which the table and its rows can be linked to
    note: small print below the table
    sortable: let the reader of the HTML sort the rows by a column
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        caption: str,
        values: pd.DataFrame | None = None,
        formats: Mapping[str, Format] | None = None,
        links: Mapping[str, str] | None = None,
        anchors: Anchors | None = None,
        note: str | None = None,
        sortable: bool = False,
    ) -> None:
        self.caption, self.note, self.sortable, self.links = caption, note, sortable, dict(links or {})
        self.anchors = anchors or Anchors()
        self.language = language().code
        self._values = frame if values is None else values
        self.labelled = not isinstance(frame.index, pd.RangeIndex)
        forms = dict(formats or {})
        columns = [
            [_shown(value, forms.get(str(name))) for value in frame.iloc[:, place].tolist()]
            for place, name in enumerate(frame.columns)
        ]
        names = [str(name) for name in frame.columns]
        if self.labelled:
            columns.insert(0, [clean(label) for label in frame.index])
            names.insert(0, str(frame.index.name or ""))
        self.header, self.rows = [clean(name) for name in names], list(zip(*columns, strict=True))
        self.numeric = [self._is_numeric(column, first=not place) for place, column in enumerate(columns)]

    def _is_numeric(self, column: list[str], *, first: bool) -> bool:
        if first and self.labelled:
            return False
        shown = [line for cell in column if (line := cell.split("\n")[0]) != MISSING]
        return bool(shown) and all(map(_reads_as_number, shown))

    def sort_keys(self, place: int) -> list[float | None]:
        """Return the numbers to sort a column by; None sorts last."""
        name = self.header[place]
        labels = place == 0 and self.labelled
        if labels or name not in self._values.columns or len(self._values) != len(self.rows):
            return [None] * len(self.rows)
        numbers = pd.to_numeric(self._values[name], errors="coerce").tolist()
        return [None if _missing(number) else float(number) for number in numbers]

    def to_csv(self) -> str:
        """Return the raw values as CSV."""
        return str(self._values.to_csv(index=not isinstance(self._values.index, pd.RangeIndex), lineterminator="\n"))

    def to_markdown(self) -> str:
        """Return a pipe table."""
        rule = ["--:" if numeric else ":--" for numeric in self.numeric]
        head, *body = [[escape_markdown(cell) for cell in cells] for cells in [self.header, *self.rows]]
        return "".join(f"| {' | '.join(cells)} |\n" for cells in [head, rule, *body])

    def to_latex(self) -> str:
        """Return a LaTeX table for the booktabs package."""
        lines = [" & ".join(map(escape_latex, cells)) + r" \\" for cells in [self.header, *self.rows]]
        align = "".join("r" if numeric else "l" for numeric in self.numeric)
        caption = escape_latex(self.caption)
        rows = "\n".join(lines[1:])
        return (
            "\\begin{table}\n\\centering\n"
            f"\\caption{{{caption}}}\n\\begin{{tabular}}{{{align}}}\n\\toprule\n{lines[0]}\n\\midrule\n"
            f"{rows}\n\\bottomrule\n\\end{{tabular}}\n\\end{{table}}\n"
        )

    def __str__(self) -> str:
        """Return the table as a terminal shows it: columns in line, cells on one line."""
        rows = [[" ".join(cell.split("\n")) for cell in cells] for cells in [self.header, *self.rows]]
        widths = [max(len(cells[place]) for cells in rows) for place in range(len(self.header))]
        lines = [
            "  ".join(
                cell.rjust(width) if numeric else cell.ljust(width)
                for cell, width, numeric in zip(cells, widths, self.numeric, strict=True)
            ).rstrip()
            for cells in rows
        ]
        return "\n".join([self.caption, "", *lines])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": table_html(self), "text/x-typst": table_typst(self), "text/plain": str(self)}
