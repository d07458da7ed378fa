"""False claims in reports with baselines: every method equal, and the baselines of a family of their own.

`tables` returns the rows of RESULTS.md: eight methods, the last three of them baselines, as in the first experiment.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from by_pair import from_the_pair, mean_squares
from in_company import ALPHA, AnyWorld, claims, drawn
from mixed_worlds import MixedWorld
from worlds import World

from bakeoff.stats.compare import compare
from bakeoff.stats.inputs import Contender

__all__ = ["BASELINES", "HEAD", "any_false", "judged", "tables", "worlds"]


BASELINES = 3
NOISE = {
    "all at .5": (0.005,) * 8, "all at 2": (0.02,) * 8, "baselines at 0, others at 1": (0.01,) * 5 + (0.0,) * 3,
    "reference at 4, others at .5": (0.04, *(0.005,) * 7), "baselines at 3, others at .5": (0.005,) * 5 + (0.03,) * 3,
}  # fmt: skip
HEAD = ("world", "seeds", "any false BETTER", "against the reference", "baselines", "others", "in two families")


def worlds(seeds: int, items: int) -> dict[str, AnyWorld]:
    """Return the worlds of both generators: by name, all methods equal, the last `BASELINES` of them baselines."""
    none, found = (0.0,) * 8, dict[str, AnyWorld]()
    for name, sds in NOISE.items():
        found[f"latent: {name}"] = World(seeds, items, gaps=none, seed_sds=sds)
        found[f"mixed, t3: {name}"] = MixedWorld(seeds, items, run_sds=sds, gaps=none, collapses=none)
    return found


def any_false(world: AnyWorld, *, repeats: int, rng: np.random.Generator) -> tuple[float, ...]:
    """Return the shares of experiments with any false BETTER: at all, in each family, and without that of baselines."""
    now, before, families = [], [], []
    for right in drawn(world, repeats=repeats, rng=rng):
        q = mean_squares(right)
        last = q.means.shape[1] - BASELINES
        noise = from_the_pair(q)
        families = [0 if a == 0 else 1 if (a >= last) != (b >= last) else 2 for a, b in q.pairs]
        now.append(claims(q, noise, baselines=BASELINES))
        before.append(claims(q, noise))
    found, were = np.concatenate(now), np.concatenate(before)
    each = (found[:, [one == family for one in families]] for family in range(3))
    return tuple(float(part.any(axis=1).mean()) for part in (found, *each, were))


def tables(
    *, repeats: int, rng: np.random.Generator, seeds: Sequence[int] = (3, 5), items: int = 600
) -> list[list[object]]:
    """Return a row per world and number of seeds."""
    return [
        [name, s, *any_false(world, repeats=repeats, rng=rng)]
        for s in seeds
        for name, world in worlds(s, items).items()
    ]


def judged(right: np.ndarray, *, margin: float = 0.01) -> dict[frozenset[str], str | None]:
    """Return which of each pair the shipped procedure calls better, from right answers (K, S, N)."""
    ids, gold = np.arange(right.shape[2]), np.zeros(right.shape[2], dtype=int)
    last = len(right) - BASELINES
    made = [
        Contender(f"m{k}", tuple(range(right.shape[1])), ids, gold, 1 - one.astype(int), baseline=k >= last)
        for k, one in enumerate(right)
    ]
    found = compare(made, metric="accuracy", reference="m0", alpha=ALPHA, margin=margin, resamples=0, plans=False)
    return {frozenset((pair.first, pair.second)): pair.better for pair in found.pairs}
