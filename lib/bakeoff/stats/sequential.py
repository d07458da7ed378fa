"""What a report may claim when it is not the only one: levels for looks at a growing number of seeds, and for changes.

Whoever looks after each seed and stops at the first small p errs more often than one look would. Looks within a
declared maximum of seeds share the error rate: by the share t of that maximum, alpha t^2 is spent. Looks outside of any
plan are held to smaller and smaller levels, and `Account.worth` bounds what all claims together are worth.
Sources: Lan and DeMets 1983 (spending); Kim and DeMets 1987 (powers of t); Armitage, McPherson and Rowe 1969 (the
recursion); Jennison and Turnbull 2000, ch. 11 (levels of t tests). An always-valid bound was simulated beside it: it
keeps the rate too, but found 3 pp in 43 of 100 experiments where this found 69 (`tests/simulations`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bakeoff.stats.difference import LEAST_SEEDS

__all__ = ["Account", "Look", "account", "nominal_levels", "rounded_level"]

Array = npt.NDArray[np.float64]

GRID = np.linspace(-8, 8, 641)
"""Of standardised estimates, for the recursion: beyond it lies less than any level."""


@dataclass(frozen=True)
class Look:
    """What stood in one report of an experiment.

    methods: that had results; seeds: the most that one of them ran with; items: test texts, 0 of a grid; split:
    identity of the texts and how they were split, in a grid of all its cells; seeds_at_most: the declared maximum, at
    least the declared seeds; tests: further test sets that were declared
    """

    methods: tuple[str, ...]
    seeds: int
    items: int
    metric: str
    reference: str
    split: str
    seeds_at_most: int
    tests: tuple[str, ...] = ()

    @property
    def design(self) -> tuple[str, str, str, int]:
        """What a plan is about: with another of these, another question is asked."""
        return self.metric, self.reference, self.split, self.items

    @property
    def counts(self) -> bool:
        """Whether it could have claimed anything of methods."""
        return self.seeds >= LEAST_SEEDS


@dataclass(frozen=True)
class Account:
    """What the claims of one look are held to, and why.

    level: two-sided, of a family; number: of this look, the first is 1; planned: it lies within the declared maximum;
    designs: how many were looked at, this one counted; dropped: methods that an earlier look compared and this does not
    worth: bound on the chance of any false claim in all looks together, for one family
    """

    level: float
    number: int
    planned: bool
    designs: int
    dropped: tuple[str, ...]
    worth: float
    seeds: int
    seeds_at_most: int


def account(look: Look, before: Sequence[Look], *, alpha: float) -> Account:
    """Return what the claims of a look are held to after those `before`, in the order they were made.

    A maximum is the one that stood in the first look of a design: raised later, it is no plan. The n-th look beyond it
    is held to alpha / (n + 1), and one of the d-th design to the d-th part of its level.
    """
    counted = [one for one in before if one.counts]
    designs = list(dict.fromkeys(one.design for one in (*counted, look)))
    states = list(dict.fromkeys(_state(one) for one in (*counted, look)))
    place = designs.index(look.design) + 1
    own = [one for one in counted if one.design == look.design]
    most = (own or [look])[0].seeds_at_most
    level = _level([one.seeds for one in own], look.seeds, most=most, alpha=alpha)
    worth = sum(
        _spent([one for one in (*counted, look) if one.design == design], alpha) / rank
        for rank, design in enumerate(designs, 1)
    )
    earlier = dict.fromkeys(name for one in counted for name in one.methods)
    return Account(
        level=rounded_level(level / place), number=states.index(_state(look)) + 1, planned=look.seeds <= most,
        designs=len(designs), dropped=tuple(name for name in earlier if name not in look.methods),
        worth=min(worth, 1.0), seeds=look.seeds, seeds_at_most=most,
    )  # fmt: skip


def rounded_level(level: float) -> float:
    """Round down to three digits: a level is told as it is used."""
    scale = 10.0 ** (2 - math.floor(math.log10(level)))
    return math.floor(level * scale + 1e-9) / scale


def _state(look: Look) -> tuple[object, ...]:
    return look.design, look.methods, look.seeds


def _level(before: Sequence[int], seeds: int, *, most: int, alpha: float) -> float:
    """Return the level of a look at so many seeds, of a design that was looked at with those `before`."""
    if seeds < LEAST_SEEDS:
        return alpha
    if seeds > most:
        return alpha / (1 + len({one for one in (*before, seeds) if most < one <= seeds}))
    looks = sorted({one for one in (*before, seeds) if one <= seeds})
    return nominal_levels([one / most for one in looks], alpha=alpha)[-1]


def _spent(looks: Sequence[Look], alpha: float) -> float:
    """Return a bound on the chance of any false claim in all looks at one design, were it the only one."""
    most = looks[0].seeds_at_most
    beyond = len({one.seeds for one in looks if one.seeds > most})
    inside = max((one.seeds for one in looks if one.seeds <= most), default=0)
    return alpha * ((inside / most) ** 2 + sum(1 / (n + 2) for n in range(beyond)))


def nominal_levels(shares: Sequence[float], *, alpha: float) -> tuple[float, ...]:
    """Return the two-sided level of each look at these shares of a declared maximum, rising, the last at most one.

    They hold the chance of any false claim up to share t to alpha t^2 where estimates gather information seed by seed.
    Test texts are the same at every look: that part of the noise does not come anew, and the levels err to the safe
    side.
    """
    from scipy.special import ndtr, ndtri

    step = GRID[1] - GRID[0]
    levels: list[float] = []
    density, last, spent = np.zeros_like(GRID), 0.0, 0.0
    for share in shares:
        wanted = float(alpha * share**2 - spent)
        if levels:
            density = step * (_moved(last, share) @ density)
            tail = (np.cumsum(density[::-1])[::-1] - density / 2) * step
            half = GRID >= 0
            limit = float(np.interp(-wanted / 2, -tail[half], GRID[half]))
            levels.append(2 * float(ndtr(-limit)))
        else:
            density = np.exp(-(GRID**2) / 2) / np.sqrt(2 * np.pi)
            limit = -float(ndtri(wanted / 2))
            levels.append(wanted)
        density = density * np.clip((limit - np.abs(GRID)) / step + 0.5, 0.0, 1.0)
        last, spent = share, alpha * share**2
    return tuple(levels)


def _moved(last: float, share: float) -> Array:
    """Return the density of the standardised estimate at `share` (rows) given that at the share before (columns)."""
    gained = share - last
    distance = GRID[:, None] * np.sqrt(share) - GRID[None] * np.sqrt(last)
    return np.asarray(np.exp(-(distance**2) / (2 * gained)) * np.sqrt(share / (2 * np.pi * gained)))
