"""The difference between two methods: its size, its standard error, its interval, its p value.

Scores are y[method, seed, item]; seeds are paired across methods and items identical. Seeds and items are both
samples, so a difference d[seed, item] has a seed part, an item part and a residual, and its uncertainty counts
all of them; `seed_terms` has the seed part. Sources: Searle, Casella and McCulloch 1992, ch. 4 (two-way random effects
by mean squares); Howe 1974 (`uncertainty`); Agresti and Min 2005 (small paired counts).
Knows arrays only; `pairing` and `verdicts` import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from bakeoff.reporting.seed_terms import SeedTerm
from bakeoff.reporting.uncertainty import Part, Uncertainty, at_least

__all__ = [
    "LEAST_SEEDS",
    "POWER",
    "Difference",
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


@dataclass(frozen=True)
class Difference:
    """An estimated difference between two methods, in units of the metric.

    low, high: interval at 1 - alpha, not corrected for the number of comparisons; p: two-sided, likewise
    seed_variance, item_variance, residual_variance: of one seed, one item, one cell; the squared standard error is
    about seed_variance / seeds + item_variance / items + residual_variance / (seeds items); seed_variance is None
    where the number of seeds says nothing about it; unit: `scores.one_item`
    """

    procedure: Literal["two-way", "sign test", "item t"]
    estimate: float
    uncertainty: Uncertainty
    low: float
    high: float
    p: float
    seeds: int
    items: int
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
    d: Array, *, seed_term: SeedTerm | None = None, alpha: float, unit: float = 1.0, differing: int | None = None
) -> Difference:
    """Compare two methods by their item differences d (S, N), S >= 3 and N >= 2.

    The squared standard error is (max(ms - MS_res, 0) + MS_item) / (S N): the part of seeds, with the degrees of
    freedom of `seed_term`, and the part of items with N-1. ms is the mean square of `seed_term`; where that is None, of
    d itself on S-1. unit: `scores.one_item`; differing: items on which the two differ, by default those where d does
    """
    seeds, items = d.shape
    mean = float(d.mean())
    by_seed, by_item = d.mean(axis=1) - mean, d.mean(axis=0) - mean
    ms_seed = float(items * np.sum(by_seed**2) / (seeds - 1))
    ms_item = float(seeds * np.sum(by_item**2) / (items - 1))
    # The sum of squares of the residual is what the total leaves over, without a second (S, N) array.
    left = float(np.sum((d - mean) ** 2)) - ms_seed * (seeds - 1) - ms_item * (items - 1)
    ms_res = max(left, 0.0) / ((seeds - 1) * (items - 1))
    term = seed_term or SeedTerm(ms_seed, seeds - 1)
    seed_part = max(term.mean_square - ms_res, 0.0) / items
    of_seeds, of_items = Part(seed_part / seeds, term.df), Part(ms_item / (seeds * items), items - 1)
    uncertainty = at_least(least_se(items, unit), of_seeds, of_items)
    reach = uncertainty.reach(alpha / 2)
    return Difference(
        procedure="two-way", estimate=mean, uncertainty=uncertainty, low=mean - reach, high=mean + reach,
        p=_two_sided(2 * uncertainty.tail(abs(mean)), d, differing), seeds=seeds, items=items, seed_variance=seed_part,
        item_variance=max(ms_item - ms_res, 0.0) / seeds, residual_variance=ms_res, unit=unit,
    )  # fmt: skip


def paired_items(
    d: Array, *, alpha: float, unit: float = 1.0, counts: bool = True, differing: int | None = None
) -> Difference:
    """Compare the trained models at hand by their item differences d (S, N), N >= 2; nothing is said of other seeds.

    The p value is that of the exact sign test on item totals, McNemar's for one seed, where d counts right and wrong
    answers; otherwise that of the paired t test on item means. The interval is the t interval of the item means.
    """
    seeds, items = d.shape
    per_item = d.mean(axis=0)
    mean, variance = float(per_item.mean()), float(per_item.var(ddof=1))
    uncertainty = at_least(least_se(items, unit), Part(variance / items, items - 1))
    reach = uncertainty.reach(alpha / 2)
    p = sign_flip_p(np.rint(d.sum(axis=0)).astype(np.int64)) if counts else 2 * uncertainty.tail(abs(mean))
    return Difference(
        procedure="sign test" if counts else "item t", estimate=mean, uncertainty=uncertainty, low=mean - reach,
        high=mean + reach, p=_two_sided(p, d, differing), seeds=seeds, items=items, seed_variance=None,
        item_variance=variance, residual_variance=0.0, unit=unit,
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


def item_noise(scores: Array, *, unit: float = 1.0) -> float:
    """Return the standard error of a method's mean score (S, N) from the test items alone, N >= 2."""
    items = scores.shape[1]
    return max(float(scores.mean(axis=0).std(ddof=1) / np.sqrt(items)), least_se(items, unit))


def least_se(items: int, unit: float) -> float:
    """Return the standard error that half a disagreement each way would give.

    N items without a single disagreement do not show that there is none to find. Agresti and Min 2005 add one half
    to each cell of the paired 2x2 table; with no disagreement at all its standard error is 1 / (N + 2).
    """
    return unit / (items + 2)


def _two_sided(p: float, d: Array, differing: int | None) -> float:
    """Return p, or the smallest an exact test could give: 2^(1-k) for k items on which the two differ at all.

    The t approximation knows nothing of how few items a difference rests on.
    """
    known = int(np.count_nonzero(np.any(d, axis=0))) if differing is None else differing
    return min(max(p, 2.0 ** (1 - min(known, 1000))), 1.0)
