"""Methods that were tuned first: the best of some settings on validation texts, then compared on test texts.

`tables` is the section of RESULTS.md on them. A claim is false where the settings that were chosen are truly no better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from by_pair import Array, Bools, from_the_pair, mean_squares
from in_company import claims
from scipy.special import ndtri
from worlds import World, right_answers

__all__ = ["HEAD", "Tuned", "claims_after_tuning", "tables"]


AT_ONCE = 20
HEAD = (
    "methods", "trials", "seeds", "seed sd", "sd of settings", "any false BETTER", "chosen on test"
)  # fmt: skip
DEFAULT = 0
"""Place of the setting that is the declared one."""


@dataclass(frozen=True)
class Tuned:
    """A contest. seed_sd: between runs; spread: standard deviation of the true accuracy of a method's settings.

    also_default: every method has a row at its declared setting, too; items: of validation, and as many of test
    """

    methods: int = 3
    trials: int = 8
    seeds: int = 3
    seed_sd: float = 0.01
    spread: float = 0.0
    also_default: bool = True
    items: int = 1000

    @property
    def gaps(self) -> Array:
        """Of each setting (trials,) to the best one: evenly drawn, the declared one in the middle."""
        places = (np.arange(self.trials) + 0.5) / self.trials
        below = self.spread * np.abs(ndtri(places) - ndtri(places[-1]))
        return np.roll(below, -self.trials // 2)

    @property
    def world(self) -> World:
        """Every setting of every method as a method; one more seed, to choose with, and texts of both splits."""
        gaps = tuple(np.tile(self.gaps, self.methods).tolist())
        return World(self.seeds + 1, 2 * self.items, gaps=gaps, seed_sds=(self.seed_sd,) * len(gaps))


def claims_after_tuning(contest: Tuned, *, repeats: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return the share of experiments with any false BETTER: chosen on validation, and chosen on test texts.

    On validation the choice is that of a seed which is not compared; on test it is the best mean of those that are.
    """
    fair: list[Bools] = []
    careless: list[Bools] = []
    for start in range(0, repeats, AT_ONCE):
        number = min(AT_ONCE, repeats - start)
        flat = right_answers(contest.world, repeats=number, rng=rng)
        right = flat.reshape(number, contest.methods, contest.trials, contest.seeds + 1, -1)
        validation, test = right[..., 0, : contest.items], right[..., contest.items :]
        fair.append(_any_false(contest, validation.mean(axis=3).argmax(axis=2), test[:, :, :, 1:]))
        careless.append(_any_false(contest, test[:, :, :, 1:].mean(axis=(3, 4)).argmax(axis=2), test[:, :, :, 1:]))
    return float(np.concatenate(fair).mean()), float(np.concatenate(careless).mean())


def _any_false(contest: Tuned, chosen: Array, test: Bools) -> Bools:
    """Return whether any claim is false, (repeats,). chosen: (repeats, methods); test: (..., methods, trials, S, N)."""
    rows = [np.take_along_axis(test, chosen[:, :, None, None, None], axis=2)[:, :, 0]]
    true = [-contest.gaps[chosen]]
    if contest.also_default:
        rows.append(test[:, :, DEFAULT])
        true.append(np.full(chosen.shape, -contest.gaps[DEFAULT]))
    q = mean_squares(np.concatenate(rows, axis=1))
    truth = np.concatenate(true, axis=1)
    first, second = np.array(q.pairs).T
    wrong = (truth[:, first] - truth[:, second]) * np.sign(q.estimate) <= 0
    same = np.zeros_like(wrong)
    if contest.also_default:  # a method that chose its declared setting is one row, not two
        kept = chosen == DEFAULT
        for place, (a, b) in enumerate(q.pairs):
            same[:, place] = kept[:, a] & (b == a + contest.methods) if a < contest.methods else False
    return np.asarray((claims(q, from_the_pair(q)) & wrong & ~same).any(axis=1))


CONTESTS = (
    Tuned(), Tuned(seed_sd=0.005), Tuned(seed_sd=0.02), Tuned(trials=16), Tuned(trials=32, methods=2),
    Tuned(also_default=False, methods=6), Tuned(seeds=5), Tuned(spread=0.01), Tuned(spread=0.03),
    Tuned(spread=0.03, seeds=5, seed_sd=0.02),
)  # fmt: skip


def tables(*, repeats: int, rng: np.random.Generator, contests: tuple[Tuned, ...] = CONTESTS) -> list[list[object]]:
    """Return a row for each contest."""
    rows: list[list[object]] = []
    for one in contests:
        number = f"{one.methods}, tuned" + (" and declared" if one.also_default else "")
        rates = claims_after_tuning(one, repeats=repeats, rng=rng)
        rows.append([number, one.trials, one.seeds, f"{100 * one.seed_sd:g}", f"{100 * one.spread:g}", *rates])
    return rows
