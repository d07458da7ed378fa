"""Item scores: how much each test item contributes to a metric, for one method and every seed.

A score per item is what lets seeds and items be told apart as sources of noise. Where a metric is a mean over items
(accuracy, log loss) it is the item's own; else it is the jackknife pseudovalue N t - (N - 1) t_without_n (Tukey 1958;
Efron and Tibshirani 1993, ch. 11), shifted so that the mean is the metric itself: the differences between methods are
then those of the numbers in the table, and their variance is untouched. Knows arrays only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from bakeoff.metrics.metric import Array, Floats, Ints, Items, Metric

__all__ = [
    "ACCURACY",
    "AUROC",
    "BALANCED_ACCURACY",
    "LOG_LOSS",
    "MACRO_F1",
    "MCC",
    "WEIGHTED_F1",
    "any_metric",
    "item_scores",
    "log_odds",
    "pseudovalues",
    "resampled",
    "surprise",
]


def item_scores(metric: Metric, *, gold: Ints, given: Ints | Floats) -> Array:
    """Return scores (S, N) of gold (N,) and given (S, N) or (S, N, C), of which the higher is the better.

    Row means are the metric of each seed, negated where lower is better. Raises ValueError for a metric without items.
    """
    return np.stack([metric.sign * _items(metric).scores(gold, row) for row in given])


def resampled(metric: Metric, *, gold: Ints, given: Ints | Floats, weights: Array) -> Array:
    """Return the metric itself (B, S) under item weights (B, N), with the sign of `item_scores`."""
    again = _items(metric).resampled
    if again is None:  # all seeds in one product
        scores = item_scores(metric, gold=gold, given=given)
        return np.asarray(weights @ scores.T / weights.sum(axis=1, keepdims=True))
    return np.stack([metric.sign * again(gold, row, weights) for row in given], axis=1)


def _items(metric: Metric) -> Items:
    if metric.items is None:
        raise ValueError(f"{metric.name}: no metric with item scores")
    return metric.items


def equal_shares(gold: Ints) -> Array:
    """Return 1/N for each item (N,)."""
    return np.full(len(gold), 1 / len(gold))


def class_shares(gold: Ints) -> Array:
    """Return 1/(C n_k) for each item (N,) of a class with n_k gold items: so much of the mean recall is its own.

    What it does to the precision of another class is left out.
    """
    _, place, counts = np.unique(gold, return_inverse=True, return_counts=True)
    return np.asarray(1 / (len(counts) * counts[place]), dtype=np.float64)


# accuracy ----------------------------------------------------------------------------------------------------------


def _right(gold: Ints, predicted: Ints) -> Array:
    return np.asarray(predicted == gold, dtype=np.float64)


ACCURACY = Items(_right, equal_shares, counts=True)


# log loss ----------------------------------------------------------------------------------------------------------


def surprise(gold: Ints, logits: Floats) -> Array:
    """Return the negative log-probability of the gold class of each item (N,), in nats, from logits (N, C)."""
    z = np.asarray(logits, dtype=np.float64)
    z = z - z.max(axis=1, keepdims=True)
    return np.asarray(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(gold)), gold])


LOG_LOSS = Items(surprise, equal_shares)


# what follows from counts by class ---------------------------------------------------------------------------------


Counted = Callable[[Array, Array, Array, npt.NDArray[np.bool_]], Array]
"""A metric (...) of right, held and called (..., C): gold items found, gold items, predictions of each class; and which
classes (C,) occur in the gold labels as they are: these stay the classes of the metric while items are left out."""


def _ratio(above: Array, below: Array) -> Array:
    """Divide, with 0 where nothing is counted (the convention of `classification`)."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _macro_f1(right: Array, held: Array, called: Array, occurring: npt.NDArray[np.bool_]) -> Array:
    return np.asarray(_ratio(2 * right, held + called)[..., occurring].mean(axis=-1))


def _weighted_f1(right: Array, held: Array, called: Array, _: npt.NDArray[np.bool_]) -> Array:
    return np.asarray((_ratio(2 * right, held + called) * held).sum(axis=-1) / held.sum(axis=-1))


def _balanced(right: Array, held: Array, _called: Array, occurring: npt.NDArray[np.bool_]) -> Array:
    return np.asarray(_ratio(right, held)[..., occurring].mean(axis=-1))


def _mcc(right: Array, held: Array, called: Array, _: npt.NDArray[np.bool_]) -> Array:
    """Return the covariance of gold and predicted class by their standard deviations (Gorodkin 2004, eq. 8)."""
    n = held.sum(axis=-1)
    both = right.sum(axis=-1) * n - (held * called).sum(axis=-1)
    spread = (n**2 - (held**2).sum(axis=-1)) * (n**2 - (called**2).sum(axis=-1))
    return _ratio(np.asarray(both), np.sqrt(np.maximum(spread, 0)))


def _numbered(gold: Ints, predicted: Ints) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return gold and predicted with the classes that occur numbered from 0, and which of them (C,) occur in gold."""
    classes, both = np.unique(np.concatenate([gold, predicted]), return_inverse=True)
    g, p = both[: len(gold)], both[len(gold) :]
    return g, p, np.bincount(g, minlength=len(classes)) > 0


def _counted(metric: Counted, shares: Callable[[Ints], Array]) -> Items:
    """Return the items of a metric of counts: what an item's removal does depends on its gold and predicted class only.

    So it is computed once for each pair of classes that occurs, instead of N times.
    """

    def scores(gold: Ints, predicted: Ints) -> Array:
        g, p, occurring = _numbered(gold, predicted)
        classes, n, one = len(occurring), len(g), np.eye(len(occurring))
        right, held, called = (np.bincount(x, minlength=classes).astype(float) for x in (g[g == p], g, p))
        cells, place = np.unique(g * classes + p, return_inverse=True)
        of_gold, of_predicted = one[cells // classes], one[cells % classes]
        without = metric(right - of_gold * of_predicted, held - of_gold, called - of_predicted, occurring)
        return pseudovalues(float(metric(right, held, called, occurring)), without[place], n)

    def again(gold: Ints, predicted: Ints, weights: Array) -> Array:
        g, p, occurring = _numbered(gold, predicted)
        one = np.eye(len(occurring))
        return metric(weights @ (one[g] * one[p]), weights @ one[g], weights @ one[p], occurring)

    return Items(scores, shares, again)


def pseudovalues(whole: float, without: Array, n: int) -> Array:
    """Return pseudovalues (N,) from the metric of all N items and without each (N,), shifted to have it as mean."""
    change = (n - 1) * (whole - without)
    return np.asarray(change - change.mean() + whole)


MACRO_F1 = _counted(_macro_f1, class_shares)
WEIGHTED_F1 = _counted(_weighted_f1, equal_shares)
BALANCED_ACCURACY = _counted(_balanced, class_shares)
MCC = _counted(_mcc, class_shares)


# AUROC -------------------------------------------------------------------------------------------------------------


def log_odds(logits: Floats) -> Array:
    """Return log(p / (1 - p)) of each class (N, C), which orders texts as p does, but does not round them to ties."""
    z = np.asarray(logits, dtype=np.float64)
    others = np.where(np.eye(z.shape[1], dtype=bool), -np.inf, z[:, None, :])  # (N, C, C): row c without class c
    return np.asarray(z - np.logaddexp.reduce(others, axis=2))


def _placements(positive: npt.NDArray[np.bool_], odds: Array) -> tuple[float, Array]:
    """Return the AUROC of one class, and what it loses without each item (N,).

    An item's placement is the share of items of the other side that it is in order with, ties one half: DeLong, DeLong
    and Clarke-Pearson 1988, structural components. Without it the AUROC is the mean of the others of its side.
    """
    from scipy.stats import rankdata

    m, n = int(positive.sum()), int((~positive).sum())
    within, ranks = np.empty(len(odds)), rankdata(odds)
    for side in (positive, ~positive):
        within[side] = rankdata(odds[side])
    below = ranks - within  # items of the other side that lie below
    placed = np.where(positive, below / n, 1 - below / m)
    area = float(placed[positive].mean())
    return area, (placed - area) / np.where(positive, max(m - 1, 1), max(n - 1, 1))


def _auroc_scores(gold: Ints, logits: Floats) -> Array:
    classes, n = np.unique(gold), len(gold)
    if len(classes) == 1:
        return np.full(n, np.nan)
    odds = log_odds(logits)
    found = [_placements(gold == one, odds[:, one]) for one in classes]
    whole = float(np.mean([area for area, _ in found]))
    return pseudovalues(whole, whole - np.mean([lost for _, lost in found], axis=0), n)


def _auroc_shares(gold: Ints) -> Array:
    """Return what each item (N,) counts for: half of each class's AUROC is its own items', half that of the others."""
    _, place, counts = np.unique(gold, return_inverse=True, return_counts=True)
    if len(counts) == 1:
        return equal_shares(gold)
    other = 1 / (len(gold) - counts)
    return np.asarray((1 / counts + other.sum() - other)[place] / (2 * len(counts)))


def _auroc_again(gold: Ints, logits: Floats, weights: Array) -> Array:
    odds = log_odds(logits)
    areas = np.stack([_weighted_area(gold == one, odds[:, one], weights) for one in np.unique(gold)])
    known = ~np.isnan(areas)  # a resample may lack a class
    found: Array = np.divide(
        np.where(known, areas, 0).sum(axis=0), known.sum(axis=0), out=np.full(len(weights), np.nan),
        where=known.any(axis=0),
    )  # fmt: skip
    return found


def _weighted_area(positive: npt.NDArray[np.bool_], odds: Array, weights: Array) -> Array:
    """Return the AUROC of one class (B,) under item weights (B, N); NaN where one side has no weight."""
    order = np.argsort(odds, kind="stable")
    starts = np.flatnonzero(np.diff(odds[order], prepend=-np.inf))
    starts = np.concatenate([[0], starts[starts > 0]])
    heavy = weights[:, order]
    own = np.add.reduceat(heavy * positive[order], starts, axis=1)
    other = np.add.reduceat(heavy * ~positive[order], starts, axis=1)
    ordered = np.sum(own * (np.cumsum(other, axis=1) - other / 2), axis=1)
    pairs = own.sum(axis=1) * other.sum(axis=1)
    found: Array = np.divide(ordered, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
    return found


AUROC = Items(_auroc_scores, _auroc_shares, _auroc_again)


# any other ---------------------------------------------------------------------------------------------------------


def any_metric(function: Callable[[Ints, Any], float]) -> Items:
    """Return the items of any metric function, by computing it N times and once per resample.

    An item without which the metric is undefined counts as one that changes nothing.
    """

    def scores(gold: Ints, given: Any) -> Array:
        n, whole = len(gold), float(function(gold, given))
        kept = np.arange(n)
        without = np.array([function(gold[kept != i], given[kept != i]) for i in kept], dtype=np.float64)
        return pseudovalues(whole, np.where(np.isnan(without), whole, without), n)

    def again(gold: Ints, given: Any, weights: Array) -> Array:
        drawn = (np.repeat(np.arange(len(gold)), np.rint(row).astype(int)) for row in weights)
        return np.array([function(gold[rows], given[rows]) for rows in drawn], dtype=np.float64)

    return Items(scores, equal_shares, again)
