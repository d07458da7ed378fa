"""The figures of a report: each with its caption, and a text that says in words what it shows.

Takes the numbers from a collection and a comparison and hands them to `reporting.plots`, which draws. A function
returns None where there is nothing to draw.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from bakeoff.metrics.classification import metric_named
from bakeoff.report.figures.confusion import confusion, room_of, slant
from bakeoff.report.figures.curves import learning_curve, mean_curve, sweep_curve
from bakeoff.report.figures.forest import Gap, forest
from bakeoff.report.figures.labels import fit
from bakeoff.report.figures.style import Mark, figure_of, label_grid, marks, new_axes, new_grid, styled
from bakeoff.report.figures.tradeoff import Point, tradeoff
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.tables.notes import apart_note
from bakeoff.report.text.labels import Quantity, metric_name, shown_name, verdict_words
from bakeoff.report.text.language import msg, numeral, tr, tr_in
from bakeoff.report.text.numbers import fraction, interval, points, range_of, whole
from bakeoff.report.text.numbers import gap as gap_size
from bakeoff.stats.compare import Comparison, Pair
from bakeoff.study.collect import Collection, Row, costless
from bakeoff.study.sweeps import SweepResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bakeoff.runs.record import Quality

__all__ = ["confusion_figure", "difference_figure", "learning_figure", "sweep_figure", "tradeoff_figure"]

_NAME, _TITLE = 1.9, 1.3  # inches: the longest name of a method beside axes, and above a panel
_BELOW, _BESIDE = 0.45, 0.9  # inches below and beside a grid that its cells have room for


def _look(collection: Collection) -> dict[str, Mark]:
    return marks(list(collection.experiment.methods))


def _sentence(parts: list[str]) -> str:
    return "; ".join(parts) + "."


# quality against cost ----------------------------------------------------------------------------------------------


LOWER_ON_TEST = msg("{metric} on test (lower is better)")


@drawing(msg("quality against cost"))
@styled
def tradeoff_figure(collection: Collection, quantity: Quantity) -> Figure | None:
    """Draw the declared metric on test against a cost, one point per declared method with a result."""
    metric = collection.experiment.compare.metric
    shown = [_point(row, metric, quantity, _look(collection)) for row in collection.rows if row.quality(metric)]
    if not shown:
        return None
    name, cost = metric_name(metric), quantity.name
    lines = [point.name for point in shown if point.free]
    ax = tradeoff(
        new_axes(3.0, right=_room(lines)),
        [replace(point, name=_short(point.name)) for point in shown],
        xlabel=tr("{quantity} (logarithmic scale)", quantity=cost) if quantity.logarithmic else cost,
        ylabel=tr("{metric} on test" if metric_named(metric).higher_is_better else LOWER_ON_TEST, metric=name),
        ticks={place: quantity.form(place).replace(numeral(".0"), "") for place in quantity.ticks},
        log=quantity.logarithmic,
    )
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


def _point(row: Row, metric: str, quantity: Quantity, look: dict[str, Mark]) -> Point:
    cost = () if costless(row) else tuple(row.cost(quantity.field))
    return Point(shown_name(row), tuple(row.quality(metric)), cost, look[row.method])


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
    rows = {row.name: row for row in collection.rows}
    gaps = [gap for pair in comparison.against_reference if (gap := _gap(pair, rows, _look(collection)))]
    if not gaps:
        return None
    said: dict[str, object] = {"reference": comparison.reference, "metric": metric_name(comparison.metric)}
    left = 0.1 + _room([gap.name for gap in gaps])
    ax = forest(
        new_axes(0.65 + 0.36 * len(gaps), left=left, right=1.75),
        [replace(gap, name=_short(gap.name)) for gap in gaps],
        margin=comparison.margin,
        xlabel=tr(_AXES[metric_named(comparison.metric).unit], **said),
    )
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


def _gap(pair: Pair, rows: dict[str, Row], look: dict[str, Mark]) -> Gap | None:
    if pair.difference is None:
        return None
    row, found = rows[pair.first], pair.difference
    return Gap(
        name=shown_name(row), estimate=found.estimate, low=found.low, high=found.high, verdict=verdict_words(pair),
        mark=look[row.method], yardstick=row.any.role == "baseline",
    )  # fmt: skip


# training ----------------------------------------------------------------------------------------------------------


@drawing(msg("learning curves"))
@styled
def learning_figure(collection: Collection) -> Figure | None:
    """Draw the validation metric by epoch, one panel per trained method on shared scales."""
    metric, look = collection.experiment.compare.metric, _look(collection)
    curves = {shown_name(row): (_histories(row, metric), look[row.method]) for row in collection.rows}
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


def _histories(row: Row, metric: str) -> list[list[float]]:
    """Return the metric by epoch of each finished run that has it."""
    histories = [run.training.history if run.training else () for run in row.records]
    found = [[epoch.validation[metric] for epoch in one if metric in epoch.validation] for one in histories]
    return [one for one in found if one]


@drawing(msg("choice of a setting"))
@styled
def sweep_figure(collection: Collection, sweep: SweepResult) -> Figure | None:
    """Draw the validation metric of each value a sweep tried."""
    if not any(score is not None for score in sweep.scores.values()):
        return None
    name = metric_name(sweep.metric)
    ax = sweep_curve(
        new_axes(2.3, width=4.2),
        sweep.scores,
        chosen=sweep.chosen,
        mark=_look(collection)[sweep.method],
        xlabel=tr("{setting} of {method}", setting=sweep.name, method=sweep.method),
        ylabel=tr("{metric} on validation", metric=name),
    )
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


# errors ------------------------------------------------------------------------------------------------------------


@drawing(msg("confusion matrices"))
@styled
def confusion_figure(collection: Collection) -> Figure | None:
    """Draw one confusion matrix per declared method, of its first finished seed."""
    shown = [(row, run.seed, run.test) for row in collection.rows for run in row.records[:1] if run.test]
    if not shown:
        return None
    classes = list(shown[0][2].per_class)
    axes = _matrices(len(shown), classes)
    for ax, (row, _, quality) in zip(axes, shown, strict=True):
        confusion(ax, quality.confusion, names=classes, title=fit(row.name, room=_TITLE, size=8.5))
    words = [f"{shown_name(row)}: {_recalls(quality)}" for row, _, quality in shown]
    caption = tr(
        "Confusion matrices on test, one run per method ({seeds}): number of texts and its share of the true "
        "class; the darker, the larger the share.",
        seeds=_seeds_shown(shown),
    )
    named = len(axes[0].get_yticks())
    if named < len(classes):
        caption += " " + tr(
            "Names beside the matrices: {named} of {classes} classes.", named=named, classes=len(classes)
        )
    return Figure(
        figure_of(axes[0]),
        caption=caption,
        alt=tr("Share of each class found. {words}", words=_sentence(words)),
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


def _recalls(quality: Quality) -> str:
    shares = [f"{name} {fraction(scores['recall'])}" for name, scores in quality.per_class.items()]
    return tr_in("between numbers", ", ").join(shares)
