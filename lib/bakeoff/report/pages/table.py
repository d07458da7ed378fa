"""Tables: one definition, shown in Jupyter, HTML, PDF and the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from bakeoff.report.pages.markdown import landscape, link_inside
from bakeoff.report.pages.pictures import Picture
from bakeoff.report.text.escape import (
    MISSING,
    clean,
    escape_html,
    escape_latex,
    escape_markdown,
    in_a_line,
    typst_string,
)
from bakeoff.report.text.language import language, language_attribute, words
from bakeoff.report.text.numbers import Number
from bakeoff.system.digests import canonical

__all__ = ["Anchors", "Looks", "Source", "Table", "table_html", "table_typst"]


@dataclass(frozen=True)
class Anchors:
    """Names to link to, other than any that a heading gets: of the table, and of each of its rows."""

    table: str | None = None
    rows: Sequence[str] = ()


@dataclass(frozen=True)
class Source:
    """Where a number was taken from: ids of runs, and the dotted path of what it is the mean of in their records.

    minus, plus: ids of the runs whose mean is taken off it, and of those that are added to it, each whole
    """

    runs: Sequence[str]
    path: str
    minus: Sequence[str] = ()
    plus: Sequence[str] = ()

    def attributes(self) -> str:
        """Return them as attributes of an HTML cell; none without runs."""
        if not self.runs:
            return ""
        sets = {"data-record": self.runs, "data-minus": self.minus, "data-plus": self.plus}
        ids = "".join(_attribute(name, " ".join(found)) for name, found in sets.items())
        return f"{ids}{_attribute('data-field', self.path)}"


@dataclass(frozen=True)
class Looks:
    """How a table looks beyond its cells, in HTML and on paper.

    rows: class names of each row (`level`, `baseline`); pictures: heading -> what is drawn beside its cells
    hints: heading -> what it means, told on hovering; script: what `report.js` needs to let the reader set limits
    wide: whether it takes the width of the page; sources: heading -> of each row, where its number was taken from
    """

    rows: Sequence[str] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    script: Mapping[str, object] = field(default_factory=dict)
    wide: bool = False
    sources: Mapping[str, Sequence[Source]] = field(default_factory=dict)


def _value(cell: object) -> float | None:
    """Return the number that a cell is, None of a text."""
    return cell.value if isinstance(cell, Number) else float(cell) if isinstance(cell, int | float) else None


def _is_numeric(texts: Sequence[str], values: Sequence[float | None]) -> bool:
    known = [value for text, value in zip(texts, values, strict=True) if text.split("\n")[0] != MISSING]
    return bool(known) and None not in known


class Table:
    """Rows and columns to show; a row's label is its heading.

    columns: heading -> cells: texts, numbers (of a `Number`, how it is written) and None for what is missing. In a
        column of numbers, what follows a line break is shown small below the number (say, the range below the mean)
    labels: heading of the rows' labels, and the labels; None where rows have none
    caption: one sentence naming what the table holds
    links: row label -> anchor in the report (say, a run id)
    anchors: under which the table and its rows can be linked to
    note: small print below the table
    sortable: let the reader of the HTML sort the rows by a column of numbers
    carried: MIME type -> what a notebook hands on to programs beside the table
    """

    def __init__(
        self,
        columns: Mapping[str, Iterable[object]],
        *,
        caption: str,
        labels: tuple[str, Sequence[str]] | None = None,
        links: Mapping[str, str] | None = None,
        anchors: Anchors | None = None,
        note: str | None = None,
        sortable: bool = False,
        carried: Mapping[str, object] | None = None,
    ) -> None:
        self.caption, self.note, self.sortable, self.links = caption, note, sortable, dict(links or {})
        self.anchors, self.language, self.labelled = anchors or Anchors(), language().code, labels is not None
        self.carried, self.looks = dict(carried or {}), Looks()
        given = [labels, *columns.items()] if labels else [*columns.items()]
        self.header = [clean(name) for name, _ in given]
        cells = [[MISSING if cell is None else cell for cell in column] for _, column in given]
        texts = [[clean(cell) for cell in column] for column in cells]
        self.rows = list(zip(*texts, strict=True))
        self.numbers = [[_value(cell) for cell in column] for column in cells]
        self.numeric = [*map(_is_numeric, texts, self.numbers)]

    def looking(self, looks: Looks) -> Self:
        """Give the table classes of rows, pictures beside cells and hints at headings; return it."""
        self.looks = looks
        return self

    def to_markdown(self) -> str:
        """Return a pipe table."""
        rule = ["--:" if numeric else ":--" for numeric in self.numeric]
        head, *body = [[escape_markdown(in_a_line(cell)) for cell in cells] for cells in [self.header, *self.rows]]
        return "".join(f"| {' | '.join(cells)} |\n" for cells in [head, rule, *body])

    def to_latex(self) -> str:
        """Return a LaTeX table for the booktabs package."""
        import pandas as pd

        style = pd.DataFrame(self.rows, columns=self.header).style.hide(axis="index")
        style = style.format(lambda cell: escape_latex(in_a_line(str(cell)))).format_index(escape_latex, axis="columns")
        align = "".join("r" if numeric else "l" for numeric in self.numeric)
        caption = escape_latex(self.caption)
        return str(style.to_latex(column_format=align, hrules=True, caption=caption, position_float="centering"))

    def __str__(self) -> str:
        """Return the table as a terminal shows it: columns in line, cells on one line."""
        rows = [[in_a_line(cell) for cell in cells] for cells in [self.header, *self.rows]]
        widths = [max(len(cells[place]) for cells in rows) for place in range(len(self.header))]
        lines = [
            "  ".join(
                cell.rjust(width) if numeric else cell.ljust(width)
                for cell, width, numeric in zip(cells, widths, self.numeric, strict=True)
            ).rstrip()
            for cells in rows
        ]
        return "\n".join([self.caption, "", *lines])

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        shown = {"text/html": table_html(self), "text/x-typst": table_typst(self), "text/plain": str(self)}
        return {**self.carried, **shown}


_LONG_NOTE = 120  # characters
_LONG_CELL = 40  # characters from which a cell keeps some width on a narrow screen
_LONG_WORD = 32  # characters from which the template lets a word break anywhere
_WIDEST = 60  # characters: a column of longer texts takes no more room for it
_GAP = 2  # characters' worth of space between columns
_PORTRAIT = 130  # characters of a row that fit across a portrait page in the smallest type


def table_html(table: Table) -> str:
    """Return a `<table>` in a box of its own to scroll in."""
    align = ["right" if numeric else "left" for numeric in table.numeric]
    hints = table.looks.hints
    head = "".join(
        f'<th scope="col" style="text-align:{side}"{_attribute("title", hints.get(name))}>{escape_html(name)}</th>'
        if name
        else "<td></td>"  # a heading without a word heads nothing
        for name, side in zip(table.header, align, strict=True)
    )
    kind = "report" + " labelled" * table.labelled + " sortable" * table.sortable + " wide" * table.looks.wide
    script = canonical(table.looks.script) if table.looks.script else None
    note = f"\n{_note_html(table)}" if table.note else ""
    return (
        f'<div class="scroll"{language_attribute(table.language)}{_attribute("id", table.anchors.table)} '
        f'role="region" tabindex="0" aria-label="{escape_html(table.caption)}">'
        f'<table class="{kind}"{_attribute("data-limits", script)}>\n'
        f"<caption><span>{escape_html(table.caption)}</span></caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{_html_body(table)}\n</tbody></table></div>{note}"
    )


def _note_html(table: Table) -> str:
    """Return the small print; that of a table below the first screen is folded where it is long."""
    text = escape_html(table.note or "")
    if table.looks.wide or len(text) <= _LONG_NOTE:
        return f'<p class="note">{text}</p>'
    head = escape_html(words(table.language)["reading"])
    return f'<details class="note"><summary>{head}</summary> <span>{text}</span></details>'


def _html_body(table: Table) -> str:
    rows = (
        "".join(_html_cell(table, place, cell, table.numbers[place][row], row=row) for place, cell in enumerate(cells))
        for row, cells in enumerate(table.rows)
    )
    kinds = [_attribute("class", kind) for kind in _row_kinds(table)]
    return "\n".join(
        f"<tr{_attribute('id', anchor)}{kind}>{cells}</tr>"
        for cells, anchor, kind in zip(rows, _row_anchors(table), kinds, strict=True)
    )


def _row_kinds(table: Table) -> Sequence[str]:
    return table.looks.rows or [""] * len(table.rows)


def _row_anchors(table: Table) -> Sequence[str | None]:
    return table.anchors.rows or [None] * len(table.rows)


def _attribute(name: str, value: str | None) -> str:
    return f' {name}="{escape_html(value)}"' if value else ""


def _html_cell(table: Table, place: int, cell: str, key: float | None, *, row: int) -> str:
    first, *more = cell.split("\n")
    shown = escape_html(first)
    if place == 0 and table.labelled:
        anchor = table.links.get(cell)
        shown = f'<a href="#{escape_html(anchor)}">{shown}</a>' if anchor else shown
        return f'<th scope="row" style="text-align:left">{shown}</th>'
    for line in more:
        shown += f"<br><small>{escape_html(line)}</small>" if table.numeric[place] else f"<br>{escape_html(line)}"
    side = "right" if table.numeric[place] else "left"
    if picture := table.looks.pictures.get(table.header[place]):
        shown = f'<span class="beside">{picture.html(row)}<span>{shown}</span></span>'
    long = ' class="long"' if len(first) > _LONG_CELL else ""
    order = f' data-key="{key!r}"' if key is not None else ""
    sources = table.looks.sources.get(table.header[place])
    source = sources[row].attributes() if sources else ""
    return f'<td{long} style="text-align:{side}"{order}{source}>{shown}</td>'


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
    longest = ", ".join(typst_string(_longest_word(table, place)) for place in range(len(table.header)))
    note = f"note: {typst_string(table.note)}, " if table.note else ""
    note += "gap: 5pt, " if table.looks.wide else ""
    rows = (
        ", ".join(
            _typst_cell(table, place, cell, row=row, mark=_mark(anchor) * (not place))
            for place, cell in enumerate(cells)
        )
        for row, (cells, anchor) in enumerate(zip(table.rows, _row_anchors(table), strict=True))
    )
    body = "".join(f"  {cells},\n" for cells in rows)
    call = (
        f"#report-table(caption: {typst_string(table.caption)}, {note}align: ({align},), wrapped: ({wrapped},), "
        f"header: ({head},), words: ({words},), longest: ({longest},),\n{body})"
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


def _longest_word(table: Table, place: int) -> str:
    return max((word for row in table.rows for word in row[place].split()), key=len, default="")[:_LONG_WORD]


def _typst_cell(table: Table, place: int, cell: str, *, row: int, mark: str) -> str:
    first, *more = cell.split("\n")
    shown = f"#{typst_string(first)}"
    if place == 0 and table.labelled and cell in table.links:
        shown = link_inside(table.links[cell], shown)
    for line in more:
        below = typst_string(line)
        shown += f"#linebreak()#text(size: 0.85em, {below})" if table.numeric[place] else f"#linebreak()#{below}"
    if picture := table.looks.pictures.get(table.header[place]):
        shown = f"#beside({picture.typst(row)})[{shown}]"
    kind = _row_kinds(table)[row]
    if place == 0 and "level" in kind:
        shown = f"#level[{shown}]"
    return f"[{mark}#muted-text[{shown}]]" if "baseline" in kind else f"[{mark}{shown}]"
