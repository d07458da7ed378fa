"""A confusion matrix: what became of the texts of each class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bakeoff.report.figures.labels import fit_each
from bakeoff.report.figures.style import SMALL, figure_of, styled
from bakeoff.report.text.language import numeral

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion", "room_of", "slant"]


_NUMBERS_UP_TO = 8  # classes: with more, numbers do not fit their cells
_DARK = 0.55
_FEW = 3  # classes: names have room for a second line
_LINE = 1.1  # of the size of type
_ROOM = 1.3  # inches: the longest line of a name
_UPRIGHT = 90


@styled
def confusion(ax: Axes, counts: Sequence[Sequence[int]], *, names: Sequence[str], title: str) -> Axes:
    """Draw counts[gold][predicted], coloured by the share of the gold class (0 to 1), written as count and share."""
    table = np.asarray(counts, dtype=float)
    totals = table.sum(axis=1, keepdims=True)
    shares = np.divide(table, totals, out=np.zeros_like(table), where=totals > 0)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="equal")
    if len(names) <= _NUMBERS_UP_TO:
        _numbers(ax, table, shares)
    places = range(0, len(names), _step(ax, len(names)))
    shown = fit_each(names, room=_ROOM, lines=2 if len(names) <= _FEW else 1)[:: places.step]
    turn = slant(names)
    ax.set_xticks(places, shown, rotation=turn, rotation_mode="anchor", ha="right" if turn else "center",
                  va="center" if turn == _UPRIGHT else "top")  # fmt: skip
    ax.set_yticks(places, shown)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.set_title(title, loc="left", pad=4)
    return ax


def _step(ax: Axes, count: int) -> int:
    """Return every how many classes one is named: each, where the names stand clear of one another."""
    side = min(ax.get_position().size * figure_of(ax).get_size_inches())
    return max(1, math.ceil(count * _LINE * SMALL / 72 / float(side)))


def room_of(names: Sequence[str]) -> float:
    """Return the inches that the names of classes take beside a matrix: what they need, up to a limit."""
    return min(0.065 * max(map(len, names)), _ROOM)


def _numbers(ax: Axes, counts: npt.NDArray[np.float64], shares: npt.NDArray[np.float64]) -> None:
    small = SMALL if len(counts) <= 3 else SMALL - 2  # noqa: PLR2004 - classes
    for (gold, predicted), count in np.ndenumerate(counts):
        share = shares[gold, predicted]
        words = f"{numeral(f'{count:,.0f}')}\n{100 * share:.0f}\N{NO-BREAK SPACE}%"
        colour = "white" if share > _DARK else "#1a1a1a"
        ax.text(predicted, gold, words, ha="center", va="center", fontsize=small, color=colour)


def slant(names: Sequence[str]) -> int:
    """Return the rotation of the class names below: level while they are short, upright where long."""
    longest = max(map(len, names))
    if longest <= 9:  # noqa: PLR2004 - what fits one matrix's width
        return 0 if len(names) <= _FEW else 40
    return _UPRIGHT
