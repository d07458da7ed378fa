"""Differences to the reference method, with their intervals and the band within which none matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bakeoff.report.figures.style import FAINT, INK, SMALL, Mark, figure_of, of_method, styled
from bakeoff.report.pages.svg import page_width
from bakeoff.report.text.numbers import interval, points, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Gap", "forest", "join_rows", "joined_room", "limits"]


_BAND = "#e8eef4"
_BEYOND = 1.5
_BETWEEN, _MOST = 0.13, 0.2  # inches: from one line of a group to the next; of the page: all of them at most


@dataclass(frozen=True)
class Gap:
    """One method's difference to the reference, with its interval (fractions) and the verdict in words.

    yardstick: a baseline; one far off does not set the scale; held: what the others are held against
    """

    name: str
    estimate: float
    low: float
    high: float
    verdict: str
    mark: Mark
    yardstick: bool = False
    held: bool = False


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
            beside = gap.verdict if gap.held else f"{points(gap.estimate)} {interval(gap.low, gap.high)}, {gap.verdict}"
            text = ax.text(1.03, place, beside, transform=ax.get_yaxis_transform(), va="center", fontsize=SMALL)
            of_method(gap.mark, text)
    ax.set_yticks(range(len(gaps)), [gap.name for gap in gaps])
    for label, gap in zip(ax.get_yticklabels(), gaps, strict=True):
        of_method(gap.mark, label)
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
        of_method(gap.mark, ax.annotate("", (scale() * edge, place), xytext=(scale() * start, place), arrowprops=arrow))
        return
    if gap.held:
        of_method(gap.mark, *ax.plot(0, place, "o", ms=6, mfc="white", mec=INK, mew=1.0, zorder=3))
        return
    line = ax.plot(
        [scale() * min(max(end, low), high) for end in (gap.low, gap.high)],
        [place, place],
        color=colour,
        lw=1.8,
        solid_capstyle="butt",
        zorder=2,
    )
    dot = ax.plot(scale() * gap.estimate, place, gap.mark.marker, ms=6, mfc=colour, mec="white", mew=0.7, zorder=3)
    of_method(gap.mark, *line, *dot)


def joined_room(groups: Sequence[Sequence[int]]) -> float:
    """Return the inches that the lines of `join_rows` take; the more there are, the closer they stand."""
    return min(_BETWEEN * (len(groups) + 1), _MOST * page_width()) if groups else 0.0


def join_rows(ax: Axes, groups: Sequence[Sequence[int]], *, beyond: float) -> None:
    """Draw a line for each group of rows, with a dot at each of its members, `beyond` inches to the right of `ax`."""
    between = joined_room(groups) / (len(groups) + 1)
    wide = figure_of(ax).get_figwidth() * ax.get_position().width
    for number, rows in enumerate(groups):
        x = 1.02 + (beyond + between * number) / wide
        over: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "clip_on": False, "color": INK}
        ax.plot([x, x], [rows[0], rows[-1]], lw=1.4, solid_capstyle="butt", **over)
        ax.plot([x] * len(rows), rows, ls="", marker="o", ms=3.2, **over)
