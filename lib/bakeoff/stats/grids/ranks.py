"""Ranks of methods over data sets, and the tests that rest on them.

The data set is the unit: each ranks the methods once, however many models or seeds stand behind its scores. Pairs are
tested by the exact signed-rank test, not by mean ranks: what mean ranks say of two methods turns with which others are
in the table (Benavoli, Corani and Mangili 2016, "Should we really use post-hoc tests based on mean-ranks?"). Sources:
Demsar 2006, "Statistical comparisons of classifiers over multiple data sets"; Pratt 1959 (differences of zero). Knows
arrays only.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bakeoff.stats.difference import least_p

__all__ = [
    "Friedman",
    "Practical",
    "critical_difference",
    "friedman",
    "least_data_sets",
    "practical",
    "rank_rows",
    "signed_rank_p",
    "signed_ranks",
]


Array = npt.NDArray[np.float64]

_DIGITS = 10
"""To which scores are compared: two sums of the same numbers in another order are the same score."""

_DRAWS, _SEED, _PRIOR = 10_000, 20_260_101, 0.5
"""Of the posterior, its fixed seed, and the weight of one made-up difference of zero (Benavoli et al. 2017, 4.2)."""


@dataclass(frozen=True)
class Friedman:
    """Friedman's test that methods rank alike; f: in the form of Iman and Davenport 1980, to which p belongs.

    chi_squared is corrected for ties; df: of f, numerator and denominator; p is never below what the most unequal table
    of that size has by chance, 1 / (K!)^(D - 1)
    """

    chi_squared: float
    f: float
    df: tuple[int, int]
    p: float


@dataclass(frozen=True)
class Practical:
    """Probabilities that on most data sets like these the first is better, neither matters, the second is better."""

    first: float
    neither: float
    second: float

    def flipped(self) -> Practical:
        """Return the same with first and second exchanged."""
        return Practical(self.second, self.neither, self.first)


def rank_rows(scores: Array) -> Array:
    """Return the ranks (D, K) of K methods within each of D data sets: 1 is the best, ties share their mean."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(-np.round(scores, _DIGITS), axis=1), dtype=np.float64)


def friedman(ranks: Array) -> Friedman | None:
    """Test whether methods rank alike; ranks (D, K). None for fewer than three methods or two data sets.

    Chi-squared by Conover 1999, 5.8, which counts ties; without any it is Friedman's own.
    """
    from scipy.special import fdtrc

    data_sets, methods = ranks.shape
    if methods < 3 or data_sets < 2:  # noqa: PLR2004 - two methods are a pair, one data set has no others
        return None
    middle = (methods + 1) / 2
    spread = float(np.sum((ranks - middle) ** 2))
    between = float(np.sum((ranks.sum(axis=0) - data_sets * middle) ** 2))
    chi_squared = (methods - 1) * between / spread if spread > 0 else 0.0
    df = (methods - 1, (methods - 1) * (data_sets - 1))
    room = data_sets * (methods - 1) - chi_squared
    f = (data_sets - 1) * chi_squared / room if room > 1e-9 else math.inf  # noqa: PLR2004 - every data set ranks alike
    least = math.factorial(methods) ** -(data_sets - 1.0)
    return Friedman(chi_squared, f, df, max(float(fdtrc(*df, f)) if math.isfinite(f) else 0.0, least))


def critical_difference(methods: int, data_sets: int, *, alpha: float) -> float:
    """Return by how much two mean ranks have to differ for Nemenyi's test to tell methods apart (Demsar 2006, 3.2.2).

    >>> round(critical_difference(4, 14, alpha=0.05), 2)
    1.25
    """
    return _nemenyi_quantile(methods, alpha) * math.sqrt(methods * (methods + 1) / (6 * data_sets))


@functools.cache
def _nemenyi_quantile(methods: int, alpha: float) -> float:
    """Return the quantile of the Studentized range over the root of two; scipy integrates for it, a while each time."""
    from scipy.stats import studentized_range

    return float(studentized_range.isf(alpha, methods, np.inf)) / math.sqrt(2)


def signed_ranks(differences: Array) -> npt.NDArray[np.int64]:
    """Return twice the rank of each size (N,), with the sign of the difference; zeros are ranked and then count none.

    Twice, so that the mean rank of two that are tied is a whole number.
    """
    from scipy.stats import rankdata

    rounded = np.round(np.asarray(differences, dtype=np.float64), _DIGITS)
    return np.rint(2 * rankdata(np.abs(rounded)) * np.sign(rounded)).astype(np.int64)


def signed_rank_p(differences: Array) -> float:
    """Return the exact two-sided p of Wilcoxon's signed-rank test, ties and zeros included (N,).

    scipy's has the exact distribution without ties and zeros only, and else lists all 2^N sign flips (the tests
    compare); here the distribution of the sum of positive ranks grows rank by rank.
    """
    signed = signed_ranks(differences)
    ranks = np.abs(signed[signed != 0])
    total = int(ranks.sum())
    positive = np.zeros(total + 1)
    positive[0] = 1.0
    for rank in ranks.tolist():
        shifted = np.zeros_like(positive)
        shifted[rank:] = positive[:-rank]
        positive = (positive + shifted) / 2
    far = np.abs(2 * np.arange(total + 1) - total) >= abs(int(signed.sum()))
    return float(min(1.0, positive[far].sum()))


def least_data_sets(comparisons: int, *, alpha: float) -> int:
    """Return from how many data sets on the signed-rank test can tell any pair apart, in a family of so many.

    With N of them the smallest p is 2^(1 - N), for one method ahead on all; Holm's first step multiplies it.
    """
    found = 2
    while comparisons * least_p(found) >= alpha:
        found += 1
    return found


def practical(differences: Array, *, margin: float) -> Practical:
    """Return how likely a pair's difference over data sets lies beyond either end of +-margin, or within; (N,).

    The Bayesian signed-rank test of Benavoli, Corani, Demsar and Zaffalon 2017, "Time for a change": data sets weigh by
    a Dirichlet distribution, and each draw of the weights falls to the region that holds most pairs of them.
    """
    z = np.append(np.asarray(differences, dtype=np.float64), 0.0)
    shape = np.append(np.ones(len(z) - 1), _PRIOR)
    weights = np.random.default_rng(_SEED).dirichlet(shape, size=_DRAWS)
    sums = np.round(z[:, None] + z[None, :], _DIGITS)
    shares = np.stack([np.einsum("bi,ij,bj->b", weights, region.astype(np.float64), weights, optimize=True)
                       for region in (sums > 2 * margin, np.abs(sums) <= 2 * margin, sums < -2 * margin)])  # fmt: skip
    most = shares >= shares.max(axis=0) - 1e-12
    first, neither, second = (most / most.sum(axis=0)).mean(axis=1).tolist()
    return Practical(first, neither, second)
