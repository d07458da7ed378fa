"""The difference between two methods: its size, its standard error, its interval, its p value.

Scores are y[method, seed, item]; seeds are paired across methods and items identical. Seeds and items are both
samples, so a difference d[seed, item] has a seed part, an item part and a residual, and its uncertainty counts
all of them; `seed_terms` has the seed part. Items that were drawn in groups (all reviews of a film) count by whole
groups: `groups` (N,) are their numbers, and None makes every item a group of its own. Sources: Searle, Casella and
McCulloch 1992, ch. 4 (two-way random effects by mean squares); Liang and Zeger 1986, Cameron and Miller 2015 (groups);
Howe 1974 (`uncertainty`); Agresti and Min 2005 (small paired counts).
Knows arrays only; `pairing` and `verdicts` import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bakeoff.reporting.seed_terms import SeedTerm
from bakeoff.reporting.uncertainty import Part, Uncertainty, at_least

__all__ = [
    "LEAST_SEEDS",
    "POWER",
    "Difference",
    "design_effect",
    "item_noise",
    "least_se",
    "paired_items",
    "seed_noise",
    "sign_flip_p",
    "two_way",
]

LEAST_SEEDS = 3
"""Fewer seeds say nothing about the noise between them, and so nothing about methods."""

POWER = 0.80
"""The chance with which a gap that is called detectable, or a plan that is called enough, shows."""

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Difference:
    """An estimated difference between two methods, in units of the metric.

    low, high: interval at 1 - alpha, not corrected for the number of comparisons; p: two-sided, likewise
    seed_variance, item_variance, residual_variance: of one seed, one item, one cell; the squared standard error is
    about seed_variance / seeds + item_variance / items + residual_variance / (seeds items); seed_variance is None
    where the number of seeds says nothing about it; unit: `scores.one_item`, times the `design_effect`
    groups: of items that were drawn together, as many as items where none were; the variances of an item and a cell are
    then those that items drawn one by one would need for the same standard error
    """

    procedure: Literal["two-way", "sign test", "item t"]
    estimate: float
    uncertainty: Uncertainty
    low: float
    high: float
    p: float
    seeds: int
    items: int
    groups: int
    seed_variance: float | None
    item_variance: float
    residual_variance: float
    unit: float

    @property
    def half_width(self) -> float:
        """Half the length of the interval."""
        return (self.high - self.low) / 2

    @property
    def detectable_gap(self) -> float:
        """The true gap that a comparison as noisy as this one finds with 80 % power, before any correction.

        The interval's half-width and the one-sided reach of the power beyond it; 2.8 standard errors where both noises
        are well known (Lehr 1992), more with few degrees of freedom.
        """
        return self.half_width + self.uncertainty.reach(1 - POWER)


def two_way(
    d: Array,
    *,
    groups: Ints | None = None,
    seed_term: SeedTerm | None = None,
    alpha: float,
    unit: float = 1.0,
    differing: Bools | None = None,
) -> Difference:
    """Compare two methods by their item differences d (S, N), S >= 3 and at least two groups.

    The squared standard error is max(ms / N - V_res, 0) / S + V_item: the part of seeds, with the degrees of freedom of
    `seed_term`, and the part of items, with as many as there are groups but one. ms is the mean square of `seed_term`;
    where that is None, of d itself on S-1. V_item and V_res are the variances that items and cells give the mean of one
    seed, from the sums of their residuals over each group; ungrouped they are MS_item / (S N) and MS_res / N of the
    analysis of variance. unit: `scores.one_item`; differing: (N,) items on which the two differ, by default those where
    d does
    """
    seeds, items = d.shape
    mean, by_seed = float(d.mean()), d.mean(axis=1)
    sums = _by_group(d - by_seed[:, None], groups)
    number, of_group = sums.shape[1], sums.mean(axis=0)
    v_item = _variance_of_mean(of_group, items)
    v_res = float(np.sum((sums - of_group) ** 2)) * number / ((number - 1) * (seeds - 1) * items**2)
    term = seed_term or SeedTerm(items * float(by_seed.var(ddof=1)), seeds - 1)
    seed_part = max(term.mean_square / items - v_res, 0.0)
    of_seeds, of_items = Part(seed_part / seeds, term.df), Part(v_item, number - 1)
    uncertainty = at_least(least_se(items, unit), of_seeds, of_items)
    reach = uncertainty.reach(alpha / 2)
    return Difference(
        procedure="two-way", estimate=mean, uncertainty=uncertainty, low=mean - reach, high=mean + reach,
        p=_two_sided(2 * uncertainty.tail(abs(mean)), d, groups, differing), seeds=seeds, items=items, groups=number,
        seed_variance=seed_part, item_variance=items * max(v_item - v_res / seeds, 0.0),
        residual_variance=items * v_res, unit=unit,
    )  # fmt: skip


def paired_items(
    d: Array,
    *,
    groups: Ints | None = None,
    alpha: float,
    unit: float = 1.0,
    counts: bool = True,
    differing: Bools | None = None,
) -> Difference:
    """Compare the trained models at hand by d (S, N), at least two groups; nothing is said of other seeds.

    The p value is that of the exact sign test on the totals of items or groups, McNemar's for one seed and no groups,
    where d counts right and wrong answers; otherwise that of the paired t test on item means. The interval is the t
    interval of the item means.
    """
    seeds, items = d.shape
    per_item = d.mean(axis=0)
    mean = float(per_item.mean())
    (sums,) = _by_group(per_item[None] - mean, groups)
    variance = _variance_of_mean(sums, items)
    uncertainty = at_least(least_se(items, unit), Part(variance, len(sums) - 1))
    reach = uncertainty.reach(alpha / 2)
    (totals,) = _by_group(d.sum(axis=0)[None], groups)
    p = sign_flip_p(np.rint(totals).astype(np.int64)) if counts else 2 * uncertainty.tail(abs(mean))
    return Difference(
        procedure="sign test" if counts else "item t", estimate=mean, uncertainty=uncertainty, low=mean - reach,
        high=mean + reach, p=_two_sided(p, d, groups, differing), seeds=seeds, items=items, groups=len(sums),
        seed_variance=None, item_variance=items * variance, residual_variance=0.0, unit=unit,
    )  # fmt: skip


def sign_flip_p(totals: npt.NDArray[np.int64]) -> float:
    """Return the exact two-sided p of the sum of `totals` (N,) if each sign were a fair coin's.

    For totals of -1, 0, 1 (one seed, right and wrong) this is McNemar's exact test; with more seeds an item counts as
    often as it differs. The distribution is the convolution of one binomial per size (Good 2005, ch. 3); scipy's
    `binomtest` and `permutation_test`, with which the tests compare, know one size only or list all 2^N flips.
    """
    from scipy.special import gammaln

    observed = abs(int(totals.sum()))
    sizes, counts = np.unique(np.abs(totals[totals != 0]), return_counts=True)
    pmf = np.ones(1)
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        k = np.arange(count + 1)
        binomial = np.exp(gammaln(count + 1) - gammaln(k + 1) - gammaln(count - k + 1) - count * np.log(2))
        spaced = np.zeros(2 * size * count + 1)
        spaced[:: 2 * size] = binomial
        pmf = np.convolve(pmf, spaced)
    reach = len(pmf) // 2
    return float(min(1.0, pmf[np.abs(np.arange(-reach, reach + 1)) >= observed].sum()))


def seed_noise(scores: Array) -> float | None:
    """Return the standard deviation between seeds of a method's scores (S, N), on this test set; None for one seed."""
    return float(scores.mean(axis=1).std(ddof=1)) if len(scores) > 1 else None


def item_noise(scores: Array, *, groups: Ints | None = None, unit: float = 1.0) -> float:
    """Return the standard error of a method's mean score (S, N) from the test items alone, at least two groups."""
    per_item = scores.mean(axis=0)
    (sums,) = _by_group(per_item[None] - per_item.mean(), groups)
    return max(float(np.sqrt(_variance_of_mean(sums, len(per_item)))), least_se(len(per_item), unit))


def design_effect(scores: Array, groups: Ints | None) -> float:
    """Return how many items drawn in groups say as much as one drawn by itself, at least 1 (Kish 1965, ch. 5).

    scores (S, N): of one method. One that is right everywhere, or wrong, tells nothing of it: then it is a whole group.
    """
    if groups is None:
        return 1.0
    apart, together = item_noise(scores, unit=0.0), item_noise(scores, groups=groups, unit=0.0)
    return max(1.0, (together / apart) ** 2) if apart > 0 else scores.shape[1] / (int(groups.max()) + 1)


def least_se(items: int, unit: float) -> float:
    """Return the standard error that half a disagreement each way would give.

    N items without a single disagreement do not show that there is none to find. Agresti and Min 2005 add one half
    to each cell of the paired 2x2 table; with no disagreement at all its standard error is 1 / (N + 2).
    """
    return unit / (items + 2)


def _by_group(values: Array, groups: Ints | None) -> Array:
    """Sum values (S, N) over the items of each group: (S, G). Groups are numbered from 0, every number taken."""
    return values if groups is None else np.stack([np.bincount(groups, weights=row) for row in values])


def _variance_of_mean(sums: Array, items: int) -> float:
    """Return the variance of a mean over N items from the sums (G,) of their residuals in each group.

    Items of one group may resemble each other in any way; groups are independent. Where each item is a group, it is the
    variance over N.
    """
    number = len(sums)
    return float(np.sum(sums**2)) * number / ((number - 1) * items**2)


def _two_sided(p: float, d: Array, groups: Ints | None, differing: Bools | None) -> float:
    """Return p, or the smallest an exact test could give: 2^(1-k) for k items (or groups) where the two differ at all.

    The t approximation knows nothing of how few items a difference rests on.
    """
    items = np.any(d, axis=0) if differing is None else differing
    known = np.count_nonzero(items) if groups is None else len(np.unique(groups[items]))
    return min(max(p, 2.0 ** (1 - min(known, 1000))), 1.0)
