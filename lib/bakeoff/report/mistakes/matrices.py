"""The figure of a report that shows what became of the texts of each class.

Bars by kind of error for two or three classes, a matrix per method for up to twelve, recall by class for more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bakeoff.report.figures.comparison import look
from bakeoff.report.figures.confusion import confusion, room_of, slant
from bakeoff.report.figures.labels import fit, fit_each, legend_below, text_size
from bakeoff.report.figures.style import (
    FAINT,
    SMALL,
    Mark,
    figure_of,
    label_grid,
    marks,
    name_room,
    new_axes,
    new_grid,
    of_method,
    styled,
)
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.pages.svg import page_width
from bakeoff.report.tables.confused import MOST_CLASSES, shown_classes
from bakeoff.report.text.labels import shown_name
from bakeoff.report.text.language import msg, numeral, tr, trn
from bakeoff.report.text.numbers import whole
from bakeoff.study.collect import Collection, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion_figure", "summed"]

_TITLE = 1.3  # inches: the longest name of a method above a panel
_BAR, _ROW, _KIND, _NAME = 0.21, 0.17, 1.0, 1.9  # inches: a bar, a row of the legend, a class in it and beside axes
_FEW, _WORST = 3, 20  # classes: that have bars by kind of error, and that are shown of many
_BELOW, _BESIDE = 0.45, 0.9  # inches below and beside a grid that its cells have room for


@drawing(msg("confusion matrices"))
@styled
def confusion_figure(collection: Collection) -> Figure | None:
    """Draw one confusion matrix per declared method, summed over its seeds."""
    shown = [(row, summed(row)) for row in collection.rows if any(run.test for run in row.records)]
    if not shown:
        return None
    every: list[str] = list(next(run.test.per_class for run in shown[0][0].records if run.test))
    places = shown_classes([counts for _, counts in shown], classes=len(every))
    classes = [every[place] for place in places]
    if len(every) <= _FEW:
        return _error_bars(shown, every, look(collection))
    if len(every) > MOST_CLASSES:
        return _recalls(shown, every, look(collection))
    axes, marked = _matrices(len(shown), classes), look(collection)
    for ax, (row, counts) in zip(axes, shown, strict=True):
        confusion(ax, counts.tolist(), names=every, title=fit(row.name, room=_TITLE, size=8.5), shown=places)
        of_method(marked[row.method], ax)
    caption = tr("What the test texts of each true class (rows) were taken for, summed over seeds; shares of the row.")
    named = len(axes[0].get_yticks())
    if named < len(classes):
        caption += " " + tr(
            "Names beside the matrices: {named} of {classes} classes.", named=named, classes=len(classes)
        )
    number = trn("{number} method", "{number} methods", len(shown), number=whole(len(shown)))
    return Figure(
        figure_of(axes[0]),
        caption=caption,
        alt=tr("Confusion matrices of {methods} over {classes} classes.", methods=number, classes=whole(len(classes))),
        data=_cells([(row.name, counts) for row, counts in shown], every, places),
    )


Found = Sequence[tuple[Row, npt.NDArray[np.int64]]]


def _error_bars(shown: Found, classes: list[str], marked: Mapping[str, Mark]) -> Figure:
    """Draw which share of the test texts each method gets wrong, by kind of error, the fewest errors first."""
    kinds = [(true, given) for true in range(len(classes)) for given in range(len(classes)) if true != given]
    ranked = sorted(shown, key=lambda one: float(1 - np.trace(one[1]) / one[1].sum()))
    shares = {kind: [float(counts[kind] / counts.sum()) for _, counts in ranked] for kind in kinds}
    short = fit_each(classes, room=_KIND)
    names = [tr("{true} taken for {given}", true=short[true], given=short[given]) for true, given in kinds]
    colours = list(marks([str(kind) for kind in kinds]).values())
    across = min(2, len(kinds), int(page_width() / (2 * _KIND + 0.8)))
    legend = -(-len(kinds) // across) * _ROW
    shown_names = [fit(row.name, room=name_room(_TITLE)) for row, _ in ranked]
    left = 0.2 + max(text_size(name, unit=1.0)[0] for name in shown_names) / 72
    high = 0.62 + legend + _BAR * len(ranked)
    ax = new_axes(high, left=left, right=0.55)
    wide = page_width()
    ax.set_position((left / wide, (0.48 + legend) / high, 1 - (left + 0.55) / wide, _BAR * len(ranked) / high))
    before = np.zeros(len(ranked))
    for kind, mark in zip(kinds, colours, strict=True):
        long = 100 * np.asarray(shares[kind])
        bars = ax.barh(
            range(len(ranked)), long, left=before, height=0.66, color=mark.colour, edgecolor="white", linewidth=0.7
        )
        for (row, _), bar in zip(ranked, bars, strict=True):
            of_method(marked[row.method], bar)
        before += long
    ax.set_yticks(range(len(ranked)), shown_names)
    for place, (total, (row, _), label) in enumerate(zip(before, ranked, ax.get_yticklabels(), strict=True)):
        written = f"{numeral(f'{total:.1f}')}\N{NO-BREAK SPACE}%"
        of_method(marked[row.method], label, ax.annotate(
            written, (total, place), xytext=(3, 0), textcoords="offset points", va="center", fontsize=SMALL
        ))  # fmt: skip
    ax.set_ylim(len(ranked) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(tr("test texts that were given another class, %"))
    legend_below(
        ax,
        names,
        [Mark(mark.colour, "s") for mark in colours],
        room=min(2 * _KIND + 0.8, page_width() - 0.3),
        across=across,
    )
    number = trn("{number} method", "{number} methods", len(shown), number=whole(len(shown)))
    return Figure(
        figure_of(ax),
        caption=tr("Errors on test by kind, over all seeds; the fewest first."),
        alt=tr("Bars of the errors of {methods}, by true class and class given.", methods=number),
        data=_cells([(row.name, counts) for row, counts in ranked], classes, range(len(classes))),
    )


def _recalls(shown: Found, classes: list[str], marked: Mapping[str, Mark]) -> Figure:
    """Draw the recall of the classes that are found least often, all methods on one line for each."""
    sizes = [np.maximum(counts.sum(axis=1), 1) for _, counts in shown]
    found = np.array([np.diag(counts) / size for (_, counts), size in zip(shown, sizes, strict=True)])
    places = [int(place) for place in np.argsort(found.max(axis=0), kind="stable")[:_WORST]]
    across = min(int(page_width() / 1.5), len(shown))
    legend = -(-len(shown) // across) * _ROW
    high = 0.62 + legend + _BAR * len(places)
    words = fit_each([classes[place] for place in places], room=name_room(_NAME))
    left = 0.15 + max(text_size(word, unit=1.0)[0] for word in words) / 72
    ax = new_axes(high)
    wide = page_width()
    ax.set_position((left / wide, (0.48 + legend) / high, 1 - (left + 0.1) / wide, _BAR * len(places) / high))
    for line, place in enumerate(places):
        ax.plot([found[:, place].min(), found[:, place].max()], [line] * 2, color=FAINT, lw=0.7, zorder=1)
    for (row, _), recall in zip(shown, found, strict=True):
        mark = marked[row.method]
        shape: dict[str, Any] = {"ms": 4.8, "mfc": mark.colour, "mec": "white", "mew": 0.5, "zorder": 2}
        of_method(mark, *ax.plot(recall[places], range(len(places)), mark.marker, **shape))
    ax.set_yticks(range(len(places)), words)
    ax.set_ylim(len(places) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(-0.02, 1.02)
    ax.set_xlabel(tr("recall on test"))
    looks = [marked[row.method] for row, _ in shown]
    legend_below(ax, [shown_name(row) for row, _ in shown], looks, room=1.3, across=across)
    number = trn("{number} method", "{number} methods", len(shown), number=whole(len(shown)))
    flat = [(row.name, classes[place], float(recall[place]))
            for (row, _), recall in zip(shown, found, strict=True) for place in range(len(classes))]  # fmt: skip
    heads = (tr("method"), tr("class"), tr("recall on test"))
    return Figure(
        figure_of(ax),
        caption=tr("The classes that are found least often: recall by method, over all seeds."),
        alt=tr("Recall of {methods} on the {classes} classes found least often.", methods=number,
               classes=whole(len(places))),
        data={head: [one[at] for one in flat] for at, head in enumerate(heads)},
    )  # fmt: skip


def summed(row: Row) -> npt.NDArray[np.int64]:
    """Return counts[true][predicted] of a method's test texts, over all its finished runs."""
    total: npt.NDArray[np.int64] = np.sum([run.test.confusion for run in row.records if run.test], axis=0)
    return total


def _cells(
    found: Sequence[tuple[str, npt.NDArray[np.int64]]], names: Sequence[str], places: Sequence[int]
) -> dict[str, list[object]]:
    """Return the cells of the matrices as columns."""
    cells = [(name, names[true], names[given], int(counts[true, given]))
             for name, counts in found for true in places for given in places]  # fmt: skip
    heads = (tr("method"), tr("true class"), tr("predicted class"), tr("texts"))
    return {head: [cell[place] for cell in cells] for place, head in enumerate(heads)}


def _matrices(count: int, classes: list[str]) -> list[Axes]:
    """Return axes for matrices: the names beside and below get what they need, and the matrices keep their size."""
    columns, cell = 3, (2.1, 2.15)
    if len(classes) <= 3:  # noqa: PLR2004 - with more classes a cell needs more room
        columns, cell = 4, (1.58, 1.7)
    elif count <= 2 and len(classes) > 8:  # noqa: PLR2004 - room for more of the names
        columns, cell = 2, (3.0, 3.0)
    left, bottom = 0.3 + room_of(classes), 0.42 + math.sin(math.radians(slant(classes))) * room_of(classes)
    if page_width() < 2 * cell[0]:  # a narrow page: one below the other
        columns, cell = 1, (page_width(), page_width() - left + _BESIDE - 0.3)
        axes = new_grid(count, columns=1, cell=cell, more=(0.0, max(0.0, bottom - _BELOW)))
        label_grid(axes, xlabel=tr("predicted class"), ylabel=tr("true class"), left=left, bottom=bottom)
        return axes
    more = (max(0.0, left - (_BESIDE if count > 2 else _BELOW)), max(0.0, bottom - _BELOW))  # noqa: PLR2004
    axes = new_grid(count, columns=columns, cell=cell, more=more)
    label_grid(axes, xlabel=tr("predicted class"), ylabel=tr("true class"), left=left, bottom=bottom)
    return axes
