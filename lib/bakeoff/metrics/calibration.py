"""How well probabilities tell how often a classifier is right: Brier score, calibration error, temperature.

Knows arrays only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bakeoff.metrics.items import equal_shares, pseudovalues, surprise
from bakeoff.metrics.metric import Array, Floats, Ints, Items

__all__ = [
    "BRIER",
    "CALIBRATION_BINS",
    "ECE",
    "TEMPERATURES",
    "bin_gaps",
    "ece_by_chance",
    "fit_temperature",
    "probabilities",
    "reliability",
    "squared_distance",
]


CALIBRATION_BINS = 15

TEMPERATURES = (0.01, 100.0)
"""Between which temperatures are looked for; scores that are always right on validation have none that is best."""


def probabilities(logits: Floats) -> Array:
    """Return the softmax of `logits` (N, C) as float64 (N, C); rows sum to one."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = np.exp(shifted - shifted.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def squared_distance(gold: Ints, logits: Floats) -> Array:
    """Return the squared distance of the probabilities of each item (N,) from its one-hot label, in [0, 2]."""
    return np.asarray(np.sum((probabilities(logits) - np.eye(logits.shape[1])[gold]) ** 2, axis=1))


BRIER = Items(squared_distance, equal_shares)


def _binned(logits: Floats) -> tuple[npt.NDArray[np.intp], Array, Ints]:
    """Return the bin, the confidence and the predicted class of each item (N,).

    Bins of equal width are open on the left and closed on the right (Guo et al. 2017).
    """
    p = probabilities(logits)
    confidence = p.max(axis=1)
    edges = np.linspace(0.0, 1.0, CALIBRATION_BINS + 1)
    index = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, CALIBRATION_BINS - 1)
    return index, confidence, p.argmax(axis=1)


def bin_gaps(gold: Ints, logits: Floats) -> tuple[npt.NDArray[np.intp], Array]:
    """Return the bin of each item (N,), and right (1) or wrong (0) minus confidence (N,)."""
    index, confidence, predicted = _binned(logits)
    return index, (predicted == gold) - confidence


def _summed(index: npt.NDArray[np.intp], values: Array) -> Array:
    return np.bincount(index, weights=values, minlength=CALIBRATION_BINS).astype(np.float64)


def reliability(gold: Ints, logits: Floats) -> tuple[Array, Array, Array]:
    """Return of each bin the number of items, their mean confidence and the share that is right: three of (15,).

    Confidence and share are nan for an empty bin. The reliability diagram of Niculescu-Mizil and Caruana 2005.
    """
    index, confidence, predicted = _binned(logits)
    right = _summed(index, (predicted == gold).astype(np.float64))
    counts, sure = _summed(index, np.ones(len(index))), _summed(index, confidence)
    filled = np.where(counts > 0, counts, np.nan)
    return counts, sure / filled, right / filled


def _ece_scores(gold: Ints, logits: Floats) -> Array:
    """Return pseudovalues (N,): without an item, only its own bin has another gap."""
    (index, apart), n = bin_gaps(gold, logits), len(gold)
    sums = _summed(index, apart)
    whole, own = float(np.abs(sums).sum()), sums[index]
    without = (whole - np.abs(own) + np.abs(own - apart)) / max(n - 1, 1)
    return pseudovalues(whole / n, without, n)


def _ece_again(gold: Ints, logits: Floats, weights: Array) -> Array:
    index, apart = bin_gaps(gold, logits)
    sums = weights @ (np.eye(CALIBRATION_BINS)[index] * apart[:, None])
    return np.asarray(np.abs(sums).sum(axis=1) / weights.sum(axis=1))


def ece_by_chance(logits: Floats) -> float:
    """Return about how large the ECE of these logits (N, C) would come out if they were calibrated.

    Gaps of bins then have mean zero and the variance of answers that are right with their confidence; the mean size of
    a normal gap is sqrt(2 / pi) standard deviations. It is the most by which chance raises the binned estimate, since
    gaps away from zero are raised less (Brocker and Smith 2007 and Roelofs et al. 2022 on this bias).
    """
    index, confidence, _ = _binned(logits)
    variances = _summed(index, confidence * (1 - confidence))
    return float(np.sqrt(2 / np.pi * variances).sum() / len(index))


ECE = Items(_ece_scores, equal_shares, _ece_again, excess=ece_by_chance)


def fit_temperature(gold: Ints, logits: Floats) -> float:
    """Return the temperature by which logits (N, C) have to be divided for the least log loss on gold (N,).

    Temperature scaling, Guo et al. 2017, section 4.2: one parameter, which leaves every predicted class as it is. The
    log loss is convex in its inverse, so that a search along the logarithm finds the least within `TEMPERATURES`.
    """
    from scipy.optimize import minimize_scalar

    z = np.asarray(logits, dtype=np.float64)

    def loss(logarithm: float) -> float:
        return float(surprise(gold, z / np.exp(logarithm)).mean())

    ends = tuple(np.log(TEMPERATURES))
    found = minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-6})
    # Where every answer is right the loss falls without end, and is flat only where it is rounded to nothing.
    return float(np.exp(found.x)) if found.fun < loss(ends[0]) else TEMPERATURES[0]
