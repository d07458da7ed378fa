"""How many more seeds or items would settle a pair that the data at hand leave open.

Knows differences and numbers only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bakeoff.stats.difference import LEAST_SEEDS, POWER, Difference, least_p, least_se
from bakeoff.stats.uncertainty import Part, Uncertainty, at_least

__all__ = ["Needed", "needed", "reachable_margin"]


MOST = 10**7
"""Seeds or items beyond which a plan is none."""


@dataclass(frozen=True)
class Needed:
    """What would settle a pair if its present estimate held: seeds on these items, or items with these seeds.

    None: no number of them alone would do, or nothing is known about their noise.
    """

    seeds: int | None
    items: int | None


def needed(difference: Difference, *, margin: float, alpha: float, comparisons: int) -> Needed:
    """Return about how many seeds or items would settle a pair with 80 % power.

    Settled is a pair whose difference clears the test at the strictest level of a family of `comparisons`, or whose
    difference is shown to lie within the margin at that level. Both are asked of the uncertainty that so many seeds
    and items would leave at the present variance components. More items are more of the units they are drawn by, of
    the size these have now; the share of units on which the two differ stays what it is, with more seeds too.
    """

    def settled(*, seeds: int, units: int) -> bool:
        planned = _planned(difference, seeds=seeds, items=difference.items * units / difference.units)
        level = alpha / comparisons
        possible = least_p(difference.differing * units // difference.units) < level
        return _settles(planned, abs(difference.estimate), margin=margin, level=level, possible=possible)

    seeds = None
    if difference.seed_variance is not None:
        start = max(difference.seeds + 1, LEAST_SEEDS)
        seeds = _least(lambda n: settled(seeds=n, units=difference.units), start=start)
    units = _least(lambda n: settled(seeds=difference.seeds, units=n), start=difference.units + 1)
    return Needed(seeds=seeds, items=None if units is None else -(-units * difference.items // difference.units))


TYPICAL_DISAGREEMENT, TYPICAL_SEED_SD = 0.05, 0.003
"""Of two good classifiers before anything has run: texts on which their mean answers part, and noise between seeds."""


def reachable_margin(*, items: int, seeds: int, comparisons: int, alpha: float) -> float:
    """Return the margin within which two methods of equal accuracy would be shown to lie, with 80 % power.

    At the strictest of Holm's steps, for a pair as noisy as pairs of good classifiers typically are.
    """
    of_seeds = Part(2 * TYPICAL_SEED_SD**2 / seeds, seeds - 1)
    noise = Uncertainty((of_seeds, Part(TYPICAL_DISAGREEMENT / items, items - 1)))
    return noise.provable(alpha / comparisons, POWER)


def _planned(difference: Difference, *, seeds: int, items: float) -> Uncertainty:
    """Return the uncertainty with other numbers of seeds and items, degrees of freedom growing with both."""
    df = (difference.uncertainty.parts[-1].df + 1) * items / difference.items - 1
    least, of_items = least_se(items, difference.floor), Part(difference.item_variance / items, df)
    if difference.seed_variance is None:
        return at_least(least, of_items)
    of_seeds = (difference.seed_variance + difference.residual_variance / items) / seeds
    return at_least(least, Part(of_seeds, seeds - 1), of_items)


def _settles(planned: Uncertainty, gap: float, *, margin: float, level: float, possible: bool) -> bool:
    """Return whether a true gap is found, or shown to be within the margin, with the power asked for.

    possible: whether units enough differ for any gap to be found at this level
    """
    return (possible and planned.finds(gap, level / 2) >= POWER) or planned.holds(gap, margin, level) >= POWER


def _least(enough: Callable[[int], bool], *, start: int) -> int | None:
    """Return the smallest number from `start` on that is enough, or None up to `MOST`; more is never less."""
    low, high = start, start
    while not enough(high):
        if high >= MOST:
            return None
        low, high = high + 1, min(2 * high, MOST)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return high
