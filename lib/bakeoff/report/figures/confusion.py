"""A confusion matrix: what became of the texts of each class."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bakeoff.report.figures.labels import fit_each
from bakeoff.report.figures.style import SMALL, figure_of, styled
from bakeoff.report.text.language import numeral, tr

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion", "cut_classes", "room_of", "slant"]


_CELL = 0.36  # inches: the least side of a cell that has room for its numbers
_FEW = 3  # classes: names have room for a second line
_LINE = 1.1  # of the size of type
_ROOM = 1.3  # inches: the longest line of a name
_UPRIGHT = 90


@styled
def confusion(
    ax: Axes, counts: Sequence[Sequence[int]], *, names: Sequence[str], title: str, shown: Sequence[int] | None = None
) -> Axes:
    """Draw counts[gold][predicted], coloured by the share of the gold class (0 to 1), written as count and share.

    names: of all classes; shown: numbers of those that are drawn, None for all; shares are of all texts of a class
    """
    import seaborn as sns

    places = list(range(len(names)) if shown is None else shown)
    whole = np.asarray(counts, dtype=float)
    table, totals = whole[np.ix_(places, places)], whole.sum(axis=1, keepdims=True)[places]
    names = [names[place] for place in places]
    shares = np.divide(table, totals, out=np.zeros_like(table), where=totals > 0)
    written = _side(ax) / len(names) >= _CELL
    with _alone(ax):
        sns.heatmap(
            shares, ax=ax, cmap="Blues", vmin=0, vmax=1, square=True, cbar=False, xticklabels=False, yticklabels=False,
            annot=_numbers(table, shares) if written else False, fmt="", rasterized=not written,
            annot_kws={"fontsize": SMALL},
        )  # fmt: skip
    ticks = range(0, len(names), _step(ax, len(names)))
    words = fit_each(names, room=_ROOM, lines=2 if len(names) <= _FEW else 1)[:: ticks.step]
    turn = slant(names)
    middles = [place + 0.5 for place in ticks]
    ax.set_xticks(middles, words, rotation=turn, rotation_mode="anchor", ha="right" if turn else "center",
                  va="center" if turn == _UPRIGHT else "top")  # fmt: skip
    ax.set_yticks(middles, words, rotation=0)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.set_title(title, loc="left", pad=4)
    return ax


def cut_classes(shown: int, *, of: int) -> str:
    """Say, to be put behind a caption, which classes a matrix shows; nothing where it shows all."""
    if shown == of:
        return ""
    return " " + tr(
        "Of {every} classes the {classes} that were confused most often are shown.", every=of, classes=shown
    )


@contextmanager
def _alone(ax: Axes) -> Iterator[None]:
    """Hide the other panels: seaborn draws the whole figure each time, to see whether names overlap."""
    others = [other for other in figure_of(ax).axes if other is not ax and other.get_visible()]
    for other in others:
        other.set_visible(False)
    try:
        yield
    finally:
        for other in others:
            other.set_visible(True)


def _step(ax: Axes, count: int) -> int:
    """Return every how many classes one is named: each, where the names stand clear of one another."""
    return max(1, math.ceil(count * _LINE * SMALL / 72 / _side(ax)))


def _side(ax: Axes) -> float:
    """Return the shorter side of the axes in inches."""
    return float(min(ax.get_position().size * figure_of(ax).get_size_inches()))


def room_of(names: Sequence[str]) -> float:
    """Return the inches that the names of classes take beside a matrix: what they need, up to a limit."""
    return min(0.065 * max(map(len, names)), _ROOM)


def _numbers(counts: npt.NDArray[np.float64], shares: npt.NDArray[np.float64]) -> list[list[str]]:
    return [
        [f"{numeral(f'{count:,.0f}')}\n{100 * share:.0f}\N{NO-BREAK SPACE}%" for count, share in zip(*row, strict=True)]
        for row in zip(counts, shares, strict=True)
    ]


def slant(names: Sequence[str]) -> int:
    """Return the rotation of the class names below: level while they are short, upright where long."""
    longest = max(map(len, names))
    if longest <= 9:  # noqa: PLR2004 - what fits one matrix's width
        return 0 if len(names) <= _FEW else 40
    return _UPRIGHT
