"""Quality against what it costs: one point per method, the range over seeds as bars, baselines without cost lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bakeoff.report.figures.labels import Boxes, label_points, spread
from bakeoff.report.figures.style import FAINT, SMALL, Mark, figure_of, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Point", "tradeoff"]


_MOST_TICKS = 8


@dataclass(frozen=True)
class Point:
    """One method. quality, cost: a value per seed; no cost, or a cost of zero, makes it a reference line."""

    name: str
    quality: tuple[float, ...]
    cost: tuple[float, ...]
    mark: Mark

    @property
    def free(self) -> bool:
        """Without a place on the axis of costs."""
        return not self.cost or max(self.cost) <= 0

    @property
    def centre(self) -> tuple[float, float]:
        """Mean cost and mean quality."""
        return float(np.mean(self.cost)), float(np.mean(self.quality))


@styled
def tradeoff(
    ax: Axes, points: Sequence[Point], *, xlabel: str, ylabel: str, ticks: Mapping[float, str], log: bool
) -> Axes:
    """Draw quality (fractions, up) against cost (right); ticks: costs that may carry a number, and its text."""
    placed = [point for point in points if not point.free]
    lines = [point for point in points if point.free]
    for point in placed:
        _draw(ax, point)
    _scales(ax, points, log=log and bool(placed))
    _ticks(ax, ticks if placed else {})
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.grid(visible=False, axis="x")
    taken = _lines(ax, lines)
    label_points(
        ax,
        [point.centre for point in placed],
        [point.name for point in placed],
        avoid=np.vstack([taken, _bars(ax, placed)]),
    )
    return ax


def _draw(ax: Axes, point: Point) -> None:
    (x, y), colour = point.centre, point.mark.colour
    ax.plot([x, x], [min(point.quality), max(point.quality)], color=colour, lw=1.3, solid_capstyle="butt", zorder=2)
    ax.plot([min(point.cost), max(point.cost)], [y, y], color=colour, lw=1.3, solid_capstyle="butt", zorder=2)
    ax.plot(x, y, marker=point.mark.marker, ms=5.5, mfc=colour, mec="white", mew=0.7, ls="none", zorder=3)


def _scales(ax: Axes, points: Sequence[Point], *, log: bool) -> None:
    """Set limits that hold every mark with room for its label; a linear axis of costs begins at zero."""
    values = [value for point in points for value in point.quality]
    room = max(max(values) - min(values), 0.02) * 0.08
    top = max(values) + room
    ax.set_ylim(min(values) - room, min(top, 1.0 + room / 4) if max(values) <= 1 else top)
    costs = [cost for point in points if not point.free for cost in point.cost]
    if log:
        ax.set_xscale("log")
        width = max(np.log10(max(costs) / min(costs)), 1.0)
        ax.set_xlim(min(costs) / 10 ** (0.06 * width), max(costs) * 10 ** (0.1 * width))
    elif costs:
        ax.set_xlim(0, 1.12 * max(costs))


def _ticks(ax: Axes, ticks: Mapping[float, str]) -> None:
    """Write the ticks inside the limits, every second, third ... where there are too many."""
    low, high = ax.get_xlim()
    inside = [place for place in ticks if low <= place <= high]
    inside = inside[:: 1 + (len(inside) - 1) // _MOST_TICKS] if inside else []
    ax.set_xticks(inside, [ticks[place] for place in inside])
    ax.set_xticks([], minor=True)


def _lines(ax: Axes, lines: Sequence[Point]) -> Boxes:
    """Draw baselines across, named at the right margin; return the boxes (pixels) they take up."""
    low, high = ax.get_ylim()
    height = ax.get_window_extent().height
    text = 1.35 * SMALL * figure_of(ax).dpi / 72 / height * (high - low)
    levels = [float(np.mean(line.quality)) for line in lines]
    for line, level, y in zip(lines, levels, spread(levels, gap=text, low=low, high=high), strict=True):
        ax.axhline(level, color=line.mark.colour, lw=1, ls=(0, (4, 2)), zorder=1)
        ax.annotate(
            line.name, (1, level), xycoords=("axes fraction", "data"), xytext=(1.025, y),
            textcoords=("axes fraction", "data"), va="center", ha="left", fontsize=SMALL, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": FAINT, "lw": 0.5, "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)},
        )  # fmt: skip
    frame = ax.get_window_extent()
    boxes = [[frame.x0, y - 2, frame.x1, y + 2] for y in (ax.transData.transform((1, level))[1] for level in levels)]
    return np.asarray(boxes, dtype=float).reshape(-1, 4)


def _bars(ax: Axes, points: Sequence[Point]) -> Boxes:
    """Return the boxes (pixels) of the bars that show the range over seeds."""
    boxes = []
    for point in points:
        x, y = point.centre
        corners = [(x, min(point.quality)), (x, max(point.quality)), (min(point.cost), y), (max(point.cost), y)]
        (_, bottom), (_, top), (left, _), (right, _) = ax.transData.transform(corners)
        cx, cy = ax.transData.transform((x, y))
        boxes += [[cx - 1, bottom, cx + 1, top], [left, cy - 1, right, cy + 1]]
    return np.asarray(boxes, dtype=float).reshape(-1, 4)
