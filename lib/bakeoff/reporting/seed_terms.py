"""How much of a difference between two methods is noise between seeds, judged from all methods of the table.

Three seeds say little about the noise of one pair, so methods are looked at together. A pair has two candidates for
its mean square between seeds: the pooled one, which rests on many degrees of freedom and is right where all methods
are equally stable, and the one of the pair's own two methods, which is right where they are not. `statistics` takes
the larger of the two with the degrees of freedom it has; `tests/simulations` shows what that does to error rates.
Knows arrays only; `statistics` and `pairing` import it.
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

    by_method: the share of each method in the mean square of a pair; their mean is half the pooled one
    """

    by_method: tuple[float, ...]
    seeds: int

    @property
    def pooled(self) -> SeedTerm:
        """The mean square of a pair of equally stable methods: 2 N sum r_ks^2 / ((K-1)(S-1))."""
        methods = len(self.by_method)
        return SeedTerm(2 * sum(self.by_method) / methods, (methods - 1) * (self.seeds - 1))

    def of_pair(self, first: int, second: int) -> SeedTerm:
        """Return the mean square from the two methods alone, by their places in `by_method`.

        The degrees of freedom are those of a sum of two mean squares with S-1 each (Satterthwaite 1946): S-1 where one
        method makes all the noise, 2(S-1) where both are alike, and never more than those of the whole table.
        """
        a, b = self.by_method[first], self.by_method[second]
        alike = (a + b) ** 2 / (a**2 + b**2) if a + b > 0 else 1.0
        return SeedTerm(a + b, min(alike * (self.seeds - 1), self.pooled.df))


def seed_terms(means: Array, *, items: int) -> SeedTerms | None:
    """Return the seed terms of the means (K, S) of K trained methods over N items under the same S seeds.

    A method's share is N K/(K-1) sum_s r_ks^2 / (S-1), with r_ks what is left of a mean after its method's and its
    seed's average: its part of the interaction, Wricke's ecovalence (1962). Seed effects common to all methods drop
    out, as they do from differences. Shukla (1972) gives its expectation for unequal seed variances v_k:
    ((K-2) v_k + mean v) / (K-1), that is, shrunk a little towards the pooled variance. His unbiased form undoes that
    and can be negative; simulations are served better by the shrunk one, as they are by moderated variances elsewhere
    (Smyth 2004). None for fewer than two methods or seeds.
    """
    methods, seeds = means.shape
    if methods == 1 or seeds == 1:
        return None
    r = means - means.mean(axis=1, keepdims=True) - means.mean(axis=0, keepdims=True) + means.mean()
    shares = items * methods / (methods - 1) * np.sum(r**2, axis=1) / (seeds - 1)
    return SeedTerms(by_method=tuple(shares.tolist()), seeds=seeds)
