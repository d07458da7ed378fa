"""Made-up experiments whose truth is known: what methods predict on one test set under every seed.

An answer is right where a latent score is positive:

    z[k, s, n] = shift_k + item_n + taste_kn + luck_ksn + seed_s + run_ks

all parts normal. `item` makes items hard or easy for everyone, `taste` for one method, `luck` for one run; `seed` and
`run` move whole runs. Where items come in groups, those of one group share a part of the first three. The true
accuracy of method k is then exactly Phi(shift_k / total standard deviation), so that gaps of any size can be set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from bakeoff.stats.inputs import Contender

METHODS = 6
ACCURACY = 0.85
RECALL = (0.97, 0.6)
"""Of the common and the rare class, where there is a rare one."""
ITEM, TASTE, LUCK = 1.0, 0.5, 0.4
ALIKE = 0.3
"""Correlation of `item`, `taste` and `luck` within a group."""
UNEVEN = 1.0
"""Standard deviation of the logarithms of groups' chances: 24 groups say about as much as 12 even ones would."""
BASE = ITEM**2 + TASTE**2 + LUCK**2
DENSITY = float(np.exp(-(ndtri(ACCURACY) ** 2) / 2) / np.sqrt(2 * np.pi))
"""Of a standard normal where `ACCURACY` of it lies below: a small shift of z by x moves accuracy by x DENSITY / sd."""


@dataclass(frozen=True)
class World:
    """One truth.

    gaps: of each method's accuracy below `ACCURACY`; seed_sds: of each method's runs, in accuracy
    fixed: so many of the last methods are deterministic baselines: one set of predictions stands for every seed,
    and their entry of seed_sds does not count; not beside shared seed effects
    rare: one item in so many belongs to a rare class, and recall is `RECALL`; a run then moves the border between the
    classes, to the gain of one and the cost of the other, and only equal methods are made
    per_group: items in a group, on average: half of them are three times as large as the others, or, where `uneven`, a
    few hold most of the items and others most of the rare class; told: the comparison knows them
    """

    seeds: int
    items: int
    gaps: tuple[float, ...] = (0.0,) * METHODS
    seed_sds: tuple[float, ...] = (0.005,) * METHODS
    shared_seed_sd: float = 0.0
    fixed: int = 0
    rare: int = 0
    per_group: int = 1
    uneven: bool = False
    told: bool = True

    @property
    def metric(self) -> str:
        """What such a world is judged by."""
        return "macro_f1" if self.rare else "accuracy"


def draw(world: World, rng: np.random.Generator) -> list[Contender]:
    """Draw one experiment: every method's predictions on one test set under every seed."""
    n, s = world.items, world.seeds
    gold = np.zeros(n, dtype=np.int64)
    gold[: n // world.rare if world.rare else 0] = 1
    ids = np.arange(n)
    groups = _groups(world, gold, rng) if world.per_group > 1 else None
    told = groups if world.told else None
    item = ITEM * _normal(n, groups, rng)
    seed = _latent(world.shared_seed_sd) * rng.standard_normal((s, 1))
    contenders = []
    for k, (gap, own) in enumerate(zip(world.gaps, world.seed_sds, strict=True)):
        rows = 1 if k >= len(world.gaps) - world.fixed else s
        # A baseline that no seed moves has the accuracy it is given, not that of one lucky run.
        sd = own if rows == s else 0.0
        run = seed + _latent(sd) * rng.standard_normal((s, 1))
        total = np.sqrt(BASE + _latent(sd) ** 2 + _latent(world.shared_seed_sd) ** 2)
        known = _shift(world, gold, gap) * total + item + TASTE * _normal(n, groups, rng)
        luck = LUCK * np.stack([_normal(n, groups, rng) for _ in range(rows)])
        right = luck + (np.where(gold == 1, 1.0, -1.0) * run if world.rare else run)[:rows] > -known
        predicted = np.where(right, gold, 1 - gold)
        contenders.append(
            Contender(f"m{k}", tuple(range(rows)), ids, gold, predicted, deterministic=rows < s, groups=told)
        )
    return contenders


def right_answers(world: World, *, repeats: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Draw the right answers (repeats, K, S, N) of that many experiments at once; no groups, no rare class."""
    r, k, s, n = repeats, len(world.gaps), world.seeds, world.items
    moved = np.arange(k) < k - world.fixed
    own = np.array([_latent(sd) for sd in world.seed_sds]) * moved
    shared = _latent(world.shared_seed_sd) * rng.standard_normal((r, 1, s)) * moved[:, None]
    run = (shared + own[:, None] * rng.standard_normal((r, k, s)))[..., None].astype(np.float32)
    total = np.sqrt(BASE + own**2 + (_latent(world.shared_seed_sd) * moved) ** 2)
    shift = (ndtri(ACCURACY - np.array(world.gaps)) * total).astype(np.float32)[:, None, None]
    known = ITEM * rng.standard_normal((r, 1, 1, n), dtype=np.float32)
    known = known + TASTE * rng.standard_normal((r, k, 1, n), dtype=np.float32)
    luck = LUCK * rng.standard_normal((r, k, s, n), dtype=np.float32)
    luck[:, ~moved] = luck[:, ~moved, :1]
    return np.asarray(known + luck + run > -shift)


def _groups(world: World, gold: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Deal items to groups, by chances of one and three, or by chances of each class that are log-normal."""
    number = world.items // world.per_group
    if not world.uneven:
        chances = np.where(np.arange(number) % 2, 1.0, 3.0)
        return rng.choice(number, size=world.items, p=chances / chances.sum())
    groups = np.empty(world.items, dtype=np.intp)
    for own in (gold == 0, gold == 1):
        chances = np.exp(UNEVEN * rng.standard_normal(number))
        groups[own] = rng.choice(number, size=int(own.sum()), p=chances / chances.sum())
    return groups


def _normal(items: int, groups: npt.NDArray[np.intp] | None, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Draw standard normal numbers (items,), correlated by `ALIKE` within a group."""
    own = rng.standard_normal(items, dtype=np.float32)
    if groups is None:
        return own
    shared = rng.standard_normal(int(groups.max()) + 1, dtype=np.float32)[groups]
    return np.sqrt(np.float32(ALIKE)) * shared + np.sqrt(np.float32(1 - ALIKE)) * own


def _latent(sd: float) -> float:
    """Turn a small standard deviation of accuracy into one of z."""
    return sd * float(np.sqrt(BASE)) / DENSITY


def _shift(world: World, gold: npt.NDArray[np.int64], gap: float) -> float | npt.NDArray[np.float64]:
    if world.rare:
        return np.asarray(ndtri(np.take(RECALL, gold)), dtype=np.float64)
    return float(ndtri(ACCURACY - gap))
