"""The figures of a report: each with its caption, and a text that says in words what it shows.

Takes the numbers from a collection and a comparison and hands them to the drawing modules beside it. A function returns
None where there is nothing to draw.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bakeoff.metrics.classification import metric_named
from bakeoff.report.figures.forest import Gap, forest, join_rows, joined_room, limits
from bakeoff.report.figures.labels import fit
from bakeoff.report.figures.style import Mark, figure_of, marks, name_room, new_axes, styled
from bakeoff.report.figures.tradeoff import Point, tradeoff
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.pages.svg import page_width
from bakeoff.report.text.labels import Quantity, metric_name, shown_name, verdict_words
from bakeoff.report.text.language import msg, numeral, tr, trn
from bakeoff.report.text.numbers import gap as gap_size
from bakeoff.report.text.numbers import tick, whole
from bakeoff.stats.compare import Comparison, Pair
from bakeoff.stats.multiplicity import letters
from bakeoff.study.collect import Collection, Row, costless

if TYPE_CHECKING:
    from matplotlib.axes import Axes


__all__ = [
    "difference_axes",
    "difference_figure",
    "gaps_of",
    "look",
    "points_of",
    "tradeoff_axes",
]

_NAME = 1.9  # inches: the longest name of a method beside axes
_LINE, _FINDING = 0.23, 2.15  # inches: a line of the forest, and what stands beside it
_MANY = 10  # methods, from which on such lines are drawn


def look(collection: Collection) -> dict[str, Mark]:
    """Return how each method looks, by its place in the experiment file; at declared settings, a star of its colour."""
    entries = collection.experiment.methods
    found = marks([name for name, entry in entries.items() if entry.default_of is None])
    stars = {
        name: replace(found[entry.default_of], marker="*", name=name)
        for name, entry in entries.items()
        if entry.default_of
    }
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
        ticks={place: tick(quantity.form(place)) for place in quantity.ticks},
        log=quantity.logarithmic,
    )


def _point(row: Row, metric: str, quantity: Quantity, marked: dict[str, Mark]) -> Point:
    cost = () if costless(row) else tuple(row.cost(quantity.field))
    return Point(shown_name(row), tuple(row.quality(metric)), cost, marked[row.method])


def _room(names: list[str]) -> float:
    """Return the inches that names to the right of the axes need."""
    return 0.15 + min(0.075 * max((len(name) for name in names), default=0), name_room(_NAME))


def _short(name: str) -> str:
    """Cut a method's name to the room a figure has for it; tables and alternative texts have the whole."""
    return fit(name, room=name_room(_NAME), size=8.5)


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
    gaps = sorted(gaps_of(collection, comparison), key=lambda gap: -gap.estimate)
    if not gaps:
        return None
    ties: list[list[int]] = []
    if len(gaps) >= _MANY:
        gaps, ties = _with_ties(gaps, collection, comparison)
    zoomed = _zoomed(gaps, comparison)
    least = 2 * _ACROSS + _FINDING + joined_room(ties) + _room([gap.name for gap in gaps])
    if zoomed and page_width() > max(_WIDE, least):
        ax = _two_scales(gaps, zoomed, comparison, ties)
    else:
        ax = _axes(None, gaps, comparison, ties=ties, scale=zoomed, words=page_width() > _WIDE)
    said: dict[str, object] = {"reference": comparison.reference, "metric": metric_name(comparison.metric)}
    compared = [gap for gap in gaps if not gap.held]
    number = trn("{number} method", "{number} methods", len(compared), number=whole(len(compared)))
    caption = tr(
        "Difference to {reference} in {metric}, with {level} intervals. Band: up to {margin}, declared not to "
        "matter. Arrow: off the scale.",
        level=numeral(f"{100 * (1 - comparison.alpha):g}\N{NO-BREAK SPACE}%"), margin=gap_size(comparison.margin),
        **said,
    )  # fmt: skip
    joined = [tr("Lines at the right join methods of which no two are told apart.")] if ties else []
    return Figure(
        figure_of(ax),
        caption=" ".join([caption, *joined]),
        alt=tr("Difference of {methods} to {reference} in {metric}, each with its interval.", methods=number, **said),
        data={tr("method"): [gap.name for gap in gaps], tr("difference"): [gap.estimate for gap in gaps],
              tr("low"): [gap.low for gap in gaps], tr("high"): [gap.high for gap in gaps],
              tr("finding"): [gap.verdict for gap in gaps]},
    )  # fmt: skip


def _with_ties(gaps: list[Gap], collection: Collection, comparison: Comparison) -> tuple[list[Gap], list[list[int]]]:
    """Return the gaps with the reference among them, and the largest groups of places of which no two are apart."""
    row = next(row for row in collection.rows if row.name == comparison.reference)
    own = Gap(shown_name(row), 0.0, 0.0, 0.0, tr("reference"), look(collection)[row.method], held=True)
    found = sorted([*gaps, own], key=lambda gap: (-gap.estimate, not gap.held))
    names = [gap.mark.name for gap in found]
    apart = {frozenset((pair.first, pair.second)) for pair in comparison.pairs if pair.relation in ("better", "worse")}
    lettered = letters(names, {pair for pair in apart if pair <= set(names)})
    groups = [[place for place, name in enumerate(names) if letter in lettered[name]]
              for letter in sorted({letter for own in lettered.values() for letter in own})]  # fmt: skip
    return found, sorted(group for group in groups if len(group) > 1)


def gaps_of(collection: Collection, comparison: Comparison) -> list[Gap]:
    """Return a difference for each method that can be compared with the reference."""
    rows, marked = {row.name: row for row in collection.rows}, look(collection)
    return [gap for pair in comparison.against_reference if (gap := _gap(pair, rows, marked))]


def difference_axes(ax: Axes | None, gaps: list[Gap], comparison: Comparison) -> Axes | None:
    """Draw the differences on `ax`, or on new Axes, with the numbers beside them; None where there are none."""
    return _axes(ax, gaps, comparison) if gaps else None


def _axes(
    ax: Axes | None, gaps: list[Gap], comparison: Comparison, *, words: bool = True,
    ties: list[list[int]] | None = None, scale: tuple[float, float] | None = None,
) -> Axes:  # fmt: skip
    """Draw differences. words: numbers beside them; ties: groups of rows to be joined; scale: least and largest."""
    label, beside = _AXES[metric_named(comparison.metric).unit], _FINDING if words else 0.05
    room = beside + joined_room(ties or [])
    ax = ax or new_axes(0.72 + _LINE * len(gaps), left=0.1 + _room([gap.name for gap in gaps]), right=room)
    drawn = forest(
        ax, [replace(gap, name=_short(gap.name)) for gap in gaps], margin=comparison.margin,
        xlabel=tr(label, reference=_short(str(comparison.reference))), words=words, scale_=scale,
    )  # fmt: skip
    join_rows(drawn, ties or [], beyond=beside)
    return drawn


_WIDE = 4.0  # inches: of a page that has room for numbers beside the differences
_ACROSS = 0.8  # inches: of one of two scales, at least
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


def _two_scales(gaps: list[Gap], zoomed: tuple[float, float], comparison: Comparison, ties: list[list[int]]) -> Axes:
    """Draw all differences at the left, and at the right those near the margin, on a scale of their own."""
    right = _FINDING + joined_room(ties)
    left, wide = 0.1 + _room([gap.name for gap in gaps]), page_width()
    high, split = 0.72 + _LINE * len(gaps), 0.2
    across = (wide - left - right - split) / 2
    ax = _axes(new_axes(high, left=left, right=wide - left - across), gaps, comparison, words=False)
    near = figure_of(ax).add_axes(((left + across + split) / wide, 0.48 / high, across / wide, 1 - 0.58 / high))
    shown = [replace(gap, name="") for gap in gaps]
    forest(near, shown, margin=comparison.margin, xlabel=tr("nearer"), scale_=zoomed)
    join_rows(near, ties, beyond=_FINDING)
    return near


def _gap(pair: Pair, rows: dict[str, Row], marked: dict[str, Mark]) -> Gap | None:
    if pair.difference is None:
        return None
    row, found = rows[pair.first], pair.difference
    return Gap(
        name=shown_name(row), estimate=found.estimate, low=found.low, high=found.high, verdict=verdict_words(pair),
        mark=marked[row.method], yardstick=row.any.role == "baseline",
    )  # fmt: skip
