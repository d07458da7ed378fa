"""What a comparison is given: each method's predictions on the test items, and which of them belong in one table.

Plain arrays and names, no records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from bakeoff.metrics.classification import METRICS
from bakeoff.metrics.items import item_scores
from bakeoff.metrics.metric import Metric
from bakeoff.metrics.ordinal import ORDINAL
from bakeoff.stats.difference import design_effect
from bakeoff.stats.units import Units

__all__ = ["Contender", "Measured", "Reason", "measure", "shared_seeds", "step_of", "tables", "why_not"]


Reason = Literal["settings", "items", "labels", "seeds"]
"""Why two methods cannot be compared: other settings, other items, other gold labels, no seed in common."""

ROUNDED = 1e-12
"""Of a score, and of one: what is less is a difference of rounding."""
Ints = npt.NDArray[np.integer[Any]]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Contender:
    """One method's test predictions under every seed it ran with.

    item_ids: (N,), distinct; gold: (N,) class numbers; predicted: (S, N) class numbers, one row per seed
    logits: (S, N, C), for a metric that needs them; log-probabilities do as well
    groups: (N,) whatever tells items apart that were drawn together from others; None where each was drawn by itself
    trained: its quality depends on the training labels; deterministic: another seed would change nothing
    comparability: equal for methods that share all that a comparison takes for granted
    declared: seeds it was to run with, 0 where nobody said; baseline: a yardstick that others are held against
    Raises ValueError for shapes that do not fit, repeated ids or seeds, and fewer than two items or groups.
    """

    name: str
    seeds: tuple[int, ...]
    item_ids: npt.NDArray[Any]
    gold: Ints
    predicted: Ints
    trained: bool = True
    deterministic: bool = False
    comparability: str = ""
    groups: npt.NDArray[Any] | None = None
    logits: npt.NDArray[np.floating[Any]] | None = None
    declared: int = 0
    baseline: bool = False

    def __post_init__(self) -> None:
        items = len(self.item_ids)
        if items <= 1 or self.gold.shape != (items,) or self.predicted.shape != (len(self.seeds), items):
            shapes = f"{items} items, gold {self.gold.shape}, {len(self.seeds)} seeds, predicted {self.predicted.shape}"
            raise ValueError(f"{self.name}: shapes do not fit or there are fewer than two items: {shapes}")
        if not self.seeds or len(set(self.seeds)) != len(self.seeds) or len(np.unique(self.item_ids)) != items:
            raise ValueError(f"{self.name}: seeds and item ids have to be distinct, and there is at least one seed")
        if self.groups is not None and self.groups.shape != (items,):
            raise ValueError(f"{self.name}: {items} items, groups {self.groups.shape}")
        if self.groups is not None and len(pd.unique(self.groups)) == 1:
            raise ValueError(f"{self.name}: all items are of one group, which tells nothing of others")
        if self.logits is not None and (self.logits.ndim != 3 or self.logits.shape[:2] != self.predicted.shape):  # noqa: PLR2004 - (S, N, C)
            raise ValueError(f"{self.name}: predicted {self.predicted.shape}, logits {self.logits.shape}")


@dataclass(frozen=True, eq=False)
class Measured:
    """A contender with its items in the order of their ids, and the score of each.

    scores: (S, N), the higher the better; given: what they are of, predicted classes (S, N) or logits (S, N, C)
    units: what the items were drawn by, each by itself where every item is a group of its own
    design_effect: of those units; excess: (S,) by how much chance raises the metric at most, signed like the scores
    fixed: declared deterministic, and its predictions bear that out; then S is 1 and stands for every seed
    counted: an item is right (1) or wrong (0), or moves a share of such, so that nobody need ask what its score can be
    """

    name: str
    seeds: tuple[int, ...]
    item_ids: npt.NDArray[Any]
    gold: Ints
    given: npt.NDArray[Any]
    scores: Array
    trained: bool
    fixed: bool
    comparability: str
    units: Units
    design_effect: float
    excess: Array
    counted: bool = True
    declared: int = 0
    baseline: bool = False

    def rows(self, seeds: tuple[int, ...]) -> npt.NDArray[np.intp]:
        """Return the rows that stand for `seeds`."""
        where = [0 if self.fixed else self.seeds.index(seed) for seed in seeds]
        return np.asarray(where or [0], dtype=np.intp)

    @property
    def step(self) -> float:
        """What a disagreement about one item is, as `step_of` has it."""
        return step_of(self.scores - self.scores.mean(), self)


def measure(contender: Contender, *, metric: Metric) -> Measured:
    """Put items in order and score them. A "deterministic" method whose seeds differ is treated as what it is.

    Raises ValueError where the metric cannot be computed: no items, or no logits where it needs them.
    """
    found = contender.logits if metric.needs_logits else contender.predicted
    if found is None or metric.items is None:
        raise ValueError(f"{contender.name}: {metric.name} needs {'item scores' if found is not None else 'logits'}")
    order = np.argsort(contender.item_ids, kind="stable")
    gold, given = contender.gold[order], found[:, order]
    fixed = contender.deterministic and bool(np.all(given == given[0]))
    given = given[:1] if fixed else given
    scores = item_scores(metric, gold=gold, given=given)
    groups = None if contender.groups is None else _numbered(contender.groups[order])
    units = Units(metric.items.shares(gold), groups)
    raised, ours = metric.items.excess or (lambda _: 0.0), metric.name in METRICS or metric.name in ORDINAL
    return Measured(
        name=contender.name, seeds=contender.seeds, item_ids=contender.item_ids[order], gold=gold, given=given,
        scores=scores, trained=contender.trained, fixed=fixed, comparability=contender.comparability, units=units,
        design_effect=design_effect(scores, units),
        excess=np.array([metric.sign * raised(row) for row in given]), declared=contender.declared,
        baseline=contender.baseline,
        counted=metric.items.counts or (metric.items.resampled is not None and (ours or metric.unit == "pp")),
    )  # fmt: skip


def step_of(d: Array, *of: Measured) -> float:
    """Return what a disagreement about one item is in the unit of scores: what bounds their noise from below.

    d (S, N): differences of two methods, or deviations of one from its mean; of: the methods, by one metric
    1 where items are counted. Else no number is that of every metric: the largest of an item in the mean over seeds,
    where there is none the range of the scores, and 1 where these are all the same, too.
    """
    if of[0].counted:
        return 1.0
    least = ROUNDED * max(1.0, *(float(np.abs(one.scores).max()) for one in of))
    sizes = (float(np.abs(d.mean(axis=0)).max()), *(float(np.ptp(one.scores)) for one in of))
    return next((size for size in (sizes[0], max(sizes[1:])) if size > least), 1.0)


def _numbered(groups: npt.NDArray[Any]) -> Ints | None:
    """Return group numbers from 0; None where every item is alone."""
    numbers, found = pd.factorize(groups)
    return numbers if len(found) < len(groups) else None


def why_not(first: Measured, second: Measured) -> Reason | None:
    """Return why two methods cannot be compared, or None where they can."""
    reason = _why_not_one_table(first, second)
    if reason is None and not (first.fixed and second.fixed) and not shared_seeds(first, second):
        return "seeds"
    return reason


def _why_not_one_table(first: Measured, second: Measured) -> Reason | None:
    if first.comparability != second.comparability:
        return "settings"
    if not np.array_equal(first.item_ids, second.item_ids):
        return "items"
    if not np.array_equal(np.asarray(first.units.groups), np.asarray(second.units.groups)):
        return "settings"
    return None if np.array_equal(first.gold, second.gold) else "labels"


def tables(measured: Iterable[Measured]) -> list[list[Measured]]:
    """Group the methods that share settings, items and gold labels, in order of appearance."""
    found: list[list[Measured]] = []
    for one in measured:
        home = next((table for table in found if _why_not_one_table(table[0], one) is None), None)
        if home is None:
            found.append([one])
        else:
            home.append(one)
    return found


def shared_seeds(first: Measured, second: Measured) -> tuple[int, ...]:
    """Return the seeds two methods are paired by, sorted; none for two that do not depend on a seed."""
    if first.fixed or second.fixed:
        free = [one.seeds for one in (first, second) if not one.fixed]
        return tuple(sorted(free[0])) if free else ()
    return tuple(sorted(set(first.seeds) & set(second.seeds)))
