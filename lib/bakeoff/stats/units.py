"""What was drawn to make a test set: items one by one, or groups of them (all reviews of a film), and their weight.

Groups are independent of each other; items of one may resemble each other in any way. Where a few groups hold most of
what a metric counts, they say less than their number promises: both the variance and its degrees of freedom know that.
Sources: Liang and Zeger 1986, Cameron and Miller 2015 (sums over groups); Bell and McCaffrey 2002, MacKinnon, Nielsen
and Webb 2023 (CR3, the jackknife over groups); Carter, Schnepel and Steigerwald 2017 (effective number of groups).
Knows arrays only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

__all__ = ["Units", "equal_items"]


Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Units:
    """The units that a test set of N items was drawn by.

    item_shares: (N,) of the metric, as in `metric.Items`; groups: (N,) numbered from 0, every number taken, two
    at least; None where each item was drawn by itself
    """

    item_shares: Array
    groups: Ints | None = None

    @property
    def items(self) -> int:
        """How many items there are."""
        return len(self.item_shares)

    @cached_property
    def shares(self) -> Array:
        """(U,) what each unit counts for in the metric, adding up to one."""
        return self._summed(self.item_shares)

    @property
    def count(self) -> int:
        """How many units there are."""
        return len(self.shares)

    @cached_property
    def effective(self) -> float:
        """How many units of equal shares would say as much: 1 / sum of squared shares (Kish 1965, ch. 5)."""
        return 1 / float(np.sum(self.shares**2))

    @property
    def df(self) -> float:
        """The degrees of freedom of their variance, one less than there effectively are, and at least one."""
        return max(self.effective - 1, 1.0)

    @property
    def one_item(self) -> float:
        """N times the root mean square change of the metric when one item turns from right to wrong.

        1 where all items count alike, more where those of a rare class count for more. It sets the smallest standard
        error that N items can vouch for.
        """
        return float(np.sqrt(self.items * np.sum(self.item_shares**2)))

    def alone(self) -> Self:
        """Return the same items as if each had been drawn by itself."""
        return replace(self, groups=None)

    def sums(self, values: Array) -> Array:
        """Sum residuals (S, N) over the items of each unit, (S, U): what leaving the unit out moves their mean by.

        That is its sum, divided by the share that the others have.
        """
        return np.stack([self._summed(row) for row in values]) / (1 - self.shares)

    def totals(self, values: Array) -> npt.NDArray[np.int64]:
        """Sum whole numbers (N,) over the items of each unit, (U,)."""
        return np.rint(self._summed(values)).astype(np.int64)

    def _summed(self, row: Array) -> Array:
        return row if self.groups is None else np.bincount(self.groups, weights=row).astype(np.float64)

    def variance_of_mean(self, sums: Array) -> float:
        """Return the variance of a mean over the N items from the `sums` (U,) of its residuals.

        Where all units have equal shares this is the variance between them, divided by their number.
        """
        return float(np.sum(sums**2)) * (self.count - 1) / (self.count * self.items**2)

    def hit(self, items: Bools) -> int:
        """Return how many units hold any of these items (N,)."""
        return int(np.count_nonzero(items) if self.groups is None else len(np.unique(self.groups[items])))


def equal_items(items: int, groups: Ints | None = None) -> Units:
    """Return the units of items that all count alike, as in accuracy."""
    return Units(np.full(items, 1 / items), groups)
