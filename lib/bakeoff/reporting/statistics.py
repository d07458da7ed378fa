"""The difference between two methods: its size, its standard error, its interval, its p value.

Scores are y[method, seed, item]; seeds are paired across methods and items identical. Seeds and items are both
samples, so a difference d[seed, item] has a seed part, an item part and a residual, and the standard error counts
all of them; `seed_terms` has the seed part. Sources: Searle, Casella and McCulloch 1992, ch. 4 (two-way random effects
by mean squares); Satterthwaite 1946 (degrees of freedom of a sum of mean squares); Agresti and Min 2005 (small paired
counts).
Knows arrays only; `verdicts` imports it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from bakeoff.reporting.seed_terms import SeedTerm

__all__ = [
    "DETECTABLE_FACTOR",
    "LEAST_SEEDS",
    "Difference",
    "item_noise",
    "paired_items",
    "seed_noise",
    "sign_flip_p",
    "t_tail",
    "two_way",
]

LEAST_SEEDS = 3
"""Fewer seeds say nothing about the noise between them, and so nothing about methods."""

DETECTABLE_FACTOR = 2.8
"""z(.975) + z(.80): a true gap of this many standard errors shows in four of five comparisons (Lehr 1992)."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """An estimated difference between two methods, in units of the metric.

    se: standard error; df: its degrees of freedom; low, high: interval at 1 - alpha, not corrected for the number
    of comparisons; p: two-sided, likewise
    seed_variance, item_variance, residual_variance: of one seed, one item, one cell; se^2 is about
    seed_variance / seeds + item_variance / items + residual_variance / (seeds items); seed_variance is None where
    the number of seeds says nothing about it
    """

    procedure: Literal["two-way", "sign test", "item t"]
    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    seeds: int
    items: int
    seed_variance: float | None
    item_variance: float
    residual_variance: float

    @property
    def half_width(self) -> float:
        """Half the length of the interval."""
        return (self.high - self.low) / 2

    @property
    def detectable_gap(self) -> float:
        """The true gap that a comparison as noisy as this one finds with 80 % power, before any correction."""
        return DETECTABLE_FACTOR * self.se


def two_way(d: Array, *, own: SeedTerm | None, pooled: SeedTerm | None, alpha: float, unit: float = 1.0) -> Difference:
    """Compare two methods by their item differences d (S, N), S >= 3 and N >= 2.

    SE = sqrt((MS_item + max(ms - MS_res, 0)) / (S N)) with ms the larger of two mean squares between seeds: `own`,
    where it is None that of d itself on S-1 degrees of freedom, and `pooled`. Satterthwaite degrees of freedom with
    those of the larger, and at least those. `unit` is `scores.one_item`.
    """
    seeds, items = d.shape
    mean = float(d.mean())
    by_seed, by_item = d.mean(axis=1) - mean, d.mean(axis=0) - mean
    ms_seed = float(items * np.sum(by_seed**2) / (seeds - 1))
    ms_item = float(seeds * np.sum(by_item**2) / (items - 1))
    # The sum of squares of the residual is what the total leaves over, without a second (S, N) array.
    left = float(np.sum((d - mean) ** 2)) - ms_seed * (seeds - 1) - ms_item * (items - 1)
    ms_res = max(left, 0.0) / ((seeds - 1) * (items - 1))
    term = own or SeedTerm(ms_seed, seeds - 1)
    if pooled and pooled.mean_square >= term.mean_square:
        term = pooled
    seed_part = max(term.mean_square - ms_res, 0.0)
    numerator = ms_item + seed_part
    spread = term.mean_square**2 / term.df + ms_item**2 / (items - 1)
    df = max(numerator**2 / spread, float(term.df)) if spread > 0 else float(term.df)
    se = max(float(np.sqrt(numerator / (seeds * items))), _least_se(items, unit))
    p = max(2 * t_tail(abs(mean) / se, df), _least_p(d))
    reach = _t_quantile(1 - alpha / 2, df) * se
    return Difference(
        procedure="two-way", estimate=mean, se=se, df=df, low=mean - reach, high=mean + reach, p=min(p, 1.0),
        seeds=seeds, items=items, seed_variance=seed_part / items,
        item_variance=max(ms_item - ms_res, 0.0) / seeds, residual_variance=ms_res,
    )  # fmt: skip


def paired_items(d: Array, *, alpha: float, unit: float = 1.0, counts: bool = True) -> Difference:
    """Compare the trained models at hand by their item differences d (S, N), N >= 2; nothing is said of other seeds.

    The p value is that of the exact sign test on item totals, McNemar's for one seed, where d counts right and wrong
    answers; otherwise that of the paired t test on item means. The interval is the t interval of the item means.
    """
    seeds, items = d.shape
    per_item = d.mean(axis=0)
    mean, variance = float(per_item.mean()), float(per_item.var(ddof=1))
    se = max(float(np.sqrt(variance / items)), _least_se(items, unit))
    reach = _t_quantile(1 - alpha / 2, items - 1) * se
    p = sign_flip_p(np.rint(d.sum(axis=0)).astype(np.int64)) if counts else 2 * t_tail(abs(mean) / se, items - 1)
    return Difference(
        procedure="sign test" if counts else "item t", estimate=mean, se=se, df=float(items - 1), low=mean - reach,
        high=mean + reach, p=min(max(p, _least_p(d)), 1.0), seeds=seeds, items=items, seed_variance=None,
        item_variance=variance, residual_variance=0.0,
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
    return max(float(scores.mean(axis=0).std(ddof=1) / np.sqrt(items)), _least_se(items, unit))


def t_tail(t: float, df: float) -> float:
    """Return P(T > t) for Student's t."""
    from scipy.special import stdtr

    return float(stdtr(df, -t))


def _t_quantile(share: float, df: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, share))


def _least_se(items: int, unit: float) -> float:
    """Return the standard error that half a disagreement each way would give.

    N items without a single disagreement do not show that there is none to find. Agresti and Min 2005 add one half
    to each cell of the paired 2x2 table; with no disagreement at all its standard error is 1 / (N + 2).
    """
    return unit / (items + 2)


def _least_p(d: Array) -> float:
    """Return the smallest p an exact test could give: 2^(1-k) for k items on which the two differ at all.

    The t approximation knows nothing of how few items a difference rests on.
    """
    differing = int(np.count_nonzero(np.any(d, axis=0)))
    return float(min(1.0, 2.0 ** (1 - min(differing, 1000))))
