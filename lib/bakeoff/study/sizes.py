"""An experiment's methods over several numbers of training texts: compared at each, and what doubling them gained.

Every size is a look at the same question with the same test texts, so each is held to its part of the error rate
(Bonferroni): what is claimed at all sizes together is false with a chance of at most that rate, however much alike
they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from bakeoff.experiment.cells import cells_of
from bakeoff.metrics.classification import metric_named
from bakeoff.stats.compare import Comparison, Pair, Verdict, compare
from bakeoff.stats.difference import LEAST_SEEDS, Difference, paired_items, two_way
from bakeoff.stats.inputs import Contender, measure
from bakeoff.stats.sequential import rounded_level
from bakeoff.stats.uncertainty import CONFIDENCE
from bakeoff.study.collect import Collection
from bakeoff.study.study import StudyData

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "AtSize", "Gain", "Point", "Sizes", "Turn", "at_level", "changes_order", "compared", "crossing", "sizes_of",
    "turns",
]  # fmt: skip


@dataclass(frozen=True)
class Point:
    """A method at one size. low, high: interval of its mean over other seeds, training texts and test texts."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class AtSize:
    """What was found with so many training texts. points: by method."""

    texts: int
    collection: Collection
    contenders: Mapping[str, Contender]
    comparison: Comparison
    points: Mapping[str, Point]


@dataclass(frozen=True)
class Gain:
    """What a method gained from `fewer` to `more` training texts, by seeds that have both, for each doubling.

    estimate, low, high: positive for the better, in units of the metric; scope: as of a pair
    """

    method: str
    fewer: int
    more: int
    estimate: float
    low: float
    high: float
    scope: str


@dataclass(frozen=True)
class Turn:
    """Neighbouring sizes at which two methods stand the same way.

    better: the better one, if one is shown to be; equivalent: they are shown to be within the margin of each other
    """

    better: str | None
    equivalent: bool
    texts: tuple[int, ...]


@dataclass(frozen=True)
class Sizes:
    """Methods at every declared size that has a result, rising.

    declared: all sizes; level: what the tests at each are held to; alpha: what all of them together are
    """

    declared: tuple[int, ...]
    at: tuple[AtSize, ...]
    level: float
    alpha: float

    @property
    def comparisons(self) -> dict[int, Comparison]:
        """The verdicts by size."""
        return {one.texts: one.comparison for one in self.at}

    @cached_property
    def gains(self) -> tuple[Gain, ...]:
        """What each trained method gained from each size to the next."""
        found = [
            _gain(name, fewer, more)
            for fewer, more in pairwise(self.at)
            for name in fewer.contenders
            if name in more.contenders and more.contenders[name].trained and not more.contenders[name].deterministic
        ]
        return tuple(one for one in found if one)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per size and method, in units of the metric; a gain is for each doubling since the last size.

        low, high: of the mean; difference and what follows: against the reference, with an interval at `level`
        """
        import pandas as pd

        gains = {(one.method, one.more): one for one in self.gains}
        return pd.DataFrame([row for one in self.at for row in _rows(one, gains, self.level)], columns=_COLUMNS)


_COLUMNS = [
    "train_texts", "method", "seeds", "mean", "low", "high", "seed_sd", "reference", "difference", "difference_low",
    "difference_high", "p_holm", "verdict", "better", "level", "gain_per_doubling", "gain_low", "gain_high",
]  # fmt: skip


def at_level(cell: StudyData, study: StudyData, level: float) -> Comparison:
    """Compare the methods of a cell at a level of its own, as the study asks and with what its looks have dropped."""
    asked = study.experiment.compare
    return compare(
        cell.contenders, metric=asked.metric, reference=asked.reference, alpha=level, margin=asked.equivalence_margin,
        dropped=len(study.account.dropped) if study.account else 0, resamples=0, plans=False,
    )  # fmt: skip


def sizes_of(study: StudyData) -> Sizes | None:
    """Compare the methods of a study at every size that its file names; None where it names none."""
    experiment = study.experiment
    if experiment.train_sizes is None:
        return None
    alpha = study.account.level if study.account else experiment.compare.alpha
    level = rounded_level(alpha / len(experiment.train_sizes))
    found = []
    for cell in cells_of(experiment):
        own = study if not cell.name else StudyData.of(cell.experiment, workspace=study.workspace)
        if own.contenders:
            comparison = at_level(own, study, level)
            found.append(
                compared(int(cell.experiment.data.split.train or 0), own.collection, own.contenders, comparison)
            )
    in_order = tuple(sorted(found, key=lambda one: one.texts))
    return Sizes(tuple(sorted(experiment.train_sizes)), in_order, level=level, alpha=alpha)


def compared(texts: int, collection: Collection, contenders: Sequence[Contender], comparison: Comparison) -> AtSize:
    """Return what was found at one size."""
    points = {one.name: _point(one, comparison.metric) for one in contenders}
    return AtSize(texts, collection, {one.name: one for one in contenders}, comparison, points)


def turns(found: Mapping[int, Comparison], first: str, second: str) -> tuple[Turn, ...]:
    """Return which of two methods is better at which sizes, neighbours together; sizes without both are left out."""
    pairs = [(texts, pair) for texts in sorted(found) if (pair := _pair(found[texts], first, second))]
    grouped = groupby(pairs, key=lambda one: (one[1].better, one[1].verdict is Verdict.EQUIVALENT))
    return tuple(Turn(better, same, tuple(texts for texts, _ in group)) for (better, same), group in grouped)


def crossing(found: Sequence[Turn]) -> tuple[int, int] | None:
    """Return the nearest sizes between which the tests show that a curve crosses the other; None where none do."""
    settled = [one for one in found if one.better]
    for before, after in pairwise(settled):
        if before.better != after.better:
            return before.texts[-1], after.texts[0]
    return None


def changes_order(found: Mapping[int, Comparison], first: str, second: str) -> bool:
    """Return whether the means of two methods change order over the sizes."""
    pairs = [pair for texts in sorted(found) if (pair := _pair(found[texts], first, second))]
    signs = {math.copysign(1, one.difference.estimate) for one in pairs if one.difference and one.difference.estimate}
    return len(signs) > 1


def _pair(comparison: Comparison, first: str, second: str) -> Pair | None:
    """Return a pair as asked; None where one of the two is missing or they cannot be compared."""
    known = {one.name for one in comparison.methods}
    pair = comparison[first, second] if {first, second} <= known else None
    return pair if pair and pair.difference else None


def _point(one: Contender, metric: str) -> Point:
    found = metric_named(metric)
    measured = measure(one, metric=found)
    seeds = len(measured.scores)
    spread: Difference = (
        two_way(measured.scores, units=measured.units, alpha=1 - CONFIDENCE, step=measured.step)
        if seeds >= LEAST_SEEDS
        else paired_items(measured.scores, units=measured.units, alpha=1 - CONFIDENCE, counts=False, step=measured.step)
    )
    ends = sorted(found.sign * end for end in (spread.low, spread.high))
    return Point(found.sign * spread.estimate, *ends)


def _gain(name: str, fewer: AtSize, more: AtSize) -> Gain | None:
    """Hold a method against itself with fewer training texts: same seeds, same test texts."""
    sides = [
        replace(one.contenders[name], name=side, comparability="") for one, side in ((more, "more"), (fewer, "fewer"))
    ]
    comparison = compare(
        sides, metric=more.comparison.metric, reference=None, alpha=1 - CONFIDENCE, margin=more.comparison.margin,
        resamples=0, plans=False,
    )  # fmt: skip
    pair, doublings = comparison["more", "fewer"], math.log2(more.texts / fewer.texts)
    if pair.difference is None:
        return None
    found = pair.difference
    estimate, low, high = (value / doublings for value in (found.estimate, found.low, found.high))
    return Gain(name, fewer.texts, more.texts, estimate, low, high, pair.scope)


def _rows(one: AtSize, gains: Mapping[tuple[str, int], Gain], level: float) -> list[tuple[object, ...]]:
    against = {pair.first: pair for pair in one.comparison.against_reference}
    rows: list[tuple[object, ...]] = []
    for method in one.comparison.methods:
        point, pair, gain = one.points[method.name], against.get(method.name), gains.get((method.name, one.texts))
        held = pair.difference if pair else None
        rows.append((
            one.texts, method.name, len(method.seeds), method.mean, point.low, point.high, method.seed_sd,
            *((pair.second, held.estimate, held.low, held.high, pair.p_holm, pair.finding, pair.better, level)
              if pair and held else (None,) * 8),
            *((gain.estimate, gain.low, gain.high) if gain else (None,) * 3),
        ))  # fmt: skip
    return rows
