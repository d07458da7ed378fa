"""The comparison of pairs for thousands of experiments at once: accuracy, texts drawn one by one, three seeds or more.

A twin of the shipped procedure on arrays (repeats, pairs), fast because every mean square of a pair follows from
products of right answers; the tests hold it to the shipped one, p value by p value. `pooled` is the form before: noise
between seeds from all methods together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

__all__ = ["Noise", "Squares", "from_the_pair", "holm_rejected", "mean_squares", "pooled", "reach"]

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Squares:
    """The mean squares of every pair: arrays (repeats, pairs).

    means: (repeats, K, S) accuracy of every run; estimate: of the first of a pair against the second
    """

    pairs: tuple[tuple[int, int], ...]
    seeds: int
    items: int
    means: Array
    estimate: Array
    seed: Array
    item: Array
    residual: Array


@dataclass(frozen=True)
class Noise:
    """The parts of the squared standard error, each (repeats, pairs), and their degrees of freedom."""

    seed: Array
    seed_df: Array | float
    item: Array
    item_df: float


def mean_squares(right: Bools) -> Squares:
    """Return the mean squares of all pairs from right answers (repeats, K, S, N)."""
    r, k, s, n = right.shape
    y = right.astype(np.float32)
    sums, by_item, flat = y.sum(axis=3), y.sum(axis=2), y.reshape(r, k, s * n)
    pairs = tuple(combinations(range(k), 2))
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    of_items = _apart(by_item, a, b) / s
    of_cells = _apart(flat, a, b)
    by_seed = (sums[:, a] - sums[:, b]).astype(np.float64)
    mean = by_seed.sum(axis=2) / (s * n)
    of_mean = s * n * mean**2
    of_seeds = (by_seed**2).sum(axis=2) / n
    return Squares(
        pairs=pairs, seeds=s, items=n, means=sums.astype(np.float64) / n, estimate=mean,
        seed=(of_seeds - of_mean) / (s - 1), item=(of_items - of_mean) / (n - 1),
        residual=(of_cells - of_items - of_seeds + of_mean) / ((s - 1) * (n - 1)),
    )  # fmt: skip


def _apart(rows: npt.NDArray[np.float32], a: npt.NDArray[np.intp], b: npt.NDArray[np.intp]) -> Array:
    """Return sums of squared differences (repeats, pairs) of rows (repeats, K, ...), exact in float32."""
    p = (rows @ rows.transpose(0, 2, 1)).astype(np.float64)
    return np.asarray(p[:, a, a] + p[:, b, b] - 2 * p[:, a, b])


def from_the_pair(q: Squares) -> Noise:
    """Return the noise as it is shipped: the seeds' own mean square, and what items add to it."""
    cells = q.seeds * q.items
    return _floored(q, Noise(q.seed / cells, q.seeds - 1, np.maximum(q.item - q.residual, 0) / cells, q.items - 1))


def pooled(q: Squares) -> Noise:
    """Return the noise as it was before: of all methods together, or of the pair's two where that is larger."""
    m, s = q.means, q.seeds
    k = m.shape[1]
    left = m - m.mean(axis=2, keepdims=True) - m.mean(axis=1, keepdims=True) + m.mean(axis=(1, 2), keepdims=True)
    shares = q.items * k / (k - 1) * np.sum(left**2, axis=2) / (s - 1)
    whole = (k - 1) * (s - 1)
    a, b = (shares[:, [pair[side] for pair in q.pairs]] for side in (0, 1))
    common = np.broadcast_to(2 * shares.mean(axis=1, keepdims=True), a.shape)
    own_df = np.minimum((a + b) ** 2 / np.maximum(a**2 + b**2, 1e-300) * (s - 1), whole)
    df = np.where(common >= a + b, whole, np.maximum(own_df, s - 1))
    cells = s * q.items
    seed = np.maximum(np.maximum(common, a + b) - q.residual, 0) / cells
    return _floored(q, Noise(seed, df, q.item / cells, q.items - 1))


def _floored(squares: Squares, noise: Noise) -> Noise:
    least = 1 / (squares.items + 2) ** 2
    return Noise(noise.seed, noise.seed_df, np.maximum(noise.item, least - noise.seed), noise.item_df)


def reach(noise: Noise, level: float) -> Array:
    """Return the distance that chance exceeds to one side with probability `level`, (repeats, pairs) (Howe 1974)."""
    seed = np.asarray(stdtrit(noise.seed_df, level)) ** 2 * noise.seed
    return np.asarray(np.sqrt(seed + float(stdtrit(noise.item_df, level)) ** 2 * noise.item))


def holm_rejected(distance: Array, noise: Noise, family: Sequence[int], *, alpha: float) -> Bools:
    """Return which pairs of a family Holm's procedure calls different, (repeats, members).

    distance: (repeats, pairs) absolute estimates. As many are found as there are steps j at which at least j p values
    lie below alpha / (members - j + 1); that needs no p value, only the reach at each of these levels.
    """
    size, columns = len(family), list(family)
    beyond = np.stack([(distance > reach(noise, alpha / (size - j) / 2))[:, columns] for j in range(size)])
    enough = beyond.sum(axis=2) >= np.arange(1, size + 1)[:, None]
    steps = np.cumprod(enough, axis=0).sum(axis=0)
    chosen = np.take_along_axis(beyond, np.maximum(steps - 1, 0)[None, :, None], axis=0)[0]
    return np.asarray(chosen & (steps > 0)[:, None])
