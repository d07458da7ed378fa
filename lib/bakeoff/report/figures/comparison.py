"""The figures of a report: each with its caption, and a text that says in words what it shows.

Takes the numbers from a collection and a comparison and hands them to the drawing modules beside it. A function returns
None where there is nothing to draw.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bakeoff.metrics.classification import METRICS, metric_named
from bakeoff.report.figures.curves import learning_curve, mean_curve, sweep_curve
from bakeoff.report.figures.forest import Gap, forest
from bakeoff.report.figures.labels import fit
from bakeoff.report.figures.style import Mark, figure_of, label_grid, marks, new_axes, new_grid, styled
from bakeoff.report.figures.tradeoff import Point, tradeoff
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.tables.notes import apart_note
from bakeoff.report.text.labels import Quantity, metric_name, shown_name, verdict_words
from bakeoff.report.text.language import msg, numeral, tr
from bakeoff.report.text.numbers import fraction, interval, points, range_of, whole
from bakeoff.report.text.numbers import gap as gap_size
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
    "tradeoff_figure",
]

_NAME, _TITLE = 1.9, 1.3  # inches: the longest name of a method beside axes, and above a panel


def look(collection: Collection) -> dict[str, Mark]:
    """Return how each method looks, by its place in the experiment file; at declared settings, a star of its colour."""
    entries = collection.experiment.methods
    found = marks([name for name, entry in entries.items() if entry.default_of is None])
    stars = {name: replace(found[entry.default_of], marker="*") for name, entry in entries.items() if entry.default_of}
    return {name: found[name] if name in found else stars[name] for name in entries}


def _sentence(parts: list[str]) -> str:
    return "; ".join(parts) + "."


# quality against cost ----------------------------------------------------------------------------------------------


LOWER_ON_TEST = msg("{metric} on test (lower is better)")


@drawing(msg("quality against cost"))
@styled
def tradeoff_figure(collection: Collection, quantity: Quantity) -> Figure | None:
    """Draw the declared metric on test against a cost, one point per declared method with a result."""
    shown = points_of(collection, quantity)
    ax = tradeoff_axes(None, shown, collection, quantity)
    if ax is None:
        return None
    name, cost = metric_name(collection.experiment.compare.metric), quantity.name
    lines = [point for point in shown if point.free]
    caption = tr(
        "{metric} on test against {cost}; points: means over seeds, bars: their range.",
        metric=_capital(name),
        cost=cost,
    )
    dashed = [tr("Dashed lines: methods that train next to nothing, or without this cost.")] if lines else []
    words = _sentence([_point_words(point, quantity) for point in shown])
    return Figure(
        figure_of(ax),
        caption=" ".join([caption, *dashed, *apart_note(collection.rows, quantity.field)]),
        alt=tr("{metric} and {cost}: {words}", metric=_capital(name), cost=cost, words=words),
    )


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


def _point_words(point: Point, quantity: Quantity) -> str:
    quality = fraction(sum(point.quality) / len(point.quality))
    if point.free:
        return f"{point.name} {quality}"
    return tr("{name} {quality} at {cost}", name=point.name, quality=quality, cost=quantity.form(point.centre[0]))


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
    "pp": msg("difference to {reference} in {metric} on test (percentage points)"),
    "nats": msg("difference to {reference} in {metric} on test (nats)"),
    "": msg("difference to {reference} in {metric} on test"),
}


@drawing(msg("differences to the reference"))
@styled
def difference_figure(collection: Collection, comparison: Comparison) -> Figure | None:
    """Draw each method's difference to the reference with its interval, and the band of no matter."""
    gaps = gaps_of(collection, comparison)
    ax = difference_axes(None, gaps, comparison)
    if ax is None:
        return None
    said: dict[str, object] = {"reference": comparison.reference, "metric": metric_name(comparison.metric)}
    caption = tr(
        "Difference to {reference} in {metric} on test, with {level} intervals (each for itself); shaded: within "
        "\N{PLUS-MINUS SIGN}{margin}, declared not to matter. A baseline too far off for the scale is an arrow.",
        level=numeral(f"{100 * (1 - comparison.alpha):g}\N{NO-BREAK SPACE}%"),
        margin=gap_size(comparison.margin),
        **said,
    )
    words = [f"{gap.name} {points(gap.estimate)} {interval(gap.low, gap.high)}, {gap.verdict}" for gap in gaps]
    alt = tr("Difference to {reference}: {words}", reference=comparison.reference, words=_sentence(words))
    return Figure(figure_of(ax), caption=caption, alt=alt)


def gaps_of(collection: Collection, comparison: Comparison) -> list[Gap]:
    """Return a difference for each method that can be compared with the reference."""
    rows, marked = {row.name: row for row in collection.rows}, look(collection)
    return [gap for pair in comparison.against_reference if (gap := _gap(pair, rows, marked))]


def difference_axes(ax: Axes | None, gaps: list[Gap], comparison: Comparison) -> Axes | None:
    """Draw the differences on `ax`, or on new Axes; None where there are none."""
    if not gaps:
        return None
    label = _AXES[metric_named(comparison.metric).unit]
    return forest(
        ax or new_axes(0.65 + 0.36 * len(gaps), left=0.1 + _room([gap.name for gap in gaps]), right=1.75),
        [replace(gap, name=_short(gap.name)) for gap in gaps],
        margin=comparison.margin,
        xlabel=tr(label, reference=comparison.reference, metric=metric_name(comparison.metric)),
    )


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
    axes = new_grid(len(curves), columns=3, cell=(2.1, 1.75), share=True)
    for ax, (name, (runs, mark)) in zip(axes, curves.items(), strict=True):
        others = [mean_curve(other) for key, (other, _) in curves.items() if key != name]
        learning_curve(ax, runs, mark=mark, title=fit(name, room=_TITLE, size=8.5), others=others)
    spoken = metric_name(metric)
    label_grid(axes, xlabel=tr("epoch"), ylabel=tr("{metric} on validation", metric=spoken))
    words = _sentence([_ending(name, runs) for name, (runs, _) in curves.items()])
    return Figure(
        figure_of(axes[0]),
        caption=tr(
            "Learning curves: {metric} on validation after each epoch. Thin: one run each; strong: their mean; grey: "
            "the means of the other methods.",
            metric=spoken,
        ),
        alt=tr("{metric} on validation by epoch: {words}", metric=_capital(spoken), words=words),
    )


def _ending(name: str, runs: list[list[float]]) -> str:
    last, epochs = range_of([run[-1] for run in runs], fraction), range_of([len(run) for run in runs], whole)
    return tr("{name}: {last} after epoch {epochs}", name=name, last=last, epochs=epochs)


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
    words = [f"{value} {fraction(score)}" for value, score in sweep.scores.items()]
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
            words=_sentence([*words, end]),
        ),
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
