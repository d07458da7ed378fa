"""Every pair of methods, tested by its own scores alone, before any correction; and with a verdict, after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from bakeoff.metrics.metric import Metric
from bakeoff.stats.bootstrap import item_replicates, percentile_interval, seed_resampled
from bakeoff.stats.difference import LEAST_SEEDS, Difference, paired_items, two_way
from bakeoff.stats.inputs import Measured, Reason, shared_seeds, step_of, tables, why_not
from bakeoff.stats.power import Needed
from bakeoff.stats.predictive import Chances

__all__ = ["FINDINGS", "Family", "Pair", "Relation", "Tested", "Verdict", "tested_pairs"]


Array = npt.NDArray[np.float64]

_RESAMPLING, _ITEMS, _SEEDS = 20_260_101, 0, 1
"""Seed of the bootstrap and its streams, by what they draw: fixed, so that the same records give the same report."""


@dataclass(frozen=True, kw_only=True)
class Tested:
    """`first` against `second`; a positive estimate favours `first`. What does not apply is None.

    reason: why they cannot be compared; seeds: those they are paired by, none where neither depends on one
    declared: how many seeds that was to be, 0 where nobody said
    scope: whether the result is about methods, or only about the models trained here (too few seeds)
    bootstrap: interval of the cross-check; agrees: it calls the same difference real, before correction
    """

    first: str
    second: str
    reason: Reason | None = None
    seeds: tuple[int, ...] = ()
    scope: Literal["methods", "models"] = "methods"
    difference: Difference | None = None
    bootstrap: tuple[float, float] | None = None
    agrees: bool | None = None
    declared: int = 0

    @property
    def short(self) -> bool:
        """Whether it rests on fewer seeds than were declared."""
        return self.difference is not None and 0 < len(self.seeds) < self.declared

    def flipped(self) -> Self:
        """Return the same test with `first` and `second` exchanged."""
        first, second, old = self.second, self.first, self.difference
        if old is None:
            return replace(self, first=first, second=second)
        difference = replace(old, estimate=-old.estimate, low=-old.high, high=-old.low, bias=-old.bias)
        bootstrap = (-self.bootstrap[1], -self.bootstrap[0]) if self.bootstrap else None
        return replace(self, first=first, second=second, difference=difference, bootstrap=bootstrap)


Family = Literal["reference", "baselines", "all pairs"]
"""Comparisons that are corrected together: with the reference, of a baseline with what is none, all. A pair has the
verdict of the first family that holds it, and counts in the others, too: so the three together claim hardly more than
one of them."""


class Verdict(StrEnum):
    """What the data say about a pair, after correction within its family; equal to its text.

    >>> bakeoff.Verdict.BETTER_NEGLIGIBLE == "better, but negligibly"
    True
    """

    BETTER = "better"
    EQUIVALENT = "equivalent"
    BETTER_NEGLIGIBLE = "better, but negligibly"
    NOT_SETTLED = "not settled"
    NOT_COMPARABLE = "not comparable"


Relation = Literal["better", "ahead", "equivalent", "not_settled", "behind", "worse", "not_comparable"]
"""What the data say of a pair's first method against its second; ahead, behind: by less than the margin."""

_RELATIONS: dict[Verdict, Relation] = {
    Verdict.BETTER: "better", Verdict.BETTER_NEGLIGIBLE: "ahead", Verdict.EQUIVALENT: "equivalent",
    Verdict.NOT_SETTLED: "not_settled", Verdict.NOT_COMPARABLE: "not_comparable",
}  # fmt: skip
FINDINGS: dict[Relation, str] = {
    "better": "better", "ahead": "better, negligibly", "equivalent": "equivalent", "not_settled": "not settled",
    "behind": "worse, negligibly", "worse": "worse", "not_comparable": "not comparable",
}  # fmt: skip
"""What tables call a relation."""
_TURNED: dict[str, Relation] = {"better": "worse", "ahead": "behind"}


@dataclass(frozen=True, kw_only=True)
class Pair(Tested):
    """A tested pair with its verdict.

    family: of comparisons that are corrected together; p_holm, p_equivalence_holm: so corrected
    comparisons: how many its family corrects for; needed: what would settle it, where it is not settled
    chances: of the next run and texts, where methods are spoken of
    """

    family: Family
    verdict: Verdict
    p_holm: float | None = None
    p_equivalence_holm: float | None = None
    comparisons: int = 0
    needed: Needed | None = None
    chances: Chances | None = None

    def flipped(self) -> Self:
        """Return the same pair with `first` and `second` exchanged."""
        return replace(super().flipped(), chances=self.chances.flipped() if self.chances else None)

    @property
    def better(self) -> str | None:
        """The one that is better, where one is."""
        if self.difference is None or self.verdict not in (Verdict.BETTER, Verdict.BETTER_NEGLIGIBLE):
            return None
        return self.first if self.difference.estimate > 0 else self.second

    @property
    def relation(self) -> Relation:
        """What the data say of the first against the second."""
        known: Relation = _RELATIONS[self.verdict]
        return _TURNED[known] if self.better == self.second else known

    @property
    def finding(self) -> str:
        """The verdict on the first against the second, as tables have it: "worse" where the second is better."""
        return FINDINGS[self.relation]


def tested_pairs(measured: Sequence[Measured], *, metric: Metric, alpha: float, resamples: int) -> list[Tested]:
    """Test every pair of methods at level `alpha`; resamples: of the bootstrap cross-check, 0 leaves it out.

    Every pair sees the same resamples of its items and of its number of seeds, so that no pair depends on which others
    there are.
    """
    grouped = tables(measured)
    biased = metric.items is not None and metric.items.excess is not None  # a resample is biased twice
    drawn = _replicates(grouped, metric=metric, resamples=resamples) if resamples and not biased else {}
    found = []
    for a, b in combinations(measured, 2):
        if reason := why_not(a, b):
            found.append(Tested(first=a.name, second=b.name, reason=reason))
            continue
        tested = _test(a, b, metric=metric, alpha=alpha)
        if drawn:
            tested = _cross_check(tested, a, b, drawn=drawn, alpha=alpha)
        found.append(tested)
    return found


def _test(a: Measured, b: Measured, *, metric: Metric, alpha: float) -> Tested:
    """Compare two methods by the seeds they share."""
    seeds = shared_seeds(a, b)
    rows_a, rows_b = a.rows(seeds), b.rows(seeds)
    d = a.scores[rows_a] - b.scores[rows_b]
    # Pseudovalues differ everywhere as soon as two methods do anywhere; two wrong answers count alike.
    unlike = a.given[rows_a] != b.given[rows_b]
    differing = np.any((d != 0) & (unlike if unlike.ndim == d.ndim else unlike.any(axis=-1)), axis=0)
    # Where the two hardly differ, nothing tells how alike texts of a group are but the methods' own scores.
    effect = max(a.design_effect, b.design_effect)
    bias = float(a.excess[rows_a].mean() - b.excess[rows_b].mean())
    step = step_of(d, a, b)
    if len(seeds) >= LEAST_SEEDS:
        difference = two_way(d, units=a.units, alpha=alpha, effect=effect, differing=differing, bias=bias, step=step)
    else:
        counts = metric.items is not None and metric.items.counts
        difference = paired_items(
            d, units=a.units, alpha=alpha, effect=effect, counts=counts, differing=differing, bias=bias, step=step
        )
    if metric.unit == "pp":
        difference = replace(difference, most=1.0)
    scope: Literal["methods", "models"] = "models" if 0 < len(seeds) < LEAST_SEEDS else "methods"
    declared = max(a.declared, b.declared)
    return Tested(first=a.name, second=b.name, seeds=seeds, scope=scope, difference=difference, declared=declared)


def _replicates(grouped: Sequence[Sequence[Measured]], *, metric: Metric, resamples: int) -> dict[str, Array]:
    """Return the metric in each resample of the items or their groups, (resamples, S) by name of method."""
    found = {}
    for table in grouped:
        rows = [one.given for one in table]
        first = table[0]
        rng = np.random.default_rng([_RESAMPLING, _ITEMS])
        values = item_replicates(
            metric, gold=first.gold, given=rows, groups=first.units.groups, resamples=resamples, rng=rng
        )
        found.update({one.name: value for one, value in zip(table, values, strict=True)})
    return found


def _cross_check(tested: Tested, a: Measured, b: Measured, *, drawn: dict[str, Array], alpha: float) -> Tested:
    """Add the bootstrap interval: over items, and over seeds too where the test counts their noise."""
    difference = tested.difference
    if difference is None:
        return tested
    rows_a, rows_b = a.rows(tested.seeds), b.rows(tested.seeds)
    replicates = drawn[a.name][:, rows_a] - drawn[b.name][:, rows_b]
    if difference.procedure == "two-way":
        observed = a.scores[rows_a].mean(axis=1) - b.scores[rows_b].mean(axis=1)
        values = seed_resampled(replicates, observed=observed, rng=np.random.default_rng([_RESAMPLING, _SEEDS]))
    else:
        values = replicates.mean(axis=1)
    low, high = percentile_interval(values, alpha=alpha)
    return replace(tested, bootstrap=(low, high), agrees=(difference.p < alpha) == (low > 0 or high < 0))
