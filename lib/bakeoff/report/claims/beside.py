"""Statements beside the declared metric: whose probabilities are better, and who finds more of a class.

Each function is one condition: it reads what was tested and returns the statements that the corrected tests bear out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bakeoff.metrics.classification import metric_named
from bakeoff.report.claims.findings import Runs, pair_runs
from bakeoff.report.text import slots
from bakeoff.report.text.sentence import Statement, sentence
from bakeoff.study.beside import Facing

__all__ = ["calibrated", "classwise"]


def calibrated(against: Sequence[Facing], runs: Runs) -> Iterator[Statement]:
    """Name the methods whose log loss, Brier score or ECE differs from the reference's; say where none does."""
    if not against:
        return
    shown = [one for one in against if one.shown]
    for group in _alike(shown, lambda one: (one.what, _ahead(one), one.tested.scope)):
        first = group[0]
        lower = _ahead(first) != metric_named(first.what).higher_is_better
        said = sentence(
            f"calibration.{'lower' if lower else 'higher'}.{first.tested.scope}", metric=slots.Metric(first.what),
            b=slots.Name(first.tested.second), mean=slots.Fraction(first.theirs),
            confidence=slots.Level(1 - first.alpha),
            methods=slots.Compared([_held(one, one.name, (one.difference.low, one.difference.high)) for one in group]),
        )  # fmt: skip
        yield Statement("calibration", (replace(said, metric=first.what),), _runs(group, runs))
    if not shown:
        said = sentence(
            "calibration.none", metrics=slots.Metrics(list(dict.fromkeys(one.what for one in against))),
            b=slots.Name(against[0].tested.second), comparisons=slots.Count(against[0].comparisons, "comparison"),
        )  # fmt: skip
        yield Statement("calibration", (said,), _runs(against, runs))


def classwise(recalls: Sequence[Facing], runs: Runs) -> Iterator[Statement]:
    """Name the classes of which a method finds more or fewer texts than the reference; say where there is none."""
    if not recalls:
        return
    shown = [one for one in recalls if one.shown]
    for group in _alike(shown, lambda one: (one.name, _ahead(one), one.tested.scope)):
        first = group[0]
        said = sentence(
            f"recall.{'more' if _ahead(first) else 'fewer'}.{first.tested.scope}", a=slots.Name(first.name),
            b=slots.Name(first.tested.second),
            classes=slots.Compared([_held(one, one.what, one.at_once) for one in group]),
        )  # fmt: skip
        yield Statement("recall", (replace(said, metric="accuracy"),), _runs(group, runs))
    if not shown:
        said = sentence(
            "recall.none", b=slots.Name(recalls[0].tested.second),
            comparisons=slots.Count(recalls[0].comparisons, "comparison"),
        )  # fmt: skip
        yield Statement("recall", (said,), _runs(recalls, runs))


def _ahead(one: Facing) -> bool:
    return one.difference.estimate > 0


def _alike(found: Sequence[Facing], kind: Callable[[Facing], tuple[object, ...]]) -> list[list[Facing]]:
    """Put together what one sentence can say, in order of appearance."""
    groups: dict[tuple[object, ...], list[Facing]] = {}
    for one in found:
        groups.setdefault(kind(one), []).append(one)
    return list(groups.values())


def _held(one: Facing, name: str, interval: tuple[float, float]) -> slots.Against:
    return slots.Against(name, one.own, one.difference.estimate, interval, one.p, one.comparisons)


def _runs(found: Sequence[Facing], runs: Runs) -> tuple[str, ...]:
    names = dict.fromkeys(name for one in found for name in (one.name, one.tested.second))
    return pair_runs(runs, *names)
