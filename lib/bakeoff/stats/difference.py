"""The difference between two methods: its size, its standard error, its interval, its p value.

Scores are y[method, seed, item]; seeds are paired across methods and items identical. Seeds and items are both samples,
so a difference d[seed, item] has a seed part, an item part and a residual, and its uncertainty counts all of them,
each known from the pair's own scores. Items that were drawn in groups (all reviews of a film) count by whole groups:
`units` are what was drawn, by default items that count alike. Sources: Searle, Casella and McCulloch 1992, ch. 4
(two-way random effects by mean squares); Howe 1974 (`uncertainty`); Agresti and Min 2005 (small paired counts). Knows
arrays only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from bakeoff.stats.uncertainty import CONFIDENCE, Part, Uncertainty, at_least
from bakeoff.stats.units import Units, equal_items

__all__ = [
    "LEAST_SEEDS",
    "POWER",
    "Difference",
    "collapse_bound",
    "design_effect",
    "item_noise",
    "least_p",
    "least_se",
    "paired_items",
    "seed_multiple",
    "seed_noise",
    "seed_noise_interval",
    "sign_flip_p",
    "two_way",
]


LEAST_SEEDS = 3
"""Fewer seeds say nothing about the noise between them, and so nothing about methods."""

POWER = 0.80
"""The chance with which a gap that is called detectable, or a plan that is called enough, shows."""

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Difference:
    """An estimated difference between two methods, in units of the metric.

    low, high: interval at 1 - alpha, not corrected for the number of comparisons; p: two-sided, likewise
    seed_variance, item_variance, residual_variance: of one seed, one item, one cell; the squared standard error is
    about seed_variance / seeds + item_variance / items + residual_variance / (seeds items); seed_variance is None
    where the number of seeds says nothing about it
    bias: what chance added to the estimate of a biased metric at most; interval and tests hold with and without it
    units: drawn to make the items, as many as items where each was drawn by itself; the variances of an item and a cell
    are those that items drawn one by one would need for the same standard error; differing: units with any item on
    which the two differ; floor: N + 2 times the least standard error; most: that any two methods can differ by
    """

    procedure: Literal["two-way", "sign test", "item t"]
    estimate: float
    uncertainty: Uncertainty
    low: float
    high: float
    p: float
    seeds: int
    items: int
    units: int
    differing: int
    alpha: float
    seed_variance: float | None
    item_variance: float
    residual_variance: float
    floor: float
    bias: float = 0.0
    most: float = math.inf

    @property
    def half_width(self) -> float:
        """Half the length of the interval."""
        return (self.high - self.low) / 2

    @property
    def detectable_gap(self) -> float | None:
        """The true gap that a comparison as noisy as this one finds with 80 % power, before any correction.

        2.8 standard errors where both noises are well known (Lehr 1992), more with few degrees of freedom: another
        comparison has an interval of another width. None where so few units cannot show any gap.
        """
        return self.detectable(comparisons=1)

    def detectable(self, *, comparisons: int) -> float | None:
        """Return the gap found with 80 % power at the strictest of Holm's steps; None where no gap can be."""
        level = self.alpha / comparisons
        if least_p(self.units) >= level:
            return None
        found = self.uncertainty.detectable(level / 2, POWER) + abs(self.bias) / 2
        return min(found, self.most)

    def least_margin(self, *, comparisons: int) -> float:
        """Return the least margin within which this difference is shown to lie, at the strictest of Holm's steps."""
        return min(self.farthest + self.uncertainty.reach(self.alpha / comparisons), self.most)

    def at_once(self, *, comparisons: int) -> tuple[float, float]:
        """Return the interval that holds together with those of so many comparisons (Bonferroni)."""
        return _around(self.estimate, self.bias, self.uncertainty.reach(self.alpha / comparisons / 2))

    @property
    def farthest(self) -> float:
        """The size of the difference, or of what it is without the bias if that is larger."""
        return max(abs(self.estimate), abs(self.estimate - self.bias))

    @property
    def inner(self) -> tuple[float, float]:
        """The interval at 1 - 2 alpha, within a margin where two one-sided tests say so (Schuirmann 1987)."""
        return _around(self.estimate, self.bias, self.uncertainty.reach(self.alpha))


def two_way(
    d: Array,
    *,
    units: Units | None = None,
    alpha: float,
    effect: float = 1.0,
    differing: Bools | None = None,
    bias: float = 0.0,
    step: float = 1.0,
) -> Difference:
    """Compare two methods by their item differences d (S, N), S >= 3, and by nothing else.

    The squared standard error is V_seed / S + max(V_item - V_res / S, 0): what seeds and cells give the mean, with S-1
    degrees of freedom, and what items add to it, with those of `units`. V_seed is the variance between the means of
    seeds; V_item and V_res are the variances that items give the mean, and cells the mean of one seed, from the sums of
    their residuals over each unit. Where items count alike and each was drawn by itself the three are MS_seed / N,
    MS_item / (S N) and MS_res / N of the analysis of variance. The part of seeds is a mean square as it stands: a
    difference of mean squares, MS_seed - MS_res, is known less well than its S-1 degrees of freedom would say.
    effect: the `design_effect` at least; differing: (N,) items on which the two differ, by default those where d does;
    bias: of the mean at most; step: what a disagreement about one item is, in the unit of d
    """
    seeds, items = d.shape
    units = units or equal_items(items)
    mean, by_seed = float(d.mean()), d.mean(axis=1)
    sums = units.sums(d - by_seed[:, None])
    of_units = sums.mean(axis=0)
    v_item = units.variance_of_mean(of_units)
    v_res = sum(map(units.variance_of_mean, sums - of_units)) / (seeds - 1)
    v_seed, beyond = float(by_seed.var(ddof=1)), max(v_item - v_res / seeds, 0.0)
    of_seeds, of_items = Part(v_seed / seeds, seeds - 1), Part(beyond, units.df)
    floor = units.one_item * effect * step
    uncertainty = at_least(least_se(items, floor), of_seeds, of_items)
    low, high = _around(mean, bias, uncertainty.reach(alpha / 2))
    hit = units.hit(np.any(d, axis=0) if differing is None else differing)
    return Difference(
        procedure="two-way", estimate=mean, uncertainty=uncertainty, low=low, high=high, bias=bias,
        p=_possible(_two_sided(uncertainty, mean, bias), hit), seeds=seeds, items=items, units=units.count,
        differing=hit, alpha=alpha, seed_variance=max(v_seed - v_res, 0.0), item_variance=items * beyond,
        residual_variance=items * v_res, floor=floor,
    )  # fmt: skip


def paired_items(
    d: Array,
    *,
    units: Units | None = None,
    alpha: float,
    effect: float = 1.0,
    counts: bool = True,
    differing: Bools | None = None,
    bias: float = 0.0,
    step: float = 1.0,
) -> Difference:
    """Compare the trained models at hand by d (S, N); nothing is said of other seeds.

    The p value is that of the exact sign test on the totals of units, McNemar's for one seed and items drawn one by
    one, where d counts right and wrong answers; otherwise that of the paired t test on item means. The interval is the
    t interval of the item means. units, effect, differing, bias, step: as in `two_way`
    """
    seeds, items = d.shape
    units = units or equal_items(items)
    per_item = d.mean(axis=0)
    mean = float(per_item.mean())
    variance = units.variance_of_mean(units.sums(per_item[None] - mean)[0])
    floor = units.one_item * effect * step
    uncertainty = at_least(least_se(items, floor), Part(variance, units.df))
    low, high = _around(mean, bias, uncertainty.reach(alpha / 2))
    p = sign_flip_p(units.totals(d.sum(axis=0))) if counts else _two_sided(uncertainty, mean, bias)
    hit = units.hit(np.any(d, axis=0) if differing is None else differing)
    return Difference(
        procedure="sign test" if counts else "item t", estimate=mean, uncertainty=uncertainty, low=low,
        high=high, bias=bias, p=_possible(p, hit), seeds=seeds, items=items, units=units.count, differing=hit,
        alpha=alpha, seed_variance=None, item_variance=items * variance, residual_variance=0.0, floor=floor,
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


def seed_noise_interval(seed_sd: float, seeds: int) -> tuple[float, float]:
    """Return the interval of a standard deviation between so many seeds, two or more, were they normal (chi-square)."""
    from scipy.special import chdtri

    df, tail = seeds - 1, (1 - CONFIDENCE) / 2
    low, high = (seed_sd * float(np.sqrt(df / chdtri(df, share))) for share in (tail, 1 - tail))
    return low, high


def seed_multiple(seeds: int, *, level: float) -> float:
    """Return how many standard errors a difference takes to be shown at a level where all noise is between seeds."""
    from scipy.special import stdtrit

    return float(stdtrit(seeds - 1, 1 - level / 2))


def collapse_bound(seeds: int) -> float:
    """Return the rate of collapse that this many runs without one exclude (Clopper and Pearson 1934, one-sided)."""
    return float(1 - (1 - CONFIDENCE) ** (1 / seeds))


def item_noise(scores: Array, units: Units | None = None, *, step: float = 1.0) -> float:
    """Return the standard error of a method's mean score (S, N) from the choice of test items alone."""
    units = units or equal_items(scores.shape[1])
    return max(_item_noise(scores, units), least_se(units.items, units.one_item * step))


def design_effect(scores: Array, units: Units) -> float:
    """Return how many items drawn in groups say as much as one drawn by itself, at least 1 (Kish 1965, ch. 5).

    scores (S, N): of one method. One that is right everywhere, or wrong, tells nothing of it: then it is a whole unit.
    """
    apart, together = _item_noise(scores, units.alone()), _item_noise(scores, units)
    return max(1.0, (together / apart) ** 2 if apart > 0 else units.alone().effective / units.effective)


def least_se(items: float, floor: float) -> float:
    """Return the standard error that half a disagreement each way would give, floor / (N + 2).

    N items without a single disagreement do not show that there is none to find. Agresti and Min 2005 add one half
    to each cell of the paired 2x2 table; with no disagreement at all its standard error is 1 / (N + 2).
    """
    return floor / (items + 2)


def least_p(differing: int) -> float:
    """Return the smallest two-sided p of an exact test on so many units where two methods differ at all: 2^(1-k)."""
    return 2.0 ** (1 - min(differing, 1000))


def _item_noise(scores: Array, units: Units) -> float:
    per_item = scores.mean(axis=0)
    return float(np.sqrt(units.variance_of_mean(units.sums(per_item[None] - per_item.mean())[0])))


def _around(mean: float, bias: float, reach: float) -> tuple[float, float]:
    """Return the interval that holds both the one around the mean and the one around the mean without its bias."""
    return min(mean, mean - bias) - reach, max(mean, mean - bias) + reach


def _two_sided(uncertainty: Uncertainty, mean: float, bias: float) -> float:
    """Return the larger p of the mean and of the mean without its bias; 1 where the two lie on either side of zero."""
    if mean * (mean - bias) < 0:
        return 1.0
    return 2 * uncertainty.tail(min(abs(mean), abs(mean - bias)))


def _possible(p: float, differing: int) -> float:
    """Return p, or `least_p`: the t approximation knows nothing of how few units a difference rests on."""
    return min(max(p, least_p(differing)), 1.0)
