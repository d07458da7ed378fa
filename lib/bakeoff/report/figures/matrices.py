"""The figure of a report that shows what became of the texts of each class, one matrix per method."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bakeoff.report.figures.confusion import confusion, cut_classes, room_of, slant
from bakeoff.report.figures.labels import fit
from bakeoff.report.figures.style import figure_of, label_grid, new_grid, styled
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.tables.confused import shown_classes
from bakeoff.report.text.labels import shown_name
from bakeoff.report.text.language import msg, tr, tr_in
from bakeoff.report.text.numbers import fraction
from bakeoff.study.collect import Collection, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bakeoff.runs.record import Quality

__all__ = ["confusion_figure"]

_TITLE = 1.3  # inches: the longest name of a method above a panel
_BELOW, _BESIDE = 0.45, 0.9  # inches below and beside a grid that its cells have room for


@drawing(msg("confusion matrices"))
@styled
def confusion_figure(collection: Collection) -> Figure | None:
    """Draw one confusion matrix per declared method, of its first finished seed."""
    shown = [(row, run.seed, run.test) for row in collection.rows for run in row.records[:1] if run.test]
    if not shown:
        return None
    every = list(shown[0][2].per_class)
    places = shown_classes([np.asarray(quality.confusion) for _, _, quality in shown], classes=len(every))
    classes = [every[place] for place in places]
    axes = _matrices(len(shown), classes)
    for ax, (row, _, quality) in zip(axes, shown, strict=True):
        confusion(ax, quality.confusion, names=every, title=fit(row.name, room=_TITLE, size=8.5), shown=places)
    words = [f"{shown_name(row)}: {_recalls(quality, every)}" for row, _, quality in shown]
    caption = tr(
        "Confusion matrices on test, one run per method ({seeds}): number of texts and its share of the true "
        "class; the darker, the larger the share.",
        seeds=_seeds_shown(shown),
    )
    caption += cut_classes(len(classes), of=len(every))
    named = len(axes[0].get_yticks())
    if named < len(classes):
        caption += " " + tr(
            "Names beside the matrices: {named} of {classes} classes.", named=named, classes=len(classes)
        )
    return Figure(
        figure_of(axes[0]),
        caption=caption,
        alt=tr("Share of each class found. {words}", words="; ".join(words) + "."),
    )


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


def _seeds_shown(shown: list[tuple[Row, int, Quality]]) -> str:
    """Say which seeds the runs shown have: most often the same for all."""
    usual = shown[0][1]
    others = [f"{row.name}: {seed}" for row, seed, _ in shown if seed != usual]
    if not others:
        return tr("seed {seed}", seed=usual)
    return tr("seed {seed}, but {others}", seed=usual, others=", ".join(others))


def _recalls(quality: Quality, classes: list[str]) -> str:
    shares = [f"{name} {fraction(quality.per_class[name]['recall'])}" for name in classes]
    return tr_in("between numbers", ", ").join(shares)
