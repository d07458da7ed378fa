"""How many more seeds or items would settle a pair that the data at hand leave open.

Knows differences and numbers only; `verdicts` imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bakeoff.reporting.statistics import LEAST_SEEDS, POWER, Difference, least_se
from bakeoff.reporting.uncertainty import Part, Uncertainty, at_least

__all__ = ["Needed", "needed"]

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
    and items would leave at the present variance components.
    """

    def settled(*, seeds: int, items: int) -> bool:
        planned = _planned(difference, seeds=seeds, items=items)
        return _settles(planned, abs(difference.estimate), margin=margin, level=alpha / comparisons)

    seeds = None
    if difference.seed_variance is not None:
        enough = partial(settled, items=difference.items)
        seeds = _least(lambda n: enough(seeds=n), start=max(difference.seeds + 1, LEAST_SEEDS))
    return Needed(
        seeds=seeds, items=_least(lambda n: settled(seeds=difference.seeds, items=n), start=difference.items + 1)
    )


def _planned(difference: Difference, *, seeds: int, items: int) -> Uncertainty:
    """Return the uncertainty with other numbers of seeds and items, degrees of freedom growing with both.

    More items are more groups of the size they have now.
    """
    per_item = difference.item_variance + difference.residual_variance / seeds
    groups = items * difference.groups / difference.items
    least, of_items = least_se(items, difference.unit), Part(per_item / items, groups - 1)
    if difference.seed_variance is None:
        return at_least(least, of_items)
    df = difference.uncertainty.parts[0].df * (seeds - 1) / (difference.seeds - 1)
    return at_least(least, Part(difference.seed_variance / seeds, df), of_items)


def _settles(planned: Uncertainty, gap: float, *, margin: float, level: float) -> bool:
    """Say whether a true gap is found, or shown to be within the margin, with the power asked for."""
    if gap >= planned.reach(level / 2) + planned.reach(1 - POWER):
        return True
    # Both one-sided tests have to pass: near a gap of nothing either may fail.
    room = margin - planned.reach(level)
    return room > gap and planned.tail(room - gap) + planned.tail(room + gap) <= 1 - POWER


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
