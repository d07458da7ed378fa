"""Tables: one definition, shown in Jupyter, HTML, PDF and the terminal."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bakeoff.report.pages.markdown import landscape, link_inside
from bakeoff.report.text.escape import MISSING, clean, escape_html, escape_latex, escape_markdown, typst_string
from bakeoff.report.text.language import language, language_attribute

__all__ = ["Anchors", "Table", "table_html", "table_typst"]


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
        style = pd.DataFrame(self.rows, columns=self.header).style.hide(axis="index").format(escape_latex)
        style = style.format_index(escape_latex, axis="columns")
        align = "".join("r" if numeric else "l" for numeric in self.numeric)
        caption = escape_latex(self.caption)
        return str(style.to_latex(column_format=align, hrules=True, caption=caption, position_float="centering"))

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


_LONG_CELL = 40  # characters from which a cell keeps some width on a narrow screen
_LONG_WORD = 32  # characters from which the template lets a word break anywhere
_WIDEST = 60  # characters: a column of longer texts takes no more room for it
_GAP = 2  # characters' worth of space between columns
_PORTRAIT = 130  # characters of a row that fit across a portrait page in the smallest type


def table_html(table: Table) -> str:
    """Return a `<table>` in a box of its own to scroll in."""
    align = ["right" if numeric else "left" for numeric in table.numeric]
    head = "".join(
        f'<th scope="col" style="text-align:{side}">{escape_html(name)}</th>'
        for name, side in zip(table.header, align, strict=True)
    )
    kind = "report" + " labelled" * table.labelled + " sortable" * table.sortable
    note = f'\n<p class="note">{escape_html(table.note)}</p>' if table.note else ""
    return (
        f'<div class="scroll"{language_attribute(table.language)}{_id(table.anchors.table)} role="region" tabindex="0" '
        f'aria-label="{escape_html(table.caption)}">'
        f'<table class="{kind}">\n<caption><span>{escape_html(table.caption)}</span></caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{_html_body(table)}\n</tbody></table></div>{note}"
    )


def _html_body(table: Table) -> str:
    keys = [table.sort_keys(place) for place in range(len(table.header))]
    rows = (
        "".join(_html_cell(table, place, cell, keys[place][row]) for place, cell in enumerate(cells))
        for row, cells in enumerate(table.rows)
    )
    return "\n".join(f"<tr{_id(anchor)}>{cells}</tr>" for cells, anchor in zip(rows, _row_anchors(table), strict=True))


def _row_anchors(table: Table) -> Sequence[str | None]:
    return table.anchors.rows or [None] * len(table.rows)


def _id(anchor: str | None) -> str:
    return f' id="{escape_html(anchor)}"' if anchor else ""


def _html_cell(table: Table, place: int, cell: str, key: float | None) -> str:
    first, *more = cell.split("\n")
    shown = escape_html(first)
    if place == 0 and table.labelled:
        anchor = table.links.get(cell)
        shown = f'<a href="#{escape_html(anchor)}">{shown}</a>' if anchor else shown
        return f'<th scope="row" style="text-align:left">{shown}</th>'
    for line in more:
        shown += f"<br><small>{escape_html(line)}</small>" if table.numeric[place] else f"<br>{escape_html(line)}"
    side = "right" if table.numeric[place] else "left"
    long = ' class="long"' if len(first) > _LONG_CELL else ""
    order = f' data-key="{key!r}"' if table.sortable and key is not None else ""
    return f'<td{long} style="text-align:{side}"{order}>{shown}</td>'


def table_typst(table: Table) -> str:
    """Return a call of the template's `report-table`; where even single words do not fit, the page turns."""
    widths = [_widths(table, place) for place in range(len(table.header))]
    wrapped = ", ".join(
        f"{min(width, _WIDEST)}fr" if width > word and not numeric else "auto"
        for (width, word), numeric in zip(widths, table.numeric, strict=True)
    )
    align = ", ".join("right" if numeric else "left" for numeric in table.numeric)
    head = ", ".join(typst_string(name) for name in table.header)
    words = ", ".join(typst_string(max(name.split(), key=len, default="")) for name in table.header)
    note = f"note: {typst_string(table.note)}, " if table.note else ""
    rows = (
        ", ".join(_typst_cell(table, place, cell, mark=_mark(anchor) * (not place)) for place, cell in enumerate(cells))
        for cells, anchor in zip(table.rows, _row_anchors(table), strict=True)
    )
    body = "".join(f"  {cells},\n" for cells in rows)
    call = (
        f"#report-table(caption: {typst_string(table.caption)}, {note}align: ({align},), wrapped: ({wrapped},), "
        f"header: ({head},), words: ({words},),\n{body})"
        f"{f' #label({typst_string(table.anchors.table)})' if table.anchors.table else ''}"
    )
    return landscape(call) if sum(word + _GAP for _, word in widths) > _PORTRAIT else call


def _mark(anchor: str | None) -> str:
    """Return an invisible mark that can be linked to."""
    return f"#metadata(none)#label({typst_string(anchor)})" if anchor else ""


def _widths(table: Table, place: int) -> tuple[int, int]:
    """Return the characters a column's widest line has, and what it cannot do without: its longest word."""
    lines = [line for row in table.rows for line in row[place].split("\n")]
    heading = table.header[place].split()
    words = [*heading, *(lines if table.numeric[place] else (word for line in lines for word in line.split()))]
    return max([1, *map(len, [*heading, *lines])]), min(max([1, *map(len, words)]), _LONG_WORD)


def _typst_cell(table: Table, place: int, cell: str, *, mark: str) -> str:
    first, *more = cell.split("\n")
    shown = f"#{typst_string(first)}"
    if place == 0 and table.labelled and cell in table.links:
        shown = link_inside(table.links[cell], shown)
    for line in more:
        below = typst_string(line)
        shown += f"#linebreak()#text(size: 0.85em, {below})" if table.numeric[place] else f"#linebreak()#{below}"
    return f"[{mark}{shown}]"
