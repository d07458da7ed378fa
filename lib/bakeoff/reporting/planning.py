"""How many more seeds or items would settle a pair that the data at hand leave open.

Knows differences and numbers only; `verdicts` imports it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bakeoff.reporting.statistics import LEAST_SEEDS, Difference

__all__ = ["Needed", "needed"]

POWER = 0.80


@dataclass(frozen=True)
class Needed:
    """What would settle a pair if its present estimate held: seeds on these items, or items with these seeds.

    None: no number of them alone would do, or nothing is known about their noise.
    """

    seeds: int | None
    items: int | None


def needed(difference: Difference, *, margin: float, alpha: float, comparisons: int) -> Needed:
    """Return about how many seeds or items would settle a pair with 80 % power.

    Settled is a pair whose difference clears the corrected test, or whose difference is shown to lie within the
    margin, whichever is nearer. With q the quantile of a test at the strictest level of a family of `comparisons`,
    the standard error has to fall to |estimate| / (q + z(.80)), or to (margin - |estimate|) / (q' + z(.80)). The
    standard error is then solved for one of its two numbers at the present variance components.
    """
    from scipy.special import ndtri, stdtrit

    power = float(ndtri(POWER))
    gap = abs(difference.estimate)
    as_difference = gap / (float(stdtrit(difference.df, 1 - alpha / (2 * comparisons))) + power)
    as_equivalence = (margin - gap) / (float(stdtrit(difference.df, 1 - alpha / comparisons)) + power)
    target = max(as_difference, as_equivalence) ** 2
    residual = difference.residual_variance
    items_only = difference.item_variance / difference.items
    seeds = None
    if difference.seed_variance is not None:
        per_seed = difference.seed_variance + residual / difference.items
        seeds = _at_least(per_seed, room=target - items_only, least=max(difference.seeds + 1, LEAST_SEEDS))
    seeds_only = (difference.seed_variance or 0.0) / difference.seeds
    per_item = difference.item_variance + residual / difference.seeds
    items = _at_least(per_item, room=target - seeds_only, least=difference.items + 1)
    return Needed(seeds=seeds, items=items)


def _at_least(variance: float, *, room: float, least: int) -> int | None:
    """Return the smallest n >= least with variance / n <= room, or None where there is none."""
    return max(math.ceil(variance / room), least) if room > 0 else None
