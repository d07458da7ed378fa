"""Two sets of items without an item in common, scored by the same trained models: whether a mean differs there.

With scores of one method it is the drop in quality from one test set to another; with differences between two methods
it is the interaction of methods and sets: whether the difference depends on where one looks. Sources: the mean squares
of `difference` (Searle, Casella and McCulloch 1992, ch. 4) for each set by itself, the difference of independent means
(Welch 1947), and Howe 1974 (`uncertainty`) in the place of Welch's degrees of freedom. Knows arrays only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bakeoff.stats.difference import LEAST_SEEDS, least_p, least_se
from bakeoff.stats.inputs import Measured, shared_seeds, step_of
from bakeoff.stats.uncertainty import Part, Uncertainty, at_least
from bakeoff.stats.units import Units

__all__ = ["Gap", "Side", "between", "difference_between", "score_between"]


Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Side:
    """What is known on one set. values: (S, N) by seed and item; units: of its items; effect: their `design_effect`.

    step: what a disagreement about one item is in the unit of the values
    """

    values: Array
    units: Units
    effect: float = 1.0
    step: float = 1.0


@dataclass(frozen=True)
class Gap:
    """The mean on a first set less that on a second.

    p: two-sided, not corrected; seeds: that the noise between seeds is known from, 0 where it is not counted
    fixed: no seed would change anything; bias: what chance added to the estimate of a biased metric at most
    """

    estimate: float
    uncertainty: Uncertainty
    p: float
    seeds: int
    fixed: bool
    bias: float = 0.0

    @property
    def scope(self) -> str:
        """Whether it is about methods, or only about the models trained here (too few seeds)."""
        return "methods" if self.seeds or self.fixed else "models"

    def at_once(self, *, alpha: float, comparisons: int) -> tuple[float, float]:
        """Return the interval that holds together with those of so many comparisons (Bonferroni)."""
        reach = self.uncertainty.reach(alpha / comparisons / 2)
        ends = (self.estimate, self.estimate - self.bias)
        return min(ends) - reach, max(ends) + reach

    def corrected(self, comparisons: int) -> float:
        """Return the p value that says the same as the interval of all at once."""
        return min(1.0, comparisons * self.p)


def between(first: Side, second: Side, *, fixed: bool = False, bias: float = 0.0) -> Gap:
    """Compare the means on two sets of independent items by the same seeds; each set has two items or more.

    The squared standard error is V_seed / S + max(V_item1 - V_res1 / S, 0) + max(V_item2 - V_res2 / S, 0). V_seed is
    the variance between seeds of the difference of means, with S - 1 degrees of freedom: what a seed does to both
    sets alike cancels. The others are what the items of each set add, as in `two_way`, with the degrees of freedom of
    its units. With fewer than three seeds items alone count, V_item of the mean over seeds; with one seed and items
    drawn one by one the standard error is Welch's.
    fixed: no seed would change anything
    """
    seeds = len(first.values)
    known = seeds >= LEAST_SEEDS
    estimate = float(first.values.mean() - second.values.mean())
    by_seed = first.values.mean(axis=1) - second.values.mean(axis=1)
    parts = [_items(first, seeds=known), _items(second, seeds=known)]
    if known:
        parts.insert(0, Part(float(by_seed.var(ddof=1)) / seeds, seeds - 1))
    least = [least_se(one.values.shape[1], one.units.one_item * one.effect * one.step) for one in (first, second)]
    uncertainty = at_least(math.hypot(*least), *parts)
    near = 0.0 if estimate * (estimate - bias) < 0 else min(abs(estimate), abs(estimate - bias))
    p = 2 * uncertainty.tail(near)
    hit = sum(one.units.hit(np.any(one.values, axis=0)) for one in (first, second))
    return Gap(estimate, uncertainty, min(max(p, least_p(hit)), 1.0), seeds if known else 0, fixed, bias)


def _items(side: Side, *, seeds: bool) -> Part:
    """Return what the choice of items adds to the mean; seeds: beyond what it adds to the noise between seeds."""
    values, units = side.values, side.units
    if not seeds:
        per_item = values.mean(axis=0)
        return Part(units.variance_of_mean(units.sums(per_item[None] - per_item.mean())[0]), units.df)
    sums = units.sums(values - values.mean(axis=1)[:, None])
    of_units = sums.mean(axis=0)
    residual = sum(map(units.variance_of_mean, sums - of_units)) / (len(values) - 1)
    return Part(max(units.variance_of_mean(of_units) - residual / len(values), 0.0), units.df)


def score_between(first: Measured, second: Measured) -> Gap | None:
    """Return a method's score on a first set less that on a second, by the seeds it has on both; None without any."""
    seeds = tuple(seed for seed in first.seeds if seed in second.seeds)
    fixed = first.fixed and second.fixed
    if not seeds:
        return None
    rows = [one.rows(()) if fixed else one.rows(seeds) for one in (first, second)]
    by_row = list(zip((first, second), rows, strict=True))
    sides = [Side(one.scores[row], one.units, one.design_effect, one.step) for one, row in by_row]
    bias = [float(one.excess[row].mean()) for one, row in by_row]
    return between(*sides, fixed=fixed, bias=bias[0] - bias[1])


def difference_between(first: tuple[Measured, Measured], second: tuple[Measured, Measured]) -> Gap | None:
    """Return the difference of two methods on a first set less that on a second; None without a common seed.

    first, second: the two methods there, in the same order, on the same items each
    """
    fixed = all(one.fixed for one in (*first, *second))
    seeds: tuple[int, ...] = ()
    if not fixed:
        both = [set(shared_seeds(*pair)) or None for pair in (first, second)]
        known = [one for one in both if one is not None]
        seeds = tuple(sorted(set.intersection(*known))) if known else ()
        if not seeds:
            return None
    sides, bias = [], []
    for a, b in (first, second):
        rows_a, rows_b = a.rows(seeds), b.rows(seeds)
        effect = max(a.design_effect, b.design_effect)
        d = a.scores[rows_a] - b.scores[rows_b]
        sides.append(Side(d, a.units, effect, step_of(d, a, b)))
        bias.append(float(a.excess[rows_a].mean() - b.excess[rows_b].mean()))
    return between(*sides, fixed=fixed, bias=bias[0] - bias[1])
