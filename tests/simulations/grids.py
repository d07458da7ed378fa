"""How often equal methods are told apart over a grid of data sets and base models, and what pooled intervals cover.

Every method is as good as any other on average over data sets; on one data set each has an advantage of its own, which
both base models share, and every cell has noise of its own beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from bakeoff.stats.grids.across import Cell, across
from bakeoff.stats.grids.pooled import pooled

__all__ = ["CLAIMS", "COVERAGE", "HEADING", "Claims", "GridWorld", "coverage", "false_claims", "tables"]

ALPHA = 0.05
HEADING = "## Grids: equal methods over data sets"
CLAIMS = ("advantages", "methods", "data sets", "base models", "any false BETTER", "cells as if independent")
COVERAGE = ("data sets", "sd between them, pp", "coverage of the mean", "half-width, pp", "coverage of the next")

Array = npt.NDArray[np.float64]
Rows = list[list[object]]


@dataclass(frozen=True)
class GridWorld:
    """shape: of the advantages a method has on a data set, `normal`, `heavy` (t with 3 df) or `skewed` (exponential).

    spread: their standard deviation; noise: that of a cell. In a skewed world the methods are skewed unlike.
    """

    data_sets: int
    methods: int = 4
    models: int = 2
    shape: str = "normal"
    spread: float = 0.02
    noise: float = 0.01


def drawn(world: GridWorld, rng: np.random.Generator) -> Array:
    """Return scores (D, M, K)."""
    size = (world.data_sets, 1, world.methods)
    own = {
        "normal": lambda: rng.normal(size=size),
        "heavy": lambda: rng.standard_t(3, size=size) / np.sqrt(3),
        "skewed": lambda: (rng.exponential(size=size) - 1) * np.linspace(0.2, 1.8, world.methods),
    }[world.shape]()
    level = rng.normal(0.8, 0.05, size=(world.data_sets, world.models, 1))
    noise = rng.normal(0, world.noise, size=(world.data_sets, world.models, world.methods))
    return np.asarray(level + world.spread * own + noise)


@dataclass(frozen=True)
class Claims:
    """Shares of grids with any false claim: as shipped, and were every cell a data set of its own."""

    shipped: float
    by_cell: float


def false_claims(world: GridWorld, *, repeats: int, rng: np.random.Generator) -> Claims:
    """Judge grids of equal methods by the procedure itself."""
    names = [f"m{k}" for k in range(world.methods)]
    errors = dict.fromkeys(combinations(names, 2), world.noise)
    found = []
    for _ in range(repeats):
        scores = drawn(world, rng)
        cells = [
            Cell(f"d{d}", f"b{m}", dict(zip(names, scores[d, m].tolist(), strict=True)), errors)
            for d, m in product(range(world.data_sets), range(world.models))
        ]
        apart = [replace(cell, data=f"{cell.data}-{cell.model}") for cell in cells]
        found.append([_claims(cells), _claims(apart)])
    return Claims(*np.mean(found, axis=0).tolist())


def _claims(cells: Sequence[Cell]) -> bool:
    return any(pair.better for pair in across(cells, reference="m0", alpha=ALPHA, details=False).pairs)


def coverage(data_sets: int, tau: float, *, repeats: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Return how often intervals of the mean cover it, their mean half-width, and how often those of the next do.

    Standard errors of single differences lie between half a point and two.
    """
    held, ahead, widths = [], [], []
    for _ in range(repeats):
        errors = np.exp(rng.uniform(np.log(0.005), np.log(0.02), size=data_sets))
        *true, later = rng.normal(0, tau, size=data_sets + 1) if tau else np.zeros(data_sets + 1)
        found = pooled(np.array(true) + rng.normal(0, errors), errors, alpha=ALPHA)
        held.append(found.low <= 0 <= found.high)
        ahead.append(found.next_low <= later <= found.next_high)
        widths.append((found.high - found.low) / 2)
    return float(np.mean(held)), float(np.mean(widths)), float(np.mean(ahead))


def tables(*, repeats: int, rng: np.random.Generator, most: int = 20) -> tuple[Rows, Rows]:
    """Return the rows of the section, by `CLAIMS` and `COVERAGE`; most: data sets of a grid."""
    claims: Rows = []
    cases = [(shape, k, d, 2) for shape in ("normal", "heavy", "skewed") for k, d in ((2, 8), (4, 8), (4, most))]
    for shape, methods, data_sets, models in [*cases, ("normal", 4, 4, 2), ("normal", 8, most, 1)]:
        world = GridWorld(min(data_sets, most), methods, models, shape)
        found = false_claims(world, repeats=repeats, rng=rng)
        claims.append([shape, methods, world.data_sets, models, found.shipped, found.by_cell])
    covered: Rows = []
    for data_sets, tau in product((3, 4, 8, most), (0.0, 0.01, 0.03)):
        held, width, ahead = coverage(data_sets, tau, repeats=repeats, rng=rng)
        covered.append([data_sets, f"{100 * tau:.0f}", held, f"{100 * width:.2f}", ahead])
    return claims, covered
