"""Whether methods that are equal at every number of training texts are told apart at any: sizes as repeated looks.

The worlds of `worlds`, one for each size on the same test texts: what makes a text hard, what one method takes to, and
what one seed brings stay alike from size to size, as training texts do that are a part of more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from worlds import BASE, DENSITY, ITEM, LUCK, TASTE

from bakeoff.stats.compare import compare
from bakeoff.stats.inputs import Contender
from bakeoff.stats.sequential import rounded_level
from bakeoff.study.sizes import crossing, turns

__all__ = ["CurveWorld", "Rates", "over_sizes", "tables"]

ALPHA, MARGIN = 0.05, 0.01
ACCURACIES = (0.6, 0.7, 0.8, 0.85)
"""Of every method, by size."""


@dataclass(frozen=True)
class CurveWorld:
    """seeds, items: of a test; methods: all equal at every size; seed_sd: of a run, in accuracy at the largest size.

    alike: correlation of a method's taste and of a run's fortune between two sizes
    """

    seeds: int
    items: int = 1000
    methods: int = 4
    seed_sd: float = 0.01
    alike: float = 0.7


@dataclass(frozen=True)
class Rates:
    """Shares of experiments with a false BETTER: at any size as reports claim it, uncorrected for sizes, and at one.

    crossed: in which curves are said to cross
    """

    any_size: float
    uncorrected: float
    largest: float
    crossed: float


def _kept(shape: tuple[int, ...], alike: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Draw standard normal numbers (sizes, ...) that are so much alike from size to size."""
    shared, own = rng.standard_normal((1, *shape)), rng.standard_normal((len(ACCURACIES), *shape))
    return np.asarray(np.sqrt(alike) * shared + np.sqrt(1 - alike) * own)


def draw(world: CurveWorld, rng: np.random.Generator) -> list[list[Contender]]:
    """Draw one experiment: by size, every method's predictions on one test set under every seed."""
    from scipy.special import ndtri

    k, s, n = world.methods, world.seeds, world.items
    item = ITEM * rng.standard_normal(n)
    taste, luck = TASTE * _kept((k, 1, n), world.alike, rng), LUCK * rng.standard_normal((len(ACCURACIES), k, s, n))
    latent = world.seed_sd * np.sqrt(BASE) / DENSITY
    run = latent * _kept((k, s, 1), world.alike, rng)
    total = np.sqrt(BASE + latent**2)
    gold, ids = np.zeros(n, dtype=np.int64), np.arange(n)
    right = item + taste + luck + run > -np.array(ndtri(ACCURACIES))[:, None, None, None] * total
    return [
        [Contender(f"m{method}", tuple(range(s)), ids, gold, 1 - right[size, method]) for method in range(k)]
        for size in range(len(ACCURACIES))
    ]


def over_sizes(world: CurveWorld, *, repeats: int, rng: np.random.Generator) -> Rates:
    """Return how often equal methods are told apart."""
    level = rounded_level(ALPHA / len(ACCURACIES))
    hits = np.zeros((repeats, 4), dtype=bool)
    for place in range(repeats):
        made = draw(world, rng)
        strict, plain = (
            {size: compare(one, metric="accuracy", reference="m0", alpha=alpha, margin=MARGIN, resamples=0, plans=False)
             for size, one in enumerate(made)}
            for alpha in (level, ALPHA)
        )  # fmt: skip
        told = [any(pair.better for one in found.values() for pair in one.pairs) for found in (strict, plain)]
        largest = any(pair.better for pair in plain[len(ACCURACIES) - 1].pairs)
        names = [one.name for one in made[0]]
        crossed = any(crossing(turns(strict, a, b)) for place_, a in enumerate(names) for b in names[place_ + 1 :])
        hits[place] = (*told, largest, crossed)
    return Rates(*map(float, hits.mean(axis=0)))


def tables(repeats: int, rng: np.random.Generator) -> tuple[list[str], list[list[object]]]:
    """Return the head and the rows of the table of results."""
    head = ["seeds", "seed sd, pp", "alike", "any false BETTER", "uncorrected for sizes", "largest size alone", "cross"]
    rows: list[list[object]] = []
    for seeds in (3, 5):
        for seed_sd in (0.005, 0.02):
            for alike in (0.0, 0.7):
                found = over_sizes(CurveWorld(seeds, seed_sd=seed_sd, alike=alike), repeats=repeats, rng=rng)
                rates = (found.any_size, found.uncorrected, found.largest, found.crossed)
                rows.append([seeds, 100 * seed_sd, alike, *(f"{rate:.3f}" for rate in rates)])
    return head, rows


if __name__ == "__main__":
    found_head, found_rows = tables(400, np.random.default_rng(20_261_129))
    for line in (found_head, ["---"] * len(found_head), *found_rows):
        print(f"| {' | '.join(map(str, line))} |")  # noqa: T201
