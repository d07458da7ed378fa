"""Level 2: runs made again on another machine agree within what seeds scatter, and give the same verdicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from bakeoff.errors import InputError
from bakeoff.execution.warm import warm_kernels
from bakeoff.runs.record import Record
from bakeoff.runs.verified import Check, Level
from bakeoff.stats.compare import Comparison, MethodSummary, compare
from bakeoff.stats.inputs import Contender
from bakeoff.stats.pairs import Pair
from bakeoff.study.collect import Row
from bakeoff.study.study import StudyData, with_predictions
from bakeoff.system.locks import terminable
from bakeoff.verify.rerender import here
from bakeoff.verify.rerun import elsewhere, make_again, settled
from bakeoff.verify.stages import other_inputs
from bakeoff.verify.target import Target

__all__ = ["judged", "remake", "tolerance"]


LEAST = 0.01
"""Means that are no farther apart than that agree, however little seeds scatter: one percentage point."""
MAY_DIFFER = ("code", "libraries")


def remake(target: Target, records: Sequence[Record], *, told: Callable[[Check], object] = lambda _: None) -> Level:
    """Make the compared runs among `records` again, and hold means and verdicts against those of the records.

    told: of each check. Trials of sweeps and runs beside the comparison are left out: nothing is claimed of them.
    """
    study, wanted = StudyData.of(target.experiment, workspace=target.workspace), {run.run_id for run in records}
    rows = [
        replace(row, records=kept)
        for row in study.collection.rows
        if (kept := tuple(run for run in row.records if run.run_id in wanted))
    ]
    asked = {run.method for run in records}
    lacking = [row.name for row in study.collection.rows if row.unusable and not row.records and row.method in asked]
    why = "the predictions that the report was made from are not here"
    checks = [Check(name=name, result="NOT_COMPARABLE", stage="predictions", why=why) for name in lacking]
    for check in checks:
        told(check)
    before, after = list[Row](), list[Row]()
    with elsewhere(target), terminable(), warm_kernels():
        for row in rows:
            made = _made(target, row)
            if isinstance(made, Check):
                checks.append(made)
                told(made)
            else:
                before.append(row)
                after.append(made)
        new = _contenders(study, after)
    old = _contenders(study, before)
    for check in judged(_compared(study, old), _compared(study, new)) if old and new else []:
        checks.append(check)
        told(check)
    return Level(checks=tuple(checks), where=here())


def _made(target: Target, row: Row) -> Row | Check:
    """Return a method's row of runs that were made again, or why it cannot be held against the recorded one."""
    made = []
    for record in row.records:
        try:
            again = settled(target, record)
        except InputError as error:
            why = f"it cannot be asked for now: {error}"
            return Check(name=row.name, result="NOT_COMPARABLE", stage="settings", why=why)
        if other := other_inputs(record, again.run, but=MAY_DIFFER):
            return Check(name=row.name, result="NOT_COMPARABLE", stage=other[0], why=other[1])
        found = make_again(target, again)
        if found.status != record.status:
            why = f"{found.error.type}: {found.error.message}" if found.error else found.status
            return Check(name=row.name, result="DIVERGED", stage="outcome", why=why)
        made.append(found)
    return replace(row, records=tuple(made))


def _contenders(study: StudyData, rows: Sequence[Row]) -> list[Contender]:
    return with_predictions(replace(study.collection, rows=tuple(rows)), study.workspace)[1]


def _compared(study: StudyData, contenders: Sequence[Contender]) -> Comparison:
    asked, names = study.experiment.compare, [one.name for one in contenders]
    return compare(
        contenders,
        metric=asked.metric,
        reference=asked.reference if asked.reference in names else names[0],
        alpha=study.account.level if study.account else asked.alpha,
        margin=asked.equivalence_margin,
    )


def judged(before: Comparison, after: Comparison) -> list[Check]:
    """Return a check for each method's mean and for each pair's verdict that both comparisons have."""
    means = {one.name: one for one in after.methods}
    checks = [_mean(one, means[one.name]) for one in before.methods if one.name in means]
    verdicts = {frozenset((pair.first, pair.second)): pair for pair in after.pairs}
    for pair in before.pairs:
        other = verdicts.get(frozenset((pair.first, pair.second)))
        if other is not None:
            checks.append(_verdict(pair, other))
    return checks


def tolerance(method: MethodSummary) -> float:
    """Return how far two means over S seeds may be apart: 2 s sqrt(2 / S), and a percentage point at least."""
    return max(LEAST, 2 * (method.seed_sd or 0.0) * math.sqrt(2 / len(method.by_seed)))


def _mean(before: MethodSummary, after: MethodSummary) -> Check:
    within = tolerance(before)
    why = f"mean {before.mean:.4f}, made again {after.mean:.4f}, tolerance {within:.4f}"
    if before.by_seed == after.by_seed:
        return Check(name=before.name, result="IDENTICAL")
    agree = abs(before.mean - after.mean) <= within
    return Check(
        name=before.name, result="EQUIVALENT" if agree else "DIVERGED", stage=None if agree else "scores", why=why
    )


def _verdict(before: Pair, after: Pair) -> Check:
    name = " / ".join(sorted((before.first, before.second)))
    said = [f"{pair.verdict.name}{f' ({pair.better})' if pair.better else ''}" for pair in (before, after)]
    if said[0] == said[1]:
        return Check(name=name, result="EQUIVALENT", why=said[0])
    return Check(name=name, result="DIVERGED", stage="verdict", why=f"{said[0]}, made again {said[1]}")
