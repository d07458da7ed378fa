"""The figures of a report: each with its caption, and a text that says in words what it shows.

Takes the numbers from a collection and a comparison and hands them to the drawing modules beside it. A function returns
None where there is nothing to draw.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bakeoff.metrics.classification import METRICS, metric_named
from bakeoff.report.figures.curves import learning_curve, mean_curve, sweep_curve
from bakeoff.report.figures.forest import Gap, forest, limits
from bakeoff.report.figures.labels import fit
from bakeoff.report.figures.style import WIDTH, Mark, figure_of, label_grid, marks, new_axes, new_grid, styled
from bakeoff.report.figures.tradeoff import Point, tradeoff
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.text.labels import Quantity, metric_name, shown_name, verdict_words
from bakeoff.report.text.language import msg, numeral, tr, trn
from bakeoff.report.text.numbers import gap as gap_size
from bakeoff.report.text.numbers import whole
from bakeoff.stats.compare import Comparison, Pair
from bakeoff.study.collect import Collection, Row, costless
from bakeoff.study.sweeps import SweepResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes


__all__ = [
    "difference_axes",
    "difference_figure",
    "gaps_of",
    "histories",
    "learning_figure",
    "look",
    "points_of",
    "sweep_axes",
    "sweep_figure",
    "tradeoff_axes",
]

_NAME, _TITLE = 1.9, 1.3  # inches: the longest name of a method beside axes, and above a panel
_PANELS = 9  # of full size; more are smaller
_LINE, _FINDING = 0.23, 2.15  # inches: a line of the forest, and what stands beside it


def look(collection: Collection) -> dict[str, Mark]:
    """Return how each method looks, by its place in the experiment file; at declared settings, a star of its colour."""
    entries = collection.experiment.methods
    found = marks([name for name, entry in entries.items() if entry.default_of is None])
    stars = {name: replace(found[entry.default_of], marker="*") for name, entry in entries.items() if entry.default_of}
    return {name: found[name] if name in found else stars[name] for name in entries}


# quality against cost ----------------------------------------------------------------------------------------------


LOWER_ON_TEST = msg("{metric} on test (lower is better)")


def points_of(collection: Collection, quantity: Quantity) -> list[Point]:
    """Return a point for each declared method with a result."""
    metric = collection.experiment.compare.metric
    return [_point(row, metric, quantity, look(collection)) for row in collection.rows if row.quality(metric)]


def tradeoff_axes(ax: Axes | None, shown: list[Point], collection: Collection, quantity: Quantity) -> Axes | None:
    """Draw the points on `ax`, or on new Axes; None where there are none."""
    if not shown:
        return None
    metric, cost = collection.experiment.compare.metric, quantity.name
    on_test = "{metric} on test" if metric_named(metric).higher_is_better else LOWER_ON_TEST
    return tradeoff(
        ax or new_axes(3.0, right=_room([point.name for point in shown if point.free])),
        [replace(point, name=_short(point.name)) for point in shown],
        xlabel=tr("{quantity} (logarithmic scale)", quantity=cost) if quantity.logarithmic else cost,
        ylabel=tr(on_test, metric=metric_name(metric)),
        ticks={place: quantity.form(place).replace(numeral(".0"), "") for place in quantity.ticks},
        log=quantity.logarithmic,
    )


def _point(row: Row, metric: str, quantity: Quantity, marked: dict[str, Mark]) -> Point:
    cost = () if costless(row) else tuple(row.cost(quantity.field))
    return Point(shown_name(row), tuple(row.quality(metric)), cost, marked[row.method])


def _room(names: list[str]) -> float:
    """Return the inches that names to the right of the axes need."""
    return 0.15 + min(0.075 * max((len(name) for name in names), default=0), _NAME)


def _short(name: str) -> str:
    """Cut a method's name to the room a figure has for it; tables and alternative texts have the whole."""
    return fit(name, room=_NAME, size=8.5)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# differences -------------------------------------------------------------------------------------------------------


_AXES = {
    "pp": msg("difference to {reference}, pp"),
    "nats": msg("difference to {reference}, nats"),
    "": msg("difference to {reference}"),
}


@drawing(msg("differences to the reference"))
@styled
def difference_figure(collection: Collection, comparison: Comparison) -> Figure | None:
    """Draw each method's difference to the reference with its interval, and the band of no matter."""
    gaps = gaps_of(collection, comparison)
    zoomed = _zoomed(gaps, comparison)
    ax = _two_scales(gaps, zoomed, comparison) if zoomed else difference_axes(None, gaps, comparison)
    if ax is None:
        return None
    said: dict[str, object] = {"reference": comparison.reference, "metric": metric_name(comparison.metric)}
    number = trn("{number} method", "{number} methods", len(gaps), number=whole(len(gaps)))
    return Figure(
        figure_of(ax),
        caption=tr(
            "Difference to {reference} in {metric}, with {level} intervals. Band: up to {margin}, declared not to "
            "matter. Arrow: off the scale.",
            level=numeral(f"{100 * (1 - comparison.alpha):g}\N{NO-BREAK SPACE}%"), margin=gap_size(comparison.margin),
            **said,
        ),
        alt=tr("Difference of {methods} to {reference} in {metric}, each with its interval.", methods=number, **said),
        data={tr("method"): [gap.name for gap in gaps], tr("difference"): [gap.estimate for gap in gaps],
              tr("low"): [gap.low for gap in gaps], tr("high"): [gap.high for gap in gaps],
              tr("finding"): [gap.verdict for gap in gaps]},
    )  # fmt: skip


def gaps_of(collection: Collection, comparison: Comparison) -> list[Gap]:
    """Return a difference for each method that can be compared with the reference."""
    rows, marked = {row.name: row for row in collection.rows}, look(collection)
    return [gap for pair in comparison.against_reference if (gap := _gap(pair, rows, marked))]


def difference_axes(ax: Axes | None, gaps: list[Gap], comparison: Comparison, *, words: bool = True) -> Axes | None:
    """Draw the differences on `ax`, or on new Axes; None where there are none; words: numbers beside them."""
    if not gaps:
        return None
    label = _AXES[metric_named(comparison.metric).unit]
    return forest(
        ax or new_axes(0.72 + _LINE * len(gaps), left=0.1 + _room([gap.name for gap in gaps]), right=_FINDING),
        [replace(gap, name=_short(gap.name)) for gap in gaps],
        margin=comparison.margin,
        xlabel=tr(label, reference=_short(str(comparison.reference))),
        words=words,
    )


_APART = 3
"""Times the scale of the open differences from which one scale for all would hide them."""


def _zoomed(gaps: list[Gap], comparison: Comparison) -> tuple[float, float] | None:
    """Return a scale for the open differences, None where that of all differences shows them well enough."""
    open_ = [gap for gap in gaps if gap.low <= comparison.margin and gap.high >= -comparison.margin]
    if not open_:
        return None
    low, high = limits(open_, comparison.margin)
    least, most = limits(gaps, comparison.margin)
    return (low, high) if most - least > _APART * (high - low) else None


def _two_scales(gaps: list[Gap], zoomed: tuple[float, float], comparison: Comparison) -> Axes:
    """Draw all differences at the left, and at the right those near the margin, on a scale of their own."""
    right = _FINDING
    left = 0.1 + _room([gap.name for gap in gaps])
    high, split = 0.72 + _LINE * len(gaps), 0.2
    across = (WIDTH - left - right - split) / 2
    ax = new_axes(high, left=left, right=WIDTH - left - across)
    difference_axes(ax, gaps, comparison, words=False)
    near = figure_of(ax).add_axes(((left + across + split) / WIDTH, 0.48 / high, across / WIDTH, 1 - 0.58 / high))
    shown = [replace(gap, name="") for gap in gaps]
    forest(near, shown, margin=comparison.margin, xlabel=tr("nearer"), scale_=zoomed)
    return near


def _gap(pair: Pair, rows: dict[str, Row], marked: dict[str, Mark]) -> Gap | None:
    if pair.difference is None:
        return None
    row, found = rows[pair.first], pair.difference
    return Gap(
        name=shown_name(row), estimate=found.estimate, low=found.low, high=found.high, verdict=verdict_words(pair),
        mark=marked[row.method], yardstick=row.any.role == "baseline",
    )  # fmt: skip


# training ----------------------------------------------------------------------------------------------------------


@drawing(msg("learning curves"))
@styled
def learning_figure(collection: Collection) -> Figure | None:
    """Draw the validation metric by epoch, one panel per trained method on shared scales."""
    declared, marked = collection.experiment.compare.metric, look(collection)
    metric = declared if declared in METRICS else "accuracy"  # one of the user's own is recorded by no epoch
    curves = {shown_name(row): (histories(row, metric), marked[row.method]) for row in collection.rows}
    curves = {name: (runs, mark) for name, (runs, mark) in curves.items() if runs}
    if not curves:
        return None
    columns, cell = (3, (2.1, 1.75)) if len(curves) <= _PANELS else (5, (1.27, 1.2))
    axes = new_grid(len(curves), columns=columns, cell=cell, share=True)
    for ax, (name, (runs, mark)) in zip(axes, curves.items(), strict=True):
        others = [mean_curve(other) for key, (other, _) in curves.items() if key != name]
        learning_curve(ax, runs, mark=mark, title=fit(name, room=min(_TITLE, cell[0] - 0.3), size=8.5), others=others)
    spoken = metric_name(metric)
    label_grid(axes, xlabel=tr("epoch"), ylabel=tr("{metric} on validation", metric=spoken))
    flat = [(name, number, at, value) for name, (runs, _) in curves.items() for number, run in enumerate(runs, 1)
            for at, value in enumerate(run, 1)]  # fmt: skip
    number = trn("{number} method", "{number} methods", len(curves), number=whole(len(curves)))
    return Figure(
        figure_of(axes[0]),
        caption=tr(
            "{metric} on validation. Thin: a run; strong: their mean; grey: other methods.", metric=_capital(spoken)
        ),
        alt=tr("{metric} on validation of {methods}, epoch by epoch.", metric=_capital(spoken), methods=number),
        data=dict(zip((tr("method"), tr("run"), tr("epoch"), spoken), zip(*flat, strict=True), strict=True)),
    )


def histories(row: Row, metric: str) -> list[list[float]]:
    """Return the metric by epoch of each finished run that has it."""
    histories = [run.training.history if run.training else () for run in row.records]
    found = [[epoch.validation[metric] for epoch in one if metric in epoch.validation] for one in histories]
    return [one for one in found if one]


@drawing(msg("choice of a setting"))
@styled
def sweep_figure(collection: Collection, sweep: SweepResult) -> Figure | None:
    """Draw the validation metric of each value a sweep tried."""
    ax = sweep_axes(None, collection, sweep)
    if ax is None:
        return None
    name = metric_name(sweep.metric)
    end = tr("chosen: {value}", value=sweep.chosen) if sweep.chosen else tr("nothing chosen yet")
    return Figure(
        figure_of(ax),
        caption=tr(
            "Choice of {setting} for {method} by {metric} on validation; test was not consulted.",
            setting=sweep.name,
            method=sweep.method,
            metric=name,
        ),
        alt=tr(
            "{metric} on validation by {setting}: {words}",
            metric=_capital(name),
            setting=sweep.name,
            words=f"{end}.",
        ),
        data={sweep.name: list(sweep.scores), name: list(sweep.scores.values())},
    )


def sweep_axes(ax: Axes | None, collection: Collection, sweep: SweepResult) -> Axes | None:
    """Draw a sweep on `ax`, or on new Axes; None while no trial has a result."""
    if not any(score is not None for score in sweep.scores.values()):
        return None
    return sweep_curve(
        ax or new_axes(2.3, width=4.2),
        sweep.scores,
        chosen=sweep.chosen,
        mark=look(collection)[sweep.method],
        xlabel=tr("{setting} of {method}", setting=sweep.name, method=sweep.method),
        ylabel=tr("{metric} on validation", metric=metric_name(sweep.metric)),
    )
