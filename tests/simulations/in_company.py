"""Error rates and coverage by pair, in worlds of both generators, thousands of experiments at once.

`tables` returns the sections of RESULTS.md on pairs: methods all equal, in any company; power; methods that collapse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from by_pair import Array, Bools, Noise, Squares, from_the_pair, holm_rejected, mean_squares, pooled, reach
from mixed_worlds import MixedWorld
from mixed_worlds import right_answers as mixed
from worlds import World
from worlds import right_answers as latent

__all__ = ["Rates", "false_claims", "power", "tables"]

ALPHA = 0.05
AT_ONCE = 100
"""Experiments held in memory."""

Form = Callable[[Squares], Noise]
AnyWorld = World | MixedWorld


def drawn(world: AnyWorld, *, repeats: int, rng: np.random.Generator) -> Iterator[Bools]:
    """Yield the right answers of `repeats` experiments, some at a time."""
    for start in range(0, repeats, AT_ONCE):
        number = min(AT_ONCE, repeats - start)
        if isinstance(world, World):
            yield latent(world, repeats=number, rng=rng)
        else:
            yield mixed(world, repeats=number, rng=rng)


@dataclass(frozen=True)
class Rates:
    """What happened where all methods are equal.

    false_better: share of experiments with any false BETTER, in either family; reference, others: in one of them
    coverage: of the 95 % interval, (pairs,); width: mean half-width, (pairs,)
    """

    pairs: tuple[tuple[int, int], ...]
    false_better: float
    reference: float
    others: float
    coverage: Array
    width: Array


def families(q: Squares) -> tuple[list[int], list[int], list[int]]:
    """Return the places of all pairs, of those with the reference (method 0), of the others."""
    everyone = list(range(len(q.pairs)))
    facing = [place for place, pair in enumerate(q.pairs) if 0 in pair]
    return everyone, facing, [place for place in everyone if place not in facing]


def claims(q: Squares, noise: Noise, *, alpha: float = ALPHA, baselines: int = 0) -> Bools:
    """Return which pairs are BETTER, (repeats, pairs): those with the reference by its family, others by all pairs.

    baselines: so many of the last methods are; pairs of one and what is none have a family of their own.
    """
    everyone, facing, _ = families(q)
    distance = np.abs(q.estimate)
    found = holm_rejected(distance, noise, everyone, alpha=alpha)
    last = q.means.shape[1] - baselines
    beside = [place for place, (a, b) in enumerate(q.pairs) if (a >= last) != (b >= last)]
    if beside:
        found[:, beside] = holm_rejected(distance, noise, beside, alpha=alpha)
    found[:, facing] = holm_rejected(distance, noise, facing, alpha=alpha)
    return found


def false_claims(world: AnyWorld, *, repeats: int, rng: np.random.Generator, form: Form = from_the_pair) -> Rates:
    """Measure error rates and coverage by pair where all methods are equal."""
    found, covered, widths = [], [], []
    for right in drawn(world, repeats=repeats, rng=rng):
        q = mean_squares(right)
        noise = form(q)
        half = reach(noise, ALPHA / 2)
        found.append(claims(q, noise))
        covered.append(np.abs(q.estimate) <= half)
        widths.append(half)
    made = np.concatenate(found)
    _, facing, others = families(q)
    return Rates(
        pairs=q.pairs, false_better=float(made.any(axis=1).mean()), reference=float(made[:, facing].any(axis=1).mean()),
        others=float(made[:, others].any(axis=1).mean()), coverage=np.concatenate(covered).mean(axis=0),
        width=np.concatenate(widths).mean(axis=0),
    )  # fmt: skip


def power(world: AnyWorld, *, repeats: int, rng: np.random.Generator, form: Form) -> tuple[float, float]:
    """Return how often the last method's gap to the reference is found: uncorrected, and after Holm."""
    raw, held = [], []
    for right in drawn(world, repeats=repeats, rng=rng):
        q = mean_squares(right)
        noise, last = form(q), q.pairs.index((0, right.shape[1] - 1))
        raw.append((np.abs(q.estimate) > reach(noise, ALPHA / 2))[:, last])
        held.append((claims(q, noise) & (q.estimate > 0))[:, last])
    return float(np.concatenate(raw).mean()), float(np.concatenate(held).mean())


def _sds(world: AnyWorld) -> tuple[float, ...]:
    return world.seed_sds if isinstance(world, World) else world.run_sds


def _kinds(world: AnyWorld, rates: Rates) -> Iterator[tuple[str, list[int]]]:
    """Yield each kind of pair, by the seed noise of its two, with the places of its pairs; reference's pairs apart."""
    sds = _sds(world)
    kinds: dict[str, list[int]] = {}
    for place, (a, b) in enumerate(rates.pairs):
        noise = " / ".join(f"{100 * sd:g}" for sd in sorted((sds[a], sds[b]), reverse=True))
        kinds.setdefault(f"{noise} {'reference' if a == 0 else 'others'}", []).append(place)
    yield from kinds.items()


def by_kind(name: str, world: AnyWorld, rates: Rates) -> list[list[object]]:
    """Return one row per kind of pair: where, seeds, texts, kind, coverage (mean, lowest, highest pair), half-width."""
    rows: list[list[object]] = []
    for kind, places in _kinds(world, rates):
        cover = rates.coverage[places]
        rows.append([
            name, world.seeds, world.items, kind, len(places), float(cover.mean()), float(cover.min()),
            float(cover.max()), f"{100 * rates.width[places].mean():.2f}",
        ])  # fmt: skip
    return rows


EQUAL = {
    "equal, none": (0.0,) * 6, "equal, .5": (0.005,) * 6, "equal, 1": (0.01,) * 6, "equal, 2": (0.02,) * 6,
    "reference at 4, five at .5": (0.04, *(0.005,) * 5), "reference at 2, five at .5": (0.02, *(0.005,) * 5),
    "three at 2, three at .3": (0.02,) * 3 + (0.003,) * 3, "reference at .5, five at 3": (0.005, *(0.03,) * 5),
    "two methods, 1": (0.01,) * 2, "two methods, 4 and .5": (0.04, 0.005),
}  # fmt: skip
"""Seed noise by method, in accuracy; the first is the reference."""


def worlds(seeds: int, items: int) -> Iterator[tuple[str, AnyWorld]]:
    """Yield the worlds of both generators in which all methods are equal."""
    for name, sds in EQUAL.items():
        none = (0.0,) * len(sds)
        yield f"latent: {name}", World(seeds, items, gaps=none, seed_sds=sds)
        yield f"mixed, t3: {name}", MixedWorld(seeds, items, run_sds=sds, gaps=none, collapses=none)
    yield "latent: shared 1, own .5", World(seeds, items, shared_seed_sd=0.01)
    yield "latent: .5, one fixed baseline", World(seeds, items, fixed=1)
    yield "mixed: all collapse in 1 of 20", MixedWorld(seeds, items, collapses=(0.05,) * 6)


def one_collapses(seeds: int, items: int) -> MixedWorld:
    """Return a world whose reference collapses in 1 of 20 runs and is better in the others, so that means are equal."""
    return MixedWorld(seeds, items, run_sds=(0.005,) * 6, collapses=(0.05, *(0.0,) * 5))


def gaps(seeds: int, items: int) -> Iterator[tuple[str, AnyWorld]]:
    """Yield worlds in which the last method is 3 pp below the others."""
    for name in ("equal, .5", "equal, 1", "equal, 2", "three at 2, three at .3"):
        sds = EQUAL[name][::-1] if "three" in name else EQUAL[name]
        yield f"latent: {name}", World(seeds, items, gaps=(*(0.0,) * 5, 0.03), seed_sds=sds)
        yield f"mixed, t3: {name}", MixedWorld(seeds, items, run_sds=sds, gaps=(*(0.0,) * 5, 0.03))
    quiet = (0.003, *(0.03,) * 4, 0.003)
    yield "latent: .3 and .3 among four at 3", World(seeds, items, gaps=(*(0.0,) * 5, 0.03), seed_sds=quiet)


Rows = list[list[object]]


@dataclass(frozen=True)
class Tables:
    """Rows of the sections on pairs: of false claims, of coverage by kind of pair, of collapse, of power."""

    claims: Rows
    coverage: Rows
    collapse: Rows
    power: Rows


def tables(*, repeats: int, rng: np.random.Generator, seeds: Sequence[int] = (3, 5), items: int = 1000) -> Tables:
    """Run the worlds of both generators, by pair, with the form before beside the shipped one."""
    found = Tables([], [], [], [])
    for s in seeds:
        for name, world in worlds(s, items):
            rates = false_claims(world, repeats=repeats, rng=rng)
            before = false_claims(world, repeats=repeats // 2, rng=rng, form=pooled)
            found.claims.append([
                name, s, items, rates.false_better, rates.reference, rates.others, before.false_better,
                float(before.coverage.min()), float(before.coverage.max()),
            ])  # fmt: skip
            found.coverage.extend(by_kind(name, world, rates))
        rates = false_claims(one_collapses(s, items), repeats=repeats, rng=rng)
        facing = [place for place, pair in enumerate(rates.pairs) if 0 in pair]
        found.collapse.append([s, items, rates.false_better, rates.reference, float(rates.coverage[facing].mean())])
        for name, world in gaps(s, 2 * items):
            now, was = (power(world, repeats=repeats // 2, rng=rng, form=form) for form in (from_the_pair, pooled))
            found.power.append([name, s, 2 * items, *now, *was])
    return found
