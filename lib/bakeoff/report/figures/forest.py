"""Differences to the reference method, with their intervals and the band within which none matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bakeoff.report.figures.style import FAINT, SMALL, Mark, styled
from bakeoff.report.text.numbers import interval, points, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Gap", "forest", "limits"]


_BAND = "#e8eef4"
_BEYOND = 1.5


@dataclass(frozen=True)
class Gap:
    """One method's difference to the reference, with its interval (fractions) and the verdict in words.

    yardstick: a baseline; one far off does not set the scale
    """

    name: str
    estimate: float
    low: float
    high: float
    verdict: str
    mark: Mark
    yardstick: bool = False


@styled
def forest(
    ax: Axes, gaps: Sequence[Gap], *, margin: float, xlabel: str, words: bool = True,
    scale_: tuple[float, float] | None = None,
) -> Axes:  # fmt: skip
    """Draw one line per gap, first on top, in the unit of differences.

    words: numbers and verdict stand to the right of `ax`; scale_: the least and the largest difference to be drawn.

    To the right is better: where the lower value is, the axis runs from positive to negative differences.
    """
    low, high = scale_ or limits(gaps, margin)
    ax.set_xlim(scale() * low, scale() * high)
    ax.set_ylim(len(gaps) - 0.4, -0.6)
    ax.axvspan(-abs(scale()) * margin, abs(scale()) * margin, color=_BAND, lw=0, zorder=0)
    ax.axvline(0, color=FAINT, lw=0.9, zorder=1)
    for place, gap in enumerate(gaps):
        _draw(ax, gap, place, low=low, high=high)
        if words:
            beside = f"{points(gap.estimate)} {interval(gap.low, gap.high)}, {gap.verdict}"
            ax.text(1.03, place, beside, transform=ax.get_yaxis_transform(), va="center", fontsize=SMALL)
    ax.set_yticks(range(len(gaps)), [gap.name for gap in gaps])
    ax.tick_params(axis="y", length=0, labelsize=8.5)
    ax.grid(visible=False, axis="y")
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(xlabel)
    return ax


def limits(gaps: Sequence[Gap], margin: float) -> tuple[float, float]:
    """Return limits that hold every candidate, and the baselines too unless they would dwarf the rest."""
    near = [gap for gap in gaps if not gap.yardstick] or list(gaps)
    low = min([-2 * margin, *(gap.low for gap in near)])
    high = max([2 * margin, *(gap.high for gap in near)])
    wide = high - low
    for gap in gaps:
        if gap.low > low - _BEYOND * wide and gap.high < high + _BEYOND * wide:
            low, high = min(low, gap.low), max(high, gap.high)
    room = 0.03 * (high - low)
    return low - room, high + room


def _draw(ax: Axes, gap: Gap, place: int, *, low: float, high: float) -> None:
    colour = gap.mark.colour
    if gap.estimate < low or gap.estimate > high:  # off the scale: an arrow says so, the number stands beside it
        edge, step = (low, 0.05) if gap.estimate < low else (high, -0.05)
        start = edge + step * (high - low)
        arrow = {"arrowstyle": "-|>", "color": colour, "lw": 1.4, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (scale() * edge, place), xytext=(scale() * start, place), arrowprops=arrow)
        return
    ax.plot(
        [scale() * min(max(end, low), high) for end in (gap.low, gap.high)],
        [place, place],
        color=colour,
        lw=1.8,
        solid_capstyle="butt",
        zorder=2,
    )
    ax.plot(scale() * gap.estimate, place, marker=gap.mark.marker, ms=6, mfc=colour, mec="white", mew=0.7, zorder=3)
