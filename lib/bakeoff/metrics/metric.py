"""What a metric is: one row with its function, its direction, its words, and what tests of it need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "Floats", "Ints", "Items", "Metric"]


Ints = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.floating[Any]]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Items:
    """What the tests of a metric need, in the metric's own unit and direction; `given` is what the metric is given.

    scores(gold, given) -> (N,): how much each item contributes; their mean is the metric. The item's own score where
    the metric is a mean over items, else its jackknife pseudovalue
    shares(gold) -> (N,): what each item counts for in the metric, adding up to one
    resampled(gold, given, weights (B, N)) -> (B,): the metric itself under item weights, not by way of the scores;
    NaN where a resample does not define it. None where it is the weighted mean of the scores, at any weights
    excess(given) -> by how much chance raises the value at most, where an estimate of finitely many items is biased
    upwards; verdicts then hold with and without that much
    counts: scores are right (1) and wrong (0) answers, so that few trained models are compared by an exact sign test
    """

    scores: Callable[[Ints, Any], Array]
    shares: Callable[[Ints], Array]
    resampled: Callable[[Ints, Any, Array], Array] | None = None
    counts: bool = False
    excess: Callable[[Any], float] | None = None


@dataclass(frozen=True)
class Metric:
    """One metric: `metric(gold, given)` with gold int (N,) and `given` logits (N, C) if `needs_logits`, else int (N,).

    higher_is_better: the direction in which a classifier improves; label: its name in a sentence; explanation: what it
    measures, for a note; items: what tests need of it, None where methods cannot be compared by it, or, in one of the
    user's own, where item scores are to be computed by leaving out each item; unit: of a
    difference: percentage points for shares, else a plain number of this unit, which may be empty
    """

    name: str
    function: Callable[[Ints, Any], float]
    higher_is_better: bool
    needs_logits: bool
    label: str
    explanation: str
    items: Items | None = None
    unit: Literal["pp", "nats", ""] = "pp"

    def __call__(self, gold: Ints, given: Ints | Floats) -> float:
        """Return the metric as a fraction, NaN where undefined; ValueError with no item or where the shapes differ."""
        if len(gold) == 0 or len(gold) != len(given):
            raise ValueError(f"{self.name}: {len(gold)} gold labels for {len(given)} predictions")
        return float(self.function(gold, given))

    @property
    def sign(self) -> int:
        """1 where higher is better, else -1: what turns values into scores of which the higher is the better."""
        return 1 if self.higher_is_better else -1
