"""How much of a difference between two methods is noise between seeds, judged from all methods of the table.

Three seeds of two methods say little about their noise, so all methods of a table are looked at together. But one may
be far less stable than another, and noise pooled over all would be too small for its pairs. So there are two candidates
for a pair: the noise of all methods, which rests on many numbers, and that of its own two. The larger is taken, with
the degrees of freedom it has; `tests/simulations` shows what that does to error rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["SeedTerm", "SeedTerms", "seed_terms"]


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

        It is the pooled one, 2 N sum r_ks^2 / ((K-1)(S-1)) with (K-1)(S-1) degrees of freedom, or the sum of the two
        shares where that is larger. That has the degrees of freedom of a sum of two mean squares with S-1 each
        (Satterthwaite 1946): S-1 where one method makes all the noise, 2(S-1) where both are alike, and never more than
        the whole table.
        """
        a, b = self.by_method[first], self.by_method[second]
        whole = (len(self.by_method) - 1) * (self.seeds - 1)
        pooled = SeedTerm(2 * sum(self.by_method) / len(self.by_method), whole)
        if pooled.mean_square >= a + b:
            return pooled
        return SeedTerm(a + b, min((a + b) ** 2 / (a**2 + b**2) * (self.seeds - 1), whole))


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
