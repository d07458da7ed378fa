"""The tables over the cells of a grid: scores in each, ranks over data sets, pairs over data sets."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.metrics.classification import metric_named
from bakeoff.report.cells.grid_said import rank
from bakeoff.report.pages.table import Table
from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import tr
from bakeoff.report.text.numbers import Number, extended, fraction, gap, interval, level, p_value, points, whole
from bakeoff.stats.grids.across import Grid, GridPair
from bakeoff.study.grid import AtCell, OverGrid
from bakeoff.system.spreadsheets import csv_of

__all__ = ["FILE", "grid_tables"]


FILE = "application/vnd.bakeoff.grid+csv"
"""Form in which grid.csv leaves the kernel that compared."""
MOST_PAIRS = 15
LEAST = 3
"""Data sets from which on differences between them have an interval."""


def grid_tables(grid: OverGrid, *, methods: Sequence[str], reference: str, metric: str) -> list[Table]:
    """Return the table of scores and, over two data sets or more, that of ranks and that of pairs."""
    if not grid.at:
        return []
    found, tables = grid.found, [_scores(grid, methods, metric)]
    if found and len(found.data_sets) > 1:
        tables += [_ranks(found, metric)] if len(found.standings) > 1 else []
        tables += [_pairs(found, reference, metric)] if found.pairs else []
    return tables


def _scores(grid: OverGrid, methods: Sequence[str], metric: str) -> Table:
    shown = [name for name in methods if any(one.stands(name) for one in grid.at)]
    csv = csv_of(grid.to_frame())
    return Table(
        {name: [_score(one, name) for one in grid.at] for name in shown},
        labels=(tr("cell"), [one.name for one in grid.at]),
        caption=tr("{metric} on test in each cell: means over the seeds.", metric=_capital(metric_name(metric))),
        note=tr(
            "Worse: another method of the cell is shown to be better. Tests are at a level of {level} in each cell, "
            "corrected for all pairs there. Without a word: none is.",
            level=level(grid.level),
        ),
        carried={FILE: csv},
    )  # fmt: skip


def _score(one: AtCell, name: str) -> str:
    stands = one.stands(name)
    known = next((method for method in one.comparison.methods if method.name == name), None)
    if known is None:
        return MISSING
    words = {"best": tr("best"), "worse": tr("worse")}
    shown = fraction(known.mean)
    return extended(shown, f"{shown}\n{words[stands]}") if stands in words else shown


def _ranks(found: Grid, metric: str) -> Table:
    sign = metric_named(metric).sign
    columns: dict[str, list[object]] = {
        tr("mean rank"): [Number(rank(one.mean_rank), one.mean_rank) for one in found.standings],
        tr("mean {metric}", metric=metric_name(metric)): [fraction(sign * one.score) for one in found.standings],
        **{data: [_place(one.ranks[place]) for one in found.standings] for place, data in enumerate(found.data_sets)},
    }
    return Table(
        columns,
        labels=(tr("method"), [one.name for one in found.standings]),
        caption=tr("Ranks of methods on each data set, 1 the best, and their mean."),
        note=tr("Methods with the same mean share the mean of their ranks."),
    )


def _pairs(found: Grid, reference: str, metric: str) -> Table:
    pairs = found.pairs if len(found.pairs) <= MOST_PAIRS else found.against_reference
    columns: dict[str, list[object]] = {
        tr("ahead on"): [_ahead(pair) for pair in pairs],
        tr("mean difference"): [_effect(pair) for pair in pairs],
        tr("varies by"): [_spread(pair) for pair in pairs],
        tr("on a next data set"): [_next(pair) for pair in pairs],
        **({tr("verdict"): [_verdict(pair) for pair in pairs]} if found.possible else {}),
    }
    note = tr(
        "Differences are the first method's less the second's, positive for the better. The random-effects model "
        "takes the data sets as a sample of others like them. Varies by: the standard deviation of true differences "
        "between data sets. On a next data set: where its true difference lies. Intervals are of {level}, each for "
        "itself, are no verdicts, and take three data sets.",
        level=level(1 - found.alpha),
    )  # fmt: skip
    if found.possible:
        tested = whole(len(found.pairs))
        note += " " + tr("Verdicts are by the signed-rank test, corrected for all {number} pairs.", number=tested)
    if len(pairs) < len(found.pairs):
        note += " " + tr("Of the pairs, those with {reference} are shown.", reference=reference)
    return Table(
        columns,
        labels=(tr("pair"), [f"{pair.first} \N{MINUS SIGN} {pair.second}" for pair in pairs]),
        caption=tr("Pairs of methods over data sets, by {metric} on test.", metric=metric_name(metric)),
        note=note,
    )


def _ahead(pair: GridPair) -> str:
    shown = tr("{wins} of {number}", wins=whole(pair.wins), number=whole(len(pair.data_sets)))
    return f"{shown}\n{tr('tied on {number}', number=whole(pair.ties))}" if pair.ties else shown


def _effect(pair: GridPair) -> str:
    if pair.effect is None:
        return MISSING
    shown = points(pair.effect.estimate)
    low, high = pair.effect.low, pair.effect.high
    return extended(shown, f"{shown}\n{interval(low, high)}") if _enough(pair) else shown


def _spread(pair: GridPair) -> str:
    if pair.effect is None or not _enough(pair):
        return MISSING
    around = interval(pair.effect.tau_low, pair.effect.tau_high).replace("+", "")
    return extended(points(pair.effect.tau), f"{gap(pair.effect.tau)}\n{around}")


def _next(pair: GridPair) -> str:
    if pair.effect is None or not _enough(pair):
        return MISSING
    ends = interval(pair.effect.next_low, pair.effect.next_high)
    return extended(points(pair.effect.estimate), ends)


def _enough(pair: GridPair) -> bool:
    """Return whether a spread between data sets can be told at all: that of two has one degree of freedom."""
    return len(pair.data_sets) >= LEAST


def _verdict(pair: GridPair) -> str:
    if not pair.possible:
        return tr("too few data sets for a claim")
    word = tr("better") if pair.better else tr("not told apart")
    return f"{word}\n{tr('p {p}', p=p_value(pair.p_holm))}"


def _place(value: float) -> str:
    return rank(value) if value % 1 else whole(int(value))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
