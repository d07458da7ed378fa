"""Resampling: over seeds and items, to check the formulas of `statistics` by other means; over trials of a search.

Knows arrays only. All randomness comes from the Generator that is passed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bakeoff.metrics.items import resampled
from bakeoff.metrics.metric import Metric

__all__ = ["best_of", "best_of_band", "item_replicates", "percentile_interval", "seed_resampled"]


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


def best_of(scores: Sequence[float], *, sign: int = 1) -> Array:
    """Return the expected best of 1, 2, ..., N trials (N,), from the scores of N of them; sign: -1 where low is good.

    The unbiased estimate of Tang et al. (2020, eq. 4) of what Dodge et al. (2019) show: the mean of the best over all
    choices of n trials from the N.
    """
    return np.asarray(sign * _best_weights(len(scores)) @ np.sort(sign * np.asarray(scores, dtype=np.float64)))


def best_of_band(
    scores: Sequence[float], *, sign: int = 1, alpha: float, resamples: int = 2000, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return the central 1 - alpha of `best_of` over resampled trials, low and high ends (N,) each.

    It is drawn at the numbers of trials that were run, and is too narrow near N: no resample has a better trial.
    """
    values = np.asarray(scores, dtype=np.float64)
    drawn = np.sort(sign * values[rng.integers(len(values), size=(resamples, len(values)))], axis=1)
    curves = sign * drawn @ _best_weights(len(values)).T
    low, high = np.quantile(curves, [alpha / 2, 1 - alpha / 2], axis=0)
    return np.asarray(low), np.asarray(high)


def _best_weights(number: int) -> Array:
    """Return in what share of all choices of n the i-th lowest is the best: C(i - 1, n - 1) / C(N, n), (N, N)."""
    n, weights = np.arange(1, number + 1), np.zeros((number, number))
    weights[:, -1] = n / number
    for i in range(number - 1, 0, -1):  # from the share of the next one, so that nothing overflows
        weights[:, i - 1] = weights[:, i] * np.clip(i + 1 - n, 0, None) / i
    return weights


def _counts(things: int, *, draws: int, rng: np.random.Generator) -> Array:
    """Return how often each of `things` is drawn in samples of that size with replacement: (draws, things)."""
    picks = rng.integers(things, size=(draws, things)) + things * np.arange(draws)[:, None]
    return np.bincount(picks.ravel(), minlength=draws * things).reshape(draws, things).astype(np.float64)
