"""What happens after a report: looks at more seeds, the next run and its texts; and a sweep that chose with a seed.

Each function measures one thing in worlds of both generators; `tables` are its sections of RESULTS.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from by_pair import Array, Bools, Noise, from_the_pair, mean_squares, reach
from in_company import ALPHA, AT_ONCE, AnyWorld, claims, drawn
from mixed_worlds import MixedWorld
from scipy.special import stdtrit
from worlds import World, right_answers

from bakeoff.stats.sequential import nominal_levels

__all__ = ["calibration", "looks", "sweep_bias", "tables"]

FIRST, MOST = 3, 12
"""Looks after each seed from the first to the most."""
STRENGTH = 1.0
"""Of the always-valid bound's mixture: gaps as large as the noise of one seed."""
EDGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Of chances called alike."""

Rows = list[list[object]]


@dataclass(frozen=True)
class Looks:
    """Shares of experiments with any BETTER at any look: each look at the full level, spending, always valid."""

    careless: float
    spending: float
    always_valid: float


def looks(world: AnyWorld, *, repeats: int, rng: np.random.Generator) -> Looks:
    """Look after each seed from `FIRST` to the world's, at most `MOST`, and count experiments with any BETTER."""
    numbers = range(FIRST, world.seeds + 1)
    levels = nominal_levels([number / world.seeds for number in numbers], alpha=ALPHA)
    found: dict[str, list[Bools]] = {"careless": [], "spending": [], "always_valid": []}
    for right in drawn(world, repeats=repeats, rng=rng):
        seen = {name: np.zeros(len(right), dtype=bool) for name in found}
        for number, level in zip(numbers, levels, strict=True):
            q = mean_squares(right[:, :, :number])
            noise, distance = from_the_pair(q), np.abs(q.estimate)
            seen["careless"] |= claims(q, noise).any(axis=1)
            seen["spending"] |= claims(q, noise, alpha=level).any(axis=1)
            bound = _always_valid(noise, number, alpha=ALPHA / len(q.pairs))
            seen["always_valid"] |= (distance > bound).any(axis=1)
        for name, hits in seen.items():
            found[name].append(hits)
    return Looks(**{name: float(np.concatenate(hits).mean()) for name, hits in found.items()})


def _always_valid(noise: Noise, seeds: int, *, alpha: float) -> Array:
    """Return a bound on distances that holds at every number of seeds at once (Lai 1976: a mixture of t tests).

    The part of items, which are the same at every look, keeps its quantile.
    """
    v, shrink = seeds - 1, 1 + seeds * STRENGTH
    # The likelihood ratio against no gap reaches 1 / alpha at this t; with few seeds it never does.
    ratio = (alpha**-2 * shrink) ** (1 / seeds)
    t2 = v * (ratio - 1) / (1 - ratio / shrink) if ratio < shrink else np.inf
    with np.errstate(invalid="ignore"):
        seed = np.where(noise.seed > 0, t2 * noise.seed, 0.0)
    return np.asarray(np.sqrt(seed + float(stdtrit(noise.item_df, alpha / 2)) ** 2 * noise.item))


def _ahead(right: Bools) -> tuple[Array, Array]:
    """Return the chance that the first method of two scores higher the next time, and whether it did: (repeats,) each.

    The last seed of the right answers (repeats, 2, S + 1, 2 N) is the next run, and the second half of the texts new.
    """
    n = right.shape[3] // 2
    q = mean_squares(right[:, :, :-1, :n])
    noise = from_the_pair(q)
    next_time = Noise((1 + q.seeds) * noise.seed, noise.seed_df, 2 * noise.item, noise.item_df)
    came = right[:, 0, -1, n:].mean(axis=1) - right[:, 1, -1, n:].mean(axis=1)
    low, high = np.full(len(right), 1e-9), np.full(len(right), 0.5)
    distance = np.abs(q.estimate[:, 0])
    for _ in range(40):
        middle = np.sqrt(low * high)
        beyond = _reach_at(next_time, middle) > distance
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    chance = np.where(q.estimate[:, 0] > 0, 1 - high, high)
    return chance, np.where(came == 0, 0.5, came > 0)


def _reach_at(noise: Noise, level: Array) -> Array:
    """Return the reach of the only pair at a level of its own in each repeat."""
    seed = stdtrit(noise.seed_df, level) ** 2 * noise.seed[:, 0]
    return np.asarray(np.sqrt(seed + stdtrit(noise.item_df, level) ** 2 * noise.item[:, 0]))


def calibration(
    seeds: int, *, items: int, sd: float, spread: float, repeats: int, rng: np.random.Generator, other: bool = False
) -> Rows:
    """Return rows of chances called alike: from, to, how many experiments, mean chance, share that came true.

    sd: between seeds; spread: standard deviation of the true gaps; other: of the second generator. Experiments are told
    from the side that looks better.
    """
    called, true = [], []
    for gap in np.linspace(-2, 2, 9):
        weight = np.exp(-(gap**2) / 2)
        number = max(int(repeats * weight / 5), AT_ONCE)
        shift = (0.0, spread * float(gap))
        world: AnyWorld = World(seeds + 1, 2 * items, gaps=shift, seed_sds=(sd, sd))
        if other:
            world = MixedWorld(seeds + 1, 2 * items, run_sds=(sd, sd), gaps=shift, collapses=(0.0, 0.0))
        for right in drawn(world, repeats=number, rng=rng):
            chance, came = _ahead(right)
            called.append(np.maximum(chance, 1 - chance))
            true.append(np.where(chance >= 0.5, came, 1 - came))
    p, y = np.concatenate(called), np.concatenate(true)
    rows: Rows = []
    for low, high in pairwise(EDGES):
        here = (p >= low) & (p < high if high < 1 else p <= 1)
        if here.sum() > AT_ONCE // 2:
            rows.append([seeds, f"{100 * sd:g}", f"{100 * spread:g}", f"{low:g} to {high:g}", int(here.sum()),
                         float(p[here].mean()), float(y[here].mean())])  # fmt: skip
    return rows


def sweep_bias(seeds: int, *, sd: float, repeats: int, rng: np.random.Generator, trials: int = 4) -> tuple[float, ...]:
    """Return what a sweep of settings that are all alike gains by being judged with the seed it chose by.

    Chosen by the accuracy of one seed on validation texts, then judged on test texts: bias of the tuned method's mean
    and share of false BETTER where that seed counts among the compared ones, and the same where it does not.
    """
    items = 2000
    world = World(seeds, items, gaps=(0.0,) * (trials + 1), seed_sds=(sd,) * (trials + 1))
    found: list[list[Array]] = [[], [], [], []]
    for start in range(0, repeats, AT_ONCE):
        right = right_answers(world, repeats=min(AT_ONCE, repeats - start), rng=rng)
        half = items // 2
        best = right[:, 1:, 0, :half].mean(axis=2).argmax(axis=1)
        tuned = right[np.arange(len(right)), 1 + best]
        fresh = right[:, 1]
        for place, chosen in enumerate((tuned, fresh)):
            q = mean_squares(np.stack([chosen[..., half:], right[:, 0, :, half:]], axis=1))
            found[2 * place].append(q.estimate[:, 0])
            found[2 * place + 1].append((np.abs(q.estimate) > reach(from_the_pair(q), ALPHA / 2))[:, 0])
    return tuple(float(np.concatenate(one).mean()) for one in found)


@dataclass(frozen=True)
class Tables:
    """Rows of the sections on looks, on the chances of the next time, and on sweeps."""

    looks: Rows
    chances: Rows
    sweeps: Rows


def _look_rows(repeats: int, rng: np.random.Generator, items: int) -> Rows:
    none = {f"{k} methods": (0.0,) * k for k in (2, 6)}
    worlds: dict[str, AnyWorld] = {}
    for name, gaps in none.items():
        for sd in (0.005, 0.02):
            worlds[f"latent: {name}, {100 * sd:g}"] = World(MOST, items, gaps=gaps, seed_sds=(sd,) * len(gaps))
    worlds["mixed, t3: 2 methods, 2"] = MixedWorld(
        MOST, items, run_sds=(0.02,) * 2, gaps=(0.0,) * 2, collapses=(0.0,) * 2
    )
    worlds["a gap of 2 pp: 2 methods, 1"] = World(MOST, 2 * items, gaps=(0.0, 0.02), seed_sds=(0.01,) * 2)
    worlds["a gap of 3 pp: 2 methods, 2"] = World(MOST, 2 * items, gaps=(0.0, 0.03), seed_sds=(0.02,) * 2)
    rows: Rows = []
    for name, world in worlds.items():
        found = looks(world, repeats=repeats, rng=rng)
        rows.append([name, world.items, found.careless, found.spending, found.always_valid])
    return rows


def tables(*, repeats: int, rng: np.random.Generator, items: int = 1000) -> Tables:
    """Run all of it."""
    chances: Rows = []
    for seeds, sd in ((3, 0.01), (5, 0.01), (5, 0.02)):
        for spread in (0.01, 0.03):
            chances += calibration(seeds, items=items, sd=sd, spread=spread, repeats=repeats, rng=rng)
    chances += calibration(5, items=items, sd=0.02, spread=0.03, repeats=repeats, rng=rng, other=True)
    sweeps: Rows = []
    for seeds, sd in ((3, 0.006), (3, 0.012), (3, 0.02), (5, 0.012)):
        with_it, claims_with, without, claims_without = sweep_bias(seeds, sd=sd, repeats=repeats, rng=rng)
        sweeps.append(
            [seeds, f"{100 * sd:g}", f"{100 * with_it:+.2f}", claims_with, f"{100 * without:+.2f}", claims_without]
        )
    return Tables(_look_rows(repeats, rng, items), chances, sweeps)
