"""A confusion matrix: what became of the texts of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bakeoff.report.figures.style import SMALL, styled
from bakeoff.report.text.language import numeral

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion", "slant"]


_NUMBERS_UP_TO = 8  # classes: with more, numbers do not fit their cells
_DARK = 0.55


@styled
def confusion(ax: Axes, counts: Sequence[Sequence[int]], *, names: Sequence[str], title: str) -> Axes:
    """Draw counts[gold][predicted], coloured by the share of the gold class (0 to 1), written as count and share."""
    table = np.asarray(counts, dtype=float)
    totals = table.sum(axis=1, keepdims=True)
    shares = np.divide(table, totals, out=np.zeros_like(table), where=totals > 0)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="equal")
    if len(names) <= _NUMBERS_UP_TO:
        _numbers(ax, table, shares)
    ax.set_xticks(range(len(names)), names, rotation=slant(names), rotation_mode="anchor",
                  ha="right" if slant(names) else "center")  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.set_title(title, loc="left", pad=4)
    return ax


def _numbers(ax: Axes, counts: npt.NDArray[np.float64], shares: npt.NDArray[np.float64]) -> None:
    small = SMALL if len(counts) <= 3 else SMALL - 2  # noqa: PLR2004 - classes
    for (gold, predicted), count in np.ndenumerate(counts):
        share = shares[gold, predicted]
        words = f"{numeral(f'{count:,.0f}')}\n{100 * share:.0f}\N{NO-BREAK SPACE}%"
        colour = "white" if share > _DARK else "#1a1a1a"
        ax.text(predicted, gold, words, ha="center", va="center", fontsize=small, color=colour)


def slant(names: Sequence[str]) -> int:
    """Return the rotation of the class names below: level while they are short."""
    return 0 if len(names) <= 3 and max(map(len, names)) <= 9 else 40  # noqa: PLR2004 - what fits one matrix's width
