"""The figure of a report that shows what became of the texts of each class, one matrix per method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bakeoff.report.figures.confusion import confusion, cut_classes, room_of, slant
from bakeoff.report.figures.labels import fit
from bakeoff.report.figures.style import figure_of, label_grid, new_grid, styled
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.tables.confused import shown_classes
from bakeoff.report.text.language import msg, tr, trn
from bakeoff.report.text.numbers import whole
from bakeoff.study.collect import Collection, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion_figure", "summed"]

_TITLE = 1.3  # inches: the longest name of a method above a panel
_BELOW, _BESIDE = 0.45, 0.9  # inches below and beside a grid that its cells have room for


@drawing(msg("confusion matrices"))
@styled
def confusion_figure(collection: Collection) -> Figure | None:
    """Draw one confusion matrix per declared method, summed over its seeds."""
    shown = [(row, summed(row)) for row in collection.rows if any(run.test for run in row.records)]
    if not shown:
        return None
    every = list(next(run.test.per_class for run in shown[0][0].records if run.test))
    places = shown_classes([counts for _, counts in shown], classes=len(every))
    classes = [every[place] for place in places]
    axes = _matrices(len(shown), classes)
    for ax, (row, counts) in zip(axes, shown, strict=True):
        confusion(ax, counts.tolist(), names=every, title=fit(row.name, room=_TITLE, size=8.5), shown=places)
    caption = tr("What the test texts of each true class (rows) were taken for, summed over seeds; shares of the row.")
    caption += cut_classes(len(classes), of=len(every))
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


def summed(row: Row) -> npt.NDArray[np.int64]:
    """Return counts[true][predicted] of a method's test texts, over all its finished runs."""
    return np.sum([run.test.confusion for run in row.records if run.test], axis=0, dtype=np.int64)


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
    more = (max(0.0, left - (_BESIDE if count > 2 else _BELOW)), max(0.0, bottom - _BELOW))  # noqa: PLR2004
    axes = new_grid(count, columns=columns, cell=cell, more=more)
    label_grid(axes, xlabel=tr("predicted class"), ylabel=tr("true class"), left=left, bottom=bottom)
    return axes
