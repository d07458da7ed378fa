"""Item scores: how much each test item contributes to a metric, for one method and every seed.

A score per item is what lets seeds and items be told apart as sources of noise. For accuracy it is correctness; for
macro-F1, which is no mean over items, it is the jackknife pseudovalue. Knows arrays only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bakeoff.errors import UnknownName

__all__ = ["COMPARABLE_METRICS", "item_scores", "item_shares", "resampled"]


COMPARABLE_METRICS = ("accuracy", "macro_f1")

Ints = npt.NDArray[np.integer[Any]]
Array = npt.NDArray[np.float64]


def _check(metric: str) -> None:
    if metric not in COMPARABLE_METRICS:
        raise UnknownName("compare.metric", metric, COMPARABLE_METRICS, kind="metric with item scores")


def item_scores(metric: str, *, gold: Ints, predicted: Ints) -> Array:
    """Return scores (S, N) of gold (N,) and predicted (S, N); row means are the metric of each seed.

    Raises UnknownName for a metric outside `COMPARABLE_METRICS`.
    """
    _check(metric)
    if metric == "accuracy":
        return np.asarray(predicted == gold, dtype=np.float64)
    return np.stack([_f1_pseudovalues(gold, row) for row in predicted])


def _f1_pseudovalues(gold: Ints, predicted: Ints) -> Array:
    """Return the jackknife pseudovalues (N,) of macro-F1, shifted so that their mean is macro-F1 itself.

    Pseudovalue: N t - (N - 1) t_without_n (Tukey 1958; Efron and Tibshirani 1993, ch. 11). What an item's removal
    does depends on its gold and predicted class only, so the counts give all N at once instead of N refits. The
    classes are those of `gold`, as in `metrics.macro_f1`, and stay so while items are left out. The shift keeps the
    differences between methods equal to those of the numbers in the table; it does not touch their variance.
    """
    # Predicted classes that never occur in gold share one extra number, whose F1 does not count.
    classes = np.unique(gold)
    count, n = len(classes), len(gold)
    g = np.searchsorted(classes, gold)
    found = np.minimum(np.searchsorted(classes, predicted), count - 1)
    p = np.where(classes[found] == predicted, found, count)
    right = np.bincount(g[g == p], minlength=count + 1).astype(np.float64)
    total = np.bincount(np.concatenate([g, p]), minlength=count + 1).astype(np.float64)
    f1 = _ratio(2 * right, total)
    hit = _ratio(2 * (right - 1), total - 2)
    miss = _ratio(2 * right, total - 1)
    as_predicted = np.where(p < count, miss[p] - f1[p], 0.0)
    change = np.where(g == p, hit[g] - f1[g], miss[g] - f1[g] + as_predicted) / count
    macro = f1[:count].mean()
    pseudo = macro - (n - 1) * change
    return np.asarray(pseudo - pseudo.mean() + macro)


def _ratio(above: Array, below: Array) -> Array:
    """Divide, with 0 where nothing is counted (the convention of `metrics.macro_f1`)."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def item_shares(metric: str, gold: Ints) -> Array:
    """Return what each item (N,) counts for in the metric, adding up to one.

    1/N in accuracy. In macro-F1 over C classes an item of a class with n_k gold items counts for 1/(C n_k): so much of
    the mean recall is its own. What it does to the precision of another class is left out.
    """
    _check(metric)
    if metric == "accuracy":
        return np.full(len(gold), 1 / len(gold))
    _, place, counts = np.unique(gold, return_inverse=True, return_counts=True)
    return np.asarray(1 / (len(counts) * counts[place]), dtype=np.float64)


def resampled(metric: str, *, gold: Ints, predicted: Ints, weights: Array) -> Array:
    """Return the metric itself (B, S) under item weights (B, N), for gold (N,) and predicted (S, N).

    Macro-F1 is computed anew from the weighted counts: a check on the pseudovalues must not use them.
    """
    _check(metric)
    size = weights.sum(axis=1, keepdims=True)
    right = np.asarray(predicted == gold, dtype=np.float64)
    if metric == "accuracy":
        return np.asarray(weights @ right.T / size)
    classes = np.unique(gold)
    member = np.asarray(gold[:, None] == classes, dtype=np.float64)
    held = weights @ member
    columns = []
    for row, hits in zip(predicted, right, strict=True):
        called = weights @ np.asarray(row[:, None] == classes, dtype=np.float64)
        true_positive = weights @ (member * hits[:, None])
        columns.append(_ratio(2 * true_positive, held + called).mean(axis=1))
    return np.stack(columns, axis=1)
