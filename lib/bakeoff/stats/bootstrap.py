"""A bootstrap over seeds and items, to check the formulas of `statistics` by other means.

Knows arrays only. All randomness comes from the Generator that is passed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bakeoff.metrics.items import resampled
from bakeoff.metrics.metric import Metric

__all__ = ["item_replicates", "percentile_interval", "seed_resampled"]


Ints = npt.NDArray[np.integer[Any]]
Array = npt.NDArray[np.float64]

CELLS_AT_ONCE = 2_000_000
"""Weights held in memory at a time: 16 MB."""


def item_replicates(
    metric: Metric,
    *,
    gold: Ints,
    given: Sequence[npt.NDArray[Any]],
    groups: Ints | None = None,
    resamples: int,
    rng: np.random.Generator,
) -> list[Array]:
    """Return the metric of each method in each resample of the items: one (resamples, S) array per input (S, N[, C]).

    groups: (N,) numbered from 0, of items that are drawn together (Davison and Hinkley 1997, ch. 3.8)
    All methods see the same resamples, so that their differences stay paired.
    """
    number = len(gold) if groups is None else int(groups.max()) + 1
    size = max(1, CELLS_AT_ONCE // len(gold))
    parts: list[list[Array]] = [[] for _ in given]
    for start in range(0, resamples, size):
        drawn = _counts(number, draws=min(size, resamples - start), rng=rng)
        weights = drawn if groups is None else drawn[:, groups]
        for part, rows in zip(parts, given, strict=True):
            part.append(resampled(metric, gold=gold, given=rows, weights=weights))
    return [np.concatenate(part) for part in parts]


def seed_resampled(replicates: Array, *, observed: Array, rng: np.random.Generator) -> Array:
    """Return resampled mean differences (B,) from those of each seed (B, S), drawing seeds anew as well.

    observed: the difference of each seed (S,) on all items. Its deviations from their mean are stretched by
    sqrt(S / (S - 1)) first: a resample of few seeds varies too little by that factor (Rao and Wu 1988). A single
    seed is left alone.
    """
    draws, seeds = replicates.shape
    if seeds == 1:
        return np.asarray(replicates[:, 0])
    stretch = (np.sqrt(seeds / (seeds - 1)) - 1) * (observed - observed.mean())
    weights = _counts(seeds, draws=draws, rng=rng) / seeds
    return np.asarray(np.sum(weights * (replicates + stretch), axis=1))


def percentile_interval(values: Array, *, alpha: float) -> tuple[float, float]:
    """Return the central 1 - alpha of resampled values (Efron and Tibshirani 1993, ch. 13).

    A resample that does not define the metric, and so is NaN, does not count.
    """
    values = values[~np.isnan(values)]
    low, high = np.quantile(values, [alpha / 2, 1 - alpha / 2])
    return float(low), float(high)


def _counts(things: int, *, draws: int, rng: np.random.Generator) -> Array:
    """Return how often each of `things` is drawn in samples of that size with replacement: (draws, things)."""
    picks = rng.integers(things, size=(draws, things)) + things * np.arange(draws)[:, None]
    return np.bincount(picks.ravel(), minlength=draws * things).reshape(draws, things).astype(np.float64)
