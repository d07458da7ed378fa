"""Whether intervals hold about other training texts: two deterministic methods, one draw for all seeds or one for each.

A world in which something is learnt: texts are normal vectors around the mean of their class, each method sees its own
noisy view of them and is the linear rule of Fisher with equal variances (nearest class mean). The two are exchangeable,
so that their true difference over training sets is zero, and the accuracy of a trained rule has a closed form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from bakeoff.stats.compare import Verdict, compare
from bakeoff.stats.inputs import Contender

__all__ = ["HEAD", "OWN", "SAME", "DrawWorld", "Held", "draws", "experiments", "held", "tables"]

FEATURES = 20
SEPARATION = 1.0
"""Distance of a class mean from the middle, in standard deviations of a text."""
ALIKE = 0.5
"""Correlation of the two views of one text around its class mean."""
TRUTH_DRAWS = 100
ALPHA, MARGIN = 0.05, 0.01
BETTER = (Verdict.BETTER, Verdict.BETTER_NEGLIGIBLE)

Array = npt.NDArray[np.float64]
Rows = list[list[object]]


@dataclass(frozen=True)
class DrawWorld:
    """seeds, items: test texts; train: texts of a draw; share: of the texts to draw from, 0 for texts without end.

    redrawn: methods, of two, whose seeds draw for themselves; the others learn from the first draw alone
    """

    seeds: int
    items: int = 1000
    train: int = 100
    share: float = 0.0
    redrawn: int = 2

    @property
    def pool(self) -> int:
        """Return how many texts there are to draw from."""
        return round(self.train / self.share / 2) * 2 if self.share else self.seeds * self.train


@dataclass(frozen=True)
class Held:
    """Shares of experiments: 95 % intervals with the truth about all texts, and about those to draw from; BETTER.

    width: mean half-width
    """

    about_all: float
    about_pool: float
    false_better: float
    width: float


def _texts(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return labels (n,) of -1 and 1, half each, and two views (2, n, FEATURES)."""
    labels = np.where(np.arange(n) < n // 2, 1.0, -1.0)
    common, own = rng.normal(size=(n, FEATURES)), rng.normal(size=(2, n, FEATURES))
    views = np.sqrt(ALIKE) * common + np.sqrt(1 - ALIKE) * own
    views[..., 0] += SEPARATION * labels
    return labels, views


def _fitted(views: Array, labels: Array, rows: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Return slopes (2, D, FEATURES) and offsets (2, D) of both methods, from draws (D, train) of rows."""
    mine, theirs = views[:, rows], labels[rows][None, :, :, None]
    means = [(mine * (theirs == kind)).sum(axis=2) / (theirs == kind).sum(axis=2) for kind in (1.0, -1.0)]
    slope = means[0] - means[1]
    return slope, np.einsum("mdf,mdf->md", slope, (means[0] + means[1]) / 2)


def _accuracy(slope: Array, offset: Array) -> Array:
    """Return the accuracy on texts without end, (2, D)."""
    size, reach = np.linalg.norm(slope, axis=2), SEPARATION * slope[..., 0]
    return np.asarray((ndtr((reach - offset) / size) + ndtr((reach + offset) / size)) / 2)


def draws(world: DrawWorld, number: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return that many draws (D, train) out of the pool, half of each class; of texts without end, no two alike."""
    half, n = world.train // 2, world.pool // 2
    if not world.share:
        first = np.arange(number * half).reshape(number, half)
    else:
        first = rng.permuted(np.tile(np.arange(n), (number, 1)), axis=1)[:, :half]
    return np.concatenate([first, n + first], axis=1)


def experiments(world: DrawWorld, *, repeats: int, rng: np.random.Generator) -> Iterator[tuple[list[Contender], float]]:
    """Yield the predictions of both methods, and the true difference over draws from the texts there are."""
    for _ in range(repeats):
        labels, views = _texts(world.pool, rng)
        slope, offset = _fitted(views, labels, draws(world, world.seeds, rng))
        gold, seen = _texts(world.items, rng)
        above = np.einsum("mnf,mdf->mdn", seen, slope) > offset[:, :, None]
        runs = [world.seeds if m < world.redrawn else 1 for m in (0, 1)]
        made = [
            Contender(
                f"m{m}", tuple(range(n)), np.arange(world.items), (gold > 0).astype(int), above[m, :n].astype(int),
                deterministic=n < world.seeds,
            )
            for m, n in enumerate(runs)
        ]  # fmt: skip
        truth = 0.0
        if world.share and world.redrawn == len(made):
            means = _accuracy(*_fitted(views, labels, draws(world, TRUTH_DRAWS, rng))).mean(axis=1)
            truth = float(means[0] - means[1])
        yield made, truth


def held(world: DrawWorld, *, repeats: int, rng: np.random.Generator) -> Held:
    """Judge both methods by the procedure itself and count."""
    about_all, about_pool, wrong, widths = [], [], [], []
    for made, truth in experiments(world, repeats=repeats, rng=rng):
        found = compare(made, metric="accuracy", reference="m0", alpha=ALPHA, margin=MARGIN, resamples=0, plans=False)
        pair = found.pair("m0", "m1")
        one = pair.difference
        if one is None:
            raise AssertionError(pair.reason)
        about_all.append(one.low <= 0 <= one.high)
        about_pool.append(one.low <= (truth if pair.first == "m0" else -truth) <= one.high)
        wrong.append(pair.verdict in BETTER)
        widths.append(one.half_width)
    return Held(*(float(np.mean(column)) for column in (about_all, about_pool, wrong, widths)))


HEAD = ("training texts", "seeds", "items", "share", "coverage, all texts", "coverage, these texts", "false BETTER",
        "half-width, pp")  # fmt: skip
SAME, OWN, ONE = "one draw for all seeds", "a draw for each seed", "the same, one method only"
SHARES = (0.0, 0.1, 0.25, 0.5, 0.8)


def tables(*, repeats: int, rng: np.random.Generator, items: tuple[int, ...] = (1000, 4000)) -> Rows:
    """Return the rows of the section, by `HEAD`."""
    rows: Rows = []
    for seeds, n in product((3, 5), items):
        worlds = [(SAME, DrawWorld(seeds, n, redrawn=0)), (ONE, DrawWorld(seeds, n, redrawn=1))]
        worlds[1:1] = [(OWN, DrawWorld(seeds, n, share=share)) for share in SHARES]
        for name, world in worlds:
            found = held(world, repeats=repeats, rng=rng)
            drawn = name == OWN
            share = f"{world.share:g}" if drawn else "-"
            pool = found.about_pool if drawn and world.share else "-"
            width = f"{100 * found.width:.2f}"
            rows.append([name, seeds, n, share, found.about_all, pool, found.false_better, width])
    return rows
