"""The two forms of a table that stand in a report: HTML and Typst; only `table` imports this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bakeoff.reporting.escape import escape_html, typst_string
from bakeoff.reporting.language import language_attribute
from bakeoff.reporting.markdown_typst import landscape, link_inside

if TYPE_CHECKING:
    from bakeoff.reporting.table import Table

__all__ = ["table_html", "table_typst"]

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
