"""How much of a difference between two methods is noise between seeds, judged from all methods of the table.

Imported by `statistics` and `pairing`; knows arrays only.

Three seeds of two methods say little about their noise, so all methods of a table are looked at together. But one may
be far less stable than another, and noise pooled over all would be too small for its pairs and too large for others.
So each pair has the noise of its own two methods, moderated by that of all: `tests/simulations` shows what that does
to error rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["SeedTerm", "SeedTerms", "seed_terms"]

PRIOR_DF = 1.0
"""Degrees of freedom that the pooled noise counts for beside a pair's own.

Smyth (2004) estimates them from thousands of variances; a handful does not allow that. With one, error rates stay where
they should whether or not methods are equally stable; with two they no longer do, with none many gaps go unseen.
"""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SeedTerm:
    """A mean square between seeds of the difference of two methods, and its degrees of freedom."""

    mean_square: float
    df: float


@dataclass(frozen=True)
class SeedTerms:
    """The seed terms of a table of K methods under the same S seeds.

    by_method: the share of each method in the mean square of a pair
    """

    by_method: tuple[float, ...]
    seeds: int

    def of_pair(self, first: int, second: int) -> SeedTerm:
        """Return the mean square of a pair, by the places of its two methods in `by_method`.

        Its own is the sum of the two shares. The degrees of freedom of that are those of a sum of two mean squares with
        S-1 each (Satterthwaite 1946): S-1 where one method makes all the noise, 2(S-1) where both are alike. It is
        moderated by the pooled mean square as in Smyth (2004), "Linear models and empirical Bayes methods"; the degrees
        of freedom add up, but are never more than those of the whole table.
        """
        a, b = self.by_method[first], self.by_method[second]
        df = ((a + b) ** 2 / (a**2 + b**2) if a + b > 0 else 1.0) * (self.seeds - 1)
        pooled = 2 * sum(self.by_method) / len(self.by_method)
        whole = (len(self.by_method) - 1) * (self.seeds - 1)
        return SeedTerm((df * (a + b) + PRIOR_DF * pooled) / (df + PRIOR_DF), min(df + PRIOR_DF, whole))


def seed_terms(means: Array, *, items: int) -> SeedTerms | None:
    """Return the seed terms of the means (K, S) of K trained methods over N items under the same S seeds.

    A method's share is N K/(K-1) sum_s r_ks^2 / (S-1), with r_ks what is left of a mean after its method's and its
    seed's average: its part of the interaction, Wricke's ecovalence (1962). Seed effects common to all methods drop
    out, as they do from differences. Shukla (1972) gives its expectation for unequal seed variances v_k:
    ((K-2) v_k + mean v) / (K-1), that is, shrunk a little towards the mean. His unbiased form undoes that and can be
    negative. None for fewer than two methods or seeds.
    """
    methods, seeds = means.shape
    if methods == 1 or seeds == 1:
        return None
    r = means - means.mean(axis=1, keepdims=True) - means.mean(axis=0, keepdims=True) + means.mean()
    shares = items * methods / (methods - 1) * np.sum(r**2, axis=1) / (seeds - 1)
    return SeedTerms(by_method=tuple(shares.tolist()), seeds=seeds)
