"""Recommendations under the limits that the experiment file declares, from validation means, with ties named.

A method stays within a limit if every one of its finished runs does: what counts is the largest value measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bakeoff.report.claims.limits import MACHINE_LIMITS, Limit, declared_limits, shown_limits, values_of, within
from bakeoff.report.text import slots
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.stats.compare import Comparison, Pair, comparable
from bakeoff.study.collect import Collection, Row, mean
from bakeoff.study.comparability import doubt

__all__ = ["recommendations"]


def recommendations(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Name the best method that stays within all declared limits, then within each; or the nearest to them."""
    declared = declared_limits(collection.experiment.constraints, collection)
    known = {one.name for one in comparable(comparison)}
    rows = [row for row in collection.rows if row.name in known and row.quality(comparison.metric, split="validation")]
    candidates = [row for row in rows if row.any.trained and row.any.role != "baseline"]
    if not candidates:
        return
    singly = [(limit,) for limit in declared] if len(declared) > 1 else []
    for limits in [tuple(declared), *singly] if declared else []:
        said, together = [*_said(candidates, limits, comparison)], len(limits) == len(declared)
        if together:
            said += _beyond(candidates, limits, comparison.metric)
        said += _baselines([row for row in rows if row.any.role == "baseline"], limits, comparison, candidates)
        runs = tuple(run.run_id for row in candidates for run in row.records)
        yield Statement("recommendation" if together else "limit", tuple(said), runs)


def _said(rows: Sequence[Row], limits: Sequence[Limit], comparison: Comparison) -> Iterator[Sentence]:
    measured = [row for row in rows if all(limit.worst(row) is not None for limit in limits)]
    inside = [row for row in measured if within(row, limits)]
    if inside:
        yield from _best(inside, limits, comparison)
    elif measured:
        nearest = min(measured, key=lambda row: max((limit.worst(row) or 0) / limit.most for limit in limits))
        yield sentence(
            "constraint.none",
            limits=shown_limits(limits),
            a=slots.Name(nearest.name),
            measured=_measures(nearest, limits),
        )
    else:
        yield sentence("constraint.unknown", limits=shown_limits(limits))
    yield from _conditions(measured, limits)
    if unknown := tuple(row.name for row in rows if row not in measured):
        yield sentence("constraint.unmeasured", names=slots.Names(unknown))
    if partly := tuple(row.name for row in inside if len(row.records) < row.wanted):
        yield sentence("constraint.unfinished", names=slots.Names(partly))


def _beyond(rows: Sequence[Row], limits: Sequence[Limit], metric: str) -> Iterator[Sentence]:
    """Name the candidates that do not stay within all limits, each with what is too much, where others do."""
    over = [(row, [limit for limit in limits if (limit.worst(row) or 0.0) > limit.most]) for row in rows]
    found = tuple((row.name, _mean(row, metric), values_of(row, broken)) for row, broken in over if broken)
    if found and any(within(row, limits) for row in rows):
        yield sentence("constraint.beyond", metric=slots.Metric(metric), others=slots.Within(found))


def _conditions(rows: Sequence[Row], limits: Sequence[Limit]) -> Iterator[Sentence]:
    """Warn of values from different machines, or from runs that got unlike shares of theirs."""
    runs = [run for row in rows for run in row.records]
    if any(doubt(runs, MACHINE_LIMITS[limit.key]) for limit in limits if limit.key in MACHINE_LIMITS):
        yield sentence("constraint.conditions", names=slots.Names(tuple(row.name for row in rows)))


def _best(inside: Sequence[Row], limits: Sequence[Limit], comparison: Comparison) -> Iterator[Sentence]:
    metric = comparison.metric
    ordered = sorted(inside, key=lambda row: -comparison.sign * _mean(row, metric))
    best, others = ordered[0], ordered[1:]
    yield sentence(
        "constraint.best" if others else "constraint.only", limits=shown_limits(limits), a=slots.Name(best.name),
        metric=slots.Metric(metric), mean=slots.Fraction(_mean(best, metric)), measured=_measures(best, limits),
        seeds=slots.Count(len(best.records), "run"),
    )  # fmt: skip
    found: dict[tuple[str, str, int], list[Row]] = {}
    for row in others:
        pair = comparison.pair(best.name, row.name)
        what = _standing(best, row, pair, comparison)
        found.setdefault((what, pair.scope, comparison.corrected_for(pair.family)), []).append(row)
    for (what, scope, number), rows in sorted(found.items(), key=lambda one: one[0][0], reverse=True):
        bare = what == "behind" and len(limits) == 1
        yield sentence(
            f"constraint.{what}.{scope}", a=slots.Name(best.name), comparisons=slots.Count(number, "comparison"),
            others=slots.Names(tuple(row.name for row in rows)) if bare else _listed(rows, limits, metric),
        )  # fmt: skip


def _listed(rows: Sequence[Row], limits: Sequence[Limit], metric: str) -> slots.Within:
    return slots.Within(tuple((row.name, _mean(row, metric), values_of(row, limits)) for row in rows))


def _mean(row: Row, metric: str) -> float:
    return mean(row.quality(metric, split="validation")) or 0.0


def _standing(best: Row, other: Row, pair: Pair, comparison: Comparison) -> str:
    """Return how another method stands to the best on validation: "turned" where the test shows the other ahead.

    Tied: seed noise could turn the order on validation, or the test does not separate the two.
    """
    if pair.better == other.name:
        return "turned"
    metric = comparison.metric
    noise = max(_spread(best.quality(metric, split="validation")), _spread(other.quality(metric, split="validation")))
    close = comparison.sign * (_mean(best, metric) - _mean(other, metric)) <= noise
    return "tied" if close or pair.better is None else "behind"


def _spread(values: Sequence[float]) -> float:
    """Return the standard deviation between seeds, 0 for a single one."""
    if len(values) == 1:
        return 0.0
    centre = sum(values) / len(values)
    return float((sum((value - centre) ** 2 for value in values) / (len(values) - 1)) ** 0.5)


def _baselines(
    rows: Sequence[Row], limits: Sequence[Limit], comparison: Comparison, candidates: Sequence[Row]
) -> Iterator[Sentence]:
    """Name the baselines that stay within and are not behind any candidate that does: yardsticks, no advice."""
    metric = comparison.metric
    sign = comparison.sign
    rivals = [sign * _mean(row, metric) for row in candidates if within(row, limits)]
    least = max(rivals, default=-math.inf)
    level = [row for row in rows if within(row, limits) and sign * _mean(row, metric) >= least]
    if level:
        key = "constraint.baselines" if rivals else "constraint.baselines.alone"
        yield sentence(key, metric=slots.Metric(metric), others=_listed(level, limits, metric))


def _measures(row: Row, limits: Sequence[Limit]) -> slots.Measures:
    return slots.Measures(values_of(row, limits))
