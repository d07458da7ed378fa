"""The figure of a report that holds the declared metric against every cost: one row of panels on a common scale.

A line joins what no other method beats: nothing cheaper has a higher mean (the Pareto front of the means).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bakeoff.metrics.classification import metric_named
from bakeoff.report.figures.comparison import LOWER_ON_TEST, look
from bakeoff.report.figures.labels import legend_below
from bakeoff.report.figures.style import FAINT, Mark, figure_of, new_grid, of_method, styled, widen
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.pages.svg import page_width
from bakeoff.report.tables.limits import Column, costs, milliseconds
from bakeoff.report.tables.notes import apart_note
from bakeoff.report.text.labels import TIME, memory, metric_name, shown_name
from bakeoff.report.text.language import listed, msg, tr, trn
from bakeoff.report.text.numbers import duration, size, tick, whole
from bakeoff.study.collect import Collection, Row, costless, mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["costs_figure", "front"]


_HIGH, _ROW = 1.95, 0.17  # inches: the panels, and a row of the legend
_HEADED = 0.5  # inches: numbers and name of a cost below its panel
_LEAST_WIDE = 1.2  # inches: of a panel
_NAME = 1.15  # inches: the longest name in the legend
_BETWEEN = 0.55  # of an axis: room for a number
_NARROW = 0.4  # of an axis: costs that are nearer each other than that have one number
_UNITS: dict[Callable[[float | None], str], tuple[float, ...]] = {
    duration: (0.001, 1, 60, 3600), milliseconds: (1, 1000, 60_000, 3_600_000), size: (1, 2**10, 2**20, 2**30),
}  # fmt: skip
"""What numbers are written in; of others one."""
_LEADING = (
    (1,), (1, 3), (1, 2, 5), tuple(range(1, 10)), (1, 1.5, 2, 3, 5, 7), tuple(number / 2 for number in range(2, 20)),
    tuple(number / 10 for number in range(10, 100)),
)  # fmt: skip
"""Leading digits of round numbers, from the roundest on."""


@dataclass(frozen=True)
class _Spot:
    """A method in a panel: what it costs, and the metric of each seed."""

    name: str
    cost: float
    quality: tuple[float, ...]
    mark: Mark

    @property
    def mean(self) -> float:
        return float(np.mean(self.quality))


@drawing(msg("quality against cost"))
@styled
def costs_figure(collection: Collection) -> Figure | None:
    """Draw the declared metric on test against each cost; None where no method has both."""
    metric = collection.experiment.compare.metric
    rows = [row for row in collection.rows if row.quality(metric)]
    columns = [one for one in _shown(costs(collection)) if any(_spots(rows, one, collection))]
    if not columns:
        return None
    drawn = {spot.name for one in columns for spot in _spots(rows, one, collection)}
    rows = [row for row in rows if row.name in drawn]
    marked, sign = look(collection), metric_named(metric).sign
    legend = -(-len(rows) // _across(rows))
    wide = max(page_width() / len(columns), _LEAST_WIDE)
    side = int(page_width() / wide)
    axes = new_grid(len(columns), columns=side, cell=(wide, _HIGH), share=False, more=(0, _ROW * legend))
    _arrange(axes, legend, side)
    for ax, column in zip(axes, columns, strict=True):
        _panel(ax, _spots(rows, column, collection), column, sign=sign)
    _scale(axes, [value for row in rows for value in row.quality(metric)], sign=sign, across=side)
    on_test = "{metric} on test" if sign > 0 else LOWER_ON_TEST
    axes[0].set_ylabel(tr(on_test, metric=metric_name(metric)))
    looks = [marked[row.method] for row in rows]
    legend_below(axes[0], [shown_name(row) for row in rows], looks, room=_NAME, across=_across(rows))
    name = metric_name(metric)
    caption = tr(
        "{metric} on test against what a method takes. Bars: range over seeds. Line: nothing cheaper is better.",
        metric=_capital(name),
    )
    number = trn("{number} method", "{number} methods", len(rows), number=whole(len(rows)))
    return Figure(
        figure_of(axes[0]),
        caption=" ".join([caption, *apart_note(collection.rows, TIME.field, memory(collection).field)]),
        alt=tr("{metric} of {methods} against {costs}.", metric=_capital(name), methods=number,
               costs=listed([one.heading for one in columns])),
        data={tr("method"): [row.name for row in rows], name: [mean(row.quality(metric)) for row in rows],
              **{one.heading: [one.of(row) for row in rows] for one in columns}},
    )  # fmt: skip


def _shown(columns: Sequence[Column]) -> list[Column]:
    """Return the costs to draw: training with its search stands for training alone."""
    searched = any(one.heading == tr("with search") for one in columns)
    return [one for one in columns if not (searched and one.heading == tr("training"))]


def _spots(rows: Sequence[Row], column: Column, collection: Collection) -> list[_Spot]:
    metric, marked = collection.experiment.compare.metric, look(collection)
    found = [(row, column.of(row)) for row in rows if not costless(row)]
    return [_Spot(row.name, cost, tuple(row.quality(metric)), marked[row.method]) for row, cost in found if cost]


def front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the places of the points (cost, quality) that none beats in both, the cheapest first."""
    kept: list[int] = []
    for place in sorted(range(len(points)), key=lambda place: (points[place][0], -points[place][1])):
        if not kept or points[place][1] > points[kept[-1]][1]:
            kept.append(place)
    return kept


def _front(spots: Sequence[_Spot], sign: int) -> list[_Spot]:
    return [spots[place] for place in front([(one.cost, sign * one.mean) for one in spots])]


def _panel(ax: Axes, spots: Sequence[_Spot], column: Column, *, sign: int) -> None:
    best = _front(spots, sign)
    ax.plot([one.cost for one in best], [one.mean for one in best], color=FAINT, lw=0.9, drawstyle="steps-post")
    for one in spots:
        bar = ax.plot([one.cost] * 2, [min(one.quality), max(one.quality)], color=one.mark.colour, lw=1.1)
        dot = ax.plot(one.cost, one.mean, one.mark.marker, ms=4.8, mfc=one.mark.colour, mec="white", mew=0.5, zorder=3)
        of_method(one.mark, *bar, *dot)
    low, high = min(one.cost for one in spots), max(one.cost for one in spots)
    ax.set_xscale("log")
    wide = max(high / low, 2.0)
    ax.set_xlim(low / wide**0.12, high * wide**0.16)
    ax.set_xticks([], minor=True)
    if math.log(high / low) > _NARROW * math.log(wide):
        ticks = _ticks(low / wide**0.02, high / wide**0.08, column.form)
    else:  # room for one number
        ticks = _ticks(low / wide**0.1, high * wide**0.1, column.form)[:1]
    ax.set_xticks(ticks, [tick(column.form(place)) for place in ticks])
    ax.grid(visible=False, axis="x")
    ax.set_xlabel(column.heading)


def _ticks(low: float, high: float, form: Callable[[float | None], str]) -> list[float]:
    """Return two numbers between two others that are round as they are written, with room for both; or one, or none."""
    found: list[float] = []
    for leading in _LEADING:
        found = found[:1] or _round(low, high, form, leading)
        both = _round(low, high, form, leading)
        if both and math.log(both[-1] / both[0]) > _BETWEEN * math.log(high / low):
            return [both[0], both[-1]]
    return found[:1]


def _round(low: float, high: float, form: Callable[[float | None], str], leading: Sequence[float]) -> list[float]:
    """Return the numbers that begin so in the unit that they are written in."""
    found = set()
    for unit in _UNITS.get(form, (1,)):
        first, last = (math.floor(math.log10(end / unit)) for end in (low, high))
        for number in (digits * 10.0**power for power in range(first, last + 1) for digits in leading):
            shown = form(number * unit)
            if low <= number * unit <= high and "<" not in shown and _digits(shown) == _digits(f"{number:.10g}"):
                found.add(number * unit)
    return sorted(found)


def _digits(shown: str) -> str:
    """Return the digits of a number without zeros at its ends; a unit has none."""
    return re.sub(r"\D", "", shown).strip("0")


def _scale(axes: Sequence[Axes], values: Sequence[float], *, sign: int, across: int) -> None:
    room = 0.08 * max(max(values) - min(values), 0.02)
    ends = (min(values) - room, max(values) + room)
    for place, ax in enumerate(axes):
        ax.set_ylim(*ends[::sign])
        widen(ax)
        ax.tick_params(labelleft=place % across == 0)


def _across(rows: Sequence[Row]) -> int:
    return min(int(page_width() / _NAME), len(rows))


def _arrange(axes: Sequence[Axes], legend: int, across: int) -> None:
    """Leave room for the scale at the left, the names of the costs and the legend below."""
    figure = figure_of(axes[0])
    width, height = figure.get_size_inches()
    below = 0.5 + _ROW * legend
    figure.subplots_adjust(left=0.5 / width, right=1 - 0.05 / width, bottom=below / height, wspace=0.22)
    rows = -(-len(axes) // across)
    high = (height - below - 0.08) / rows
    figure.subplots_adjust(top=1 - 0.08 / height, hspace=_HEADED / (high - _HEADED) if rows > 1 else None)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
