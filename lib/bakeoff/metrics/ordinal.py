"""Metrics of classes in an order: how many classes an answer is from the right one, and whether the order is kept.

No run records them, as they mean nothing where classes have no order; they are computed from kept predictions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from bakeoff.metrics.items import equal_shares, pseudovalues
from bakeoff.metrics.metric import Array, Ints, Items, Metric
from bakeoff.system.message import msg

__all__ = ["ORDINAL", "mean_absolute_error", "quadratic_kappa", "spearman"]


def _apart(gold: Ints, predicted: Ints) -> Array:
    return np.asarray(np.abs(predicted - gold), dtype=np.float64)


def _mean_apart(gold: Ints, predicted: Ints) -> float:
    """Return the mean distance of predicted from gold class, in classes."""
    return float(_apart(gold, predicted).mean())


def _kappa(gold: Ints, predicted: Ints) -> float:
    """Return Cohen's kappa with quadratic weights (Cohen 1968), in [-1, 1]; NaN where one class is all there is."""
    from sklearn.metrics import cohen_kappa_score

    if len(np.union1d(gold, predicted)) == 1:
        return math.nan
    classes = np.arange(1 + max(gold.max(), predicted.max()))
    return float(cohen_kappa_score(gold, predicted, labels=classes, weights="quadratic"))


def _rank_correlation(gold: Ints, predicted: Ints) -> float:
    """Return Spearman's correlation of gold and predicted class, ties at their mean rank; 0 for a constant answer.

    NaN where one class is all there is in `gold`. 0 for a constant, which orders nothing, as MCC has it.
    """
    from scipy.stats import spearmanr

    if len(np.unique(gold)) == 1:
        return math.nan
    return 0.0 if len(np.unique(predicted)) == 1 else float(spearmanr(gold, predicted).statistic)


# tests: from the table of gold and predicted classes ---------------------------------------------------------------


Weighed = Callable[[Array, Array, Array], Array]
"""A metric (B,) of weights (B, K) of K pairs of classes that occur: gold and predicted class (K,) of each."""


def _weighed_kappa(weights: Array, gold: Array, predicted: Array) -> Array:
    """Return 1 - observed / expected squared distance, by moments: the expected one needs no table (B,)."""
    total = weights.sum(axis=1)
    g, p = weights @ gold / total, weights @ predicted / total
    spread = weights @ gold**2 / total + weights @ predicted**2 / total - 2 * g * p
    observed = weights @ (gold - predicted) ** 2 / total
    return _ratio(spread - observed, spread, constant=np.zeros_like(spread, dtype=bool))


def _weighed_correlation(weights: Array, gold: Array, predicted: Array) -> Array:
    """Return Pearson's correlation of mean ranks (B,)."""
    g, p = _mean_ranks(weights, gold), _mean_ranks(weights, predicted)
    total = weights.sum(axis=1, keepdims=True)
    g = g - (weights * g).sum(axis=1, keepdims=True) / total
    p = p - (weights * p).sum(axis=1, keepdims=True) / total
    both, own, other = ((weights * x).sum(axis=1) for x in (g * p, g * g, p * p))
    return _ratio(both, np.sqrt(own * other), constant=own > 0)


def _ratio(above: Array, below: Array, *, constant: npt.NDArray[np.bool_]) -> Array:
    """Divide; where nothing spreads, 0 if that is because the answers are `constant`, else NaN."""
    nothing = np.where(constant, 0.0, np.nan)
    return np.divide(above, below, out=nothing, where=below > 0)


def _mean_ranks(weights: Array, of: Array) -> Array:
    """Return the mean rank (B, K) of each pair's class among all items."""
    classes, place = np.unique(of, return_inverse=True)
    held = weights @ np.eye(len(classes))[place]
    return np.asarray((np.cumsum(held, axis=1) - held / 2)[:, place])


def _from_table(metric: Weighed) -> Items:
    """Return the items of a metric of counts: what an item's removal does depends on its pair of classes only."""

    def pairs(gold: Ints, predicted: Ints) -> tuple[Array, Array, Ints]:
        found, place = np.unique(np.stack([gold, predicted], axis=1), axis=0, return_inverse=True)
        return found[:, 0].astype(float), found[:, 1].astype(float), place.reshape(-1)

    def scores(gold: Ints, predicted: Ints) -> Array:
        g, p, place = pairs(gold, predicted)
        counts = np.bincount(place).astype(float)
        whole, without = float(metric(counts[None], g, p)[0]), metric(counts - np.eye(len(counts)), g, p)
        return pseudovalues(whole, np.where(np.isnan(without), whole, without)[place], len(gold))

    def again(gold: Ints, predicted: Ints, weights: Array) -> Array:
        g, p, place = pairs(gold, predicted)
        return metric(weights @ np.eye(len(g))[place], g, p)

    return Items(scores, equal_shares, again)


quadratic_kappa = Metric(
    "quadratic_kappa", _kappa, higher_is_better=True, needs_logits=False, label="QWK",
    explanation=msg(
        "QWK: Cohen's kappa with quadratic weights: an answer two classes off counts four times one that is one "
        "class off. 0 for guesses that have nothing to do with the labels, 1 at best."
    ),
    items=_from_table(_weighed_kappa), unit="",
)  # fmt: skip

mean_absolute_error = Metric(
    "mean_absolute_error", _mean_apart, higher_is_better=False, needs_logits=False, label="MAE",
    explanation=msg("MAE: mean absolute error, how many classes an answer is from the right one."),
    items=Items(_apart, equal_shares), unit="",
)  # fmt: skip

spearman = Metric(
    "spearman", _rank_correlation, higher_is_better=True, needs_logits=False, label="Spearman",
    explanation=msg("Spearman: how well the answers keep the order of the labels, -1 to 1; 0 for a constant answer."),
    items=_from_table(_weighed_correlation), unit="",
)  # fmt: skip

ORDINAL: Mapping[str, Metric] = {metric.name: metric for metric in (quadratic_kappa, mean_absolute_error, spearman)}
"""Metrics of `task: ordinal`, by name."""
