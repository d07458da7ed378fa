"""What records reveal of a training: one class for all texts, an end before it had converged, why it failed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bakeoff.metrics.classification import metric_named
from bakeoff.runs.record import Record
from bakeoff.stats.difference import LEAST_SEEDS
from bakeoff.stats.uncertainty import CONFIDENCE, Uncertainty, mean_of
from bakeoff.study.collect import Row
from bakeoff.system.message import msg

__all__ = [
    "ONE_CLASS_FROM",
    "ORDERED_FROM",
    "OUTCOMES",
    "RISING_FROM",
    "OneClass",
    "Rise",
    "converged",
    "has_collapsed",
    "one_class",
    "outcome",
    "outcomes_of",
    "rise",
]


ONE_CLASS_FROM = 0.99
"""Share of the texts from which a run counts as having given them one class, unless so many do have it."""

ORDERED_FROM = 0.6
"""AUROC from which scores count as ordering the texts, where there are enough of these."""
CHANCE_SE = 2.0
"""Standard errors of chance, which has one half, that an AUROC has to be above it as well (Hanley and McNeil 1982)."""


@dataclass(frozen=True)
class OneClass:
    """What a run predicted that gave one class to all but a few texts.

    name: of the class; given: to how many of `total` texts; split: of the texts; auroc: of its scores on them, None
    where nobody measured it; by_chance: the standard error that scores without any order would have
    """

    name: str
    given: int
    total: int
    split: str
    auroc: float | None = None
    by_chance: float = 0.0

    @property
    def kind(self) -> tuple[str, ...]:
        """What can be said of it: the last parts of its sentence's key."""
        least = max(ORDERED_FROM, 0.5 + CHANCE_SE * self.by_chance)
        order = "unknown" if self.auroc is None else "ordered" if self.auroc >= least else None
        return (*(() if self.given == self.total else ("nearly",)), *((order,) if order else ()))


def one_class(record: Record) -> OneClass | None:
    """Return the class a run gave to (nearly) all texts, None where it told classes apart.

    Judged on the test texts, or on those of validation where a run has no others. Where nearly all texts have the
    same class, giving it to nearly all of them is no fault.
    """
    quality = record.test or record.validation
    if quality is None or record.inputs is None:
        return None
    given = [sum(column) for column in zip(*quality.confusion, strict=True)]
    gold = [sum(row) for row in quality.confusion]
    share, true = max(given) / sum(given), max(gold) / sum(gold)
    if share < ONE_CLASS_FROM or true == 1 or (true >= ONE_CLASS_FROM and share < 1):
        return None
    name = record.inputs.label_names[given.index(max(given))]
    split = "test" if record.test else "validation"
    # Of one class against the rest, the mean over classes: as uncertain as that of the smallest class, at most.
    fewest, total = min(row for row in gold if row), sum(gold)
    by_chance = math.sqrt((total + 1) / (12 * fewest * (total - fewest)))
    return OneClass(name, max(given), sum(given), split, quality.metrics.get("auroc"), by_chance)


def has_collapsed(row: Row) -> bool:
    """Return whether a trained method gave nearly all texts one class with some seed; the majority is meant to."""
    return bool(row.records) and row.any.trained and row.any.kind != "majority" and any(map(one_class, row.records))


RISING_FROM = 0.01
"""Gain of the declared metric in the last epoch, as a fraction, above which a method counts as still improving."""


@dataclass(frozen=True)
class Rise:
    """The declared metric on validation after a method's last epoch but one and after its last.

    Means over the seeds; reach: half width of the gain's paired t interval
    """

    before: float
    after: float
    gain: float
    reach: float
    seeds: int

    @property
    def goes_on(self) -> bool:
        """Whether the gain is large enough to matter, and its interval leaves out zero."""
        return self.gain > RISING_FROM and self.gain > self.reach


def rise(row: Row, metric: str) -> Rise | None:
    """Return how a method's metric changed in its last epoch.

    None with fewer than three runs or with one of a single epoch: there is nothing to hold the gain against.
    """
    ends = [end for run in row.records if (end := _last_two(run, metric))]
    if len(ends) < max(len(row.records), LEAST_SEEDS):
        return None
    gains = [metric_named(metric).sign * (last - first) for first, last in ends]
    reach = Uncertainty((mean_of(gains),)).reach((1 - CONFIDENCE) / 2)
    before, after = (sum(values) / len(ends) for values in zip(*ends, strict=True))
    return Rise(before, after, sum(gains) / len(gains), reach, len(ends))


def _last_two(run: Record, metric: str) -> tuple[float, float] | None:
    """Return a run's metric on validation after its last epoch but one and after its last."""
    history = run.training.history[-2:] if run.training else ()
    values = [epoch.validation[metric] for epoch in history if metric in epoch.validation]
    return (values[0], values[1]) if len(values) == 2 else None  # noqa: PLR2004 - two epochs


def converged(row: Row, metric: str) -> bool | None:
    """Return whether a method's trainings had converged when they ended; None where nothing tells.

    By the criterion of the method's own optimizer, in every run, and by the metric's rise in the last epoch.
    """
    told = [run.training.converged for run in row.records if run.training]
    last = rise(row, metric)
    if False in told or (last is not None and last.goes_on):
        return False
    return True if last is not None or (told and all(told)) else None


def outcome(record: Record) -> str:
    """Return the kind of failure of a run without a result, a key of `OUTCOMES`."""
    return record.error.kind if record.error else record.status


def outcomes_of(records: Iterable[Record]) -> dict[str, int]:
    """Return kind -> number of failed runs, the most frequent first."""
    return dict(Counter(map(outcome, records)).most_common())


OUTCOMES = {
    "diverged": msg("diverged"),
    "failed": msg("failed"),
    "killed": msg("killed"),
    "memory": msg("out of memory"),
    "time": msg("out of time"),
    "unsupported": msg("unsupported"),
}
"""What a table calls each kind, to be translated.

Killed: ended by the system without a word, often for want of memory.
"""
