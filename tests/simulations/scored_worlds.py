"""Made-up experiments with scores for each class, for metrics that answers right or wrong do not give.

A model's score for a class is

    scale_ks * (STRENGTH [class is the gold one] + item_nc + taste_knc + luck_ksnc + border_ksc)

all parts normal, the scale log-normal. `item`, `taste` and `luck` are as in `worlds`; a run moves the borders between
the classes and how sure it is of its answers. All methods are drawn alike, so that they are equal by any metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from worlds import ITEM, LUCK, METHODS, TASTE

from bakeoff.stats.inputs import Contender

STRENGTH = 1.8
SHARES = {2: (0.7, 0.3), 3: (0.6, 0.3, 0.1)}
"""Of the classes among the items, by their number."""
RUN = 0.3
"""Standard deviation between runs, of borders in scores and of the logarithm of scales, where seeds matter."""


@dataclass(frozen=True)
class ScoredWorld:
    """One truth: equal methods, judged by a metric. run: standard deviation between the runs of a method."""

    metric: str
    seeds: int
    items: int
    classes: int = 3
    run: float = RUN


def draw_scored(world: ScoredWorld, rng: np.random.Generator) -> list[Contender]:
    """Draw one experiment: every method's logits on one test set under every seed."""
    n, s, c = world.items, world.seeds, world.classes
    gold = np.repeat(np.arange(c), np.rint(np.array(SHARES[c]) * n).astype(int))
    known = STRENGTH * np.eye(c)[gold] + ITEM * rng.standard_normal((n, c))
    contenders = []
    for k in range(METHODS):
        own = known + TASTE * rng.standard_normal((n, c)) + LUCK * rng.standard_normal((s, n, c))
        scale = np.exp(world.run * rng.standard_normal((s, 1, 1)))
        logits = scale * (own + world.run * rng.standard_normal((s, 1, c)))
        contenders.append(Contender(f"m{k}", tuple(range(s)), np.arange(n), gold, logits.argmax(axis=2), logits=logits))
    return contenders


def draw_calibrated(
    strengths: Sequence[float], *, seeds: int, items: int, rng: np.random.Generator, run: float = 0.0
) -> list[Contender]:
    """Draw methods that are calibrated and unlike in how much they see: true calibration error 0 for each of them.

    Two classes, equally frequent. A run sees evidence e of mean +-strength and variance one, of which the logarithm of
    the odds is 2 strength e (half of it shared by all runs of a method); strengths: of each method, on average over
    its runs; run: standard deviation of a run's strength, in which it is calibrated nevertheless
    """
    gold = rng.integers(0, 2, items)
    side = 2 * gold - 1
    contenders = []
    for k, strength in enumerate(strengths):
        own = np.abs(strength + run * rng.standard_normal((seeds, 1)))
        luck = (rng.standard_normal(items) + rng.standard_normal((seeds, items))) / np.sqrt(2)
        odds = 2 * own * (own * side + luck)
        logits = np.stack([-odds / 2, odds / 2], axis=2)
        contenders.append(
            Contender(f"m{k}", tuple(range(seeds)), np.arange(items), gold, logits.argmax(axis=2), logits=logits)
        )
    return contenders
