"""Metrics of a classifier's test predictions, one row each; `metrics.load` has them as `evaluate.Metric`.

Each metric is a function of `gold` and of either `predicted` or `logits`, and declares beside its definition which
direction is better, its words, and what tests need of it; what a split does not define is NaN, left out by `score_all`.
scikit-learn computes whatever it has; the rest names its source. It is imported where it is used, so that importing
this module costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bakeoff.errors import UnknownName
from bakeoff.metrics import calibration
from bakeoff.metrics import items as of_items
from bakeoff.metrics.calibration import CALIBRATION_BINS, probabilities
from bakeoff.metrics.metric import Floats, Ints, Metric
from bakeoff.metrics.ordinal import ORDINAL
from bakeoff.metrics.own import offers, own_metric
from bakeoff.system.message import msg

__all__ = [
    "CALIBRATION_BINS",
    "COMPARABLE",
    "LARGEST_LOGIT",
    "METRICS",
    "accuracy",
    "auroc",
    "average_precision",
    "balanced_accuracy",
    "brier",
    "comparable",
    "ece",
    "log_loss",
    "macro_f1",
    "mcc",
    "metric_named",
    "per_class",
    "probabilities",
    "score_all",
    "weighted_f1",
]
LARGEST_LOGIT = 1e30
"""Of a method of one's own: some are kept as float32, and tests take the fourth power of a loss."""


def _metric(label: str, explanation: str, **more: Any) -> Callable[[Callable[[Ints, Any], float]], Metric]:
    """Turn a function into a `Metric` named after it.

    more: its other fields; items: what tests need, or a function that makes it of the metric's (`of_items.any_metric`)
    """

    def declare(function: Callable[[Ints, Any], float]) -> Metric:
        given = {"higher_is_better": True, "needs_logits": False, **more}
        if callable(items := given.get("items")):
            given["items"] = items(function)
        return Metric(function.__name__, function, label=label, explanation=explanation, **given)

    return declare


@_metric(msg("accuracy"), "", items=of_items.ACCURACY)
def accuracy(gold: Ints, predicted: Ints) -> float:
    """Return the share of items predicted right."""
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(gold, predicted))


def _f1(gold: Ints, predicted: Ints, average: str) -> float:
    """Average F1 over the classes that occur in `gold`.

    The set of classes is that of the gold labels, so that every method of one test set shares one denominator; it is
    scikit-learn's default whenever all predicted classes occur in `gold`.
    """
    from sklearn.metrics import f1_score

    return float(f1_score(gold, predicted, labels=np.unique(gold), average=average, zero_division=0))


@_metric(
    msg("macro-F1"), msg("Macro-F1: the mean of the F1 of each class that the texts have."), items=of_items.MACRO_F1
)
def macro_f1(gold: Ints, predicted: Ints) -> float:
    """Return the plain mean of the F1 of each gold class; a class never predicted counts as zero."""
    return _f1(gold, predicted, "macro")


@_metric(
    msg("weighted F1"),
    msg("Weighted F1: the same, each class weighted by its texts."),
    items=of_items.WEIGHTED_F1,
)
def weighted_f1(gold: Ints, predicted: Ints) -> float:
    """Return the mean of the F1 of each gold class, weighted by its number of gold items."""
    return _f1(gold, predicted, "weighted")


@_metric(
    msg("balanced accuracy"),
    msg("Balanced accuracy: the mean of the recall of each class."),
    items=of_items.BALANCED_ACCURACY,
)
def balanced_accuracy(gold: Ints, predicted: Ints) -> float:
    """Return the plain mean of the recall of each gold class: accuracy, if each class had as many items."""
    from sklearn.metrics import recall_score

    return float(recall_score(gold, predicted, labels=np.unique(gold), average="macro", zero_division=0))


@_metric(
    "MCC",
    msg("MCC: Matthews correlation, 0 for guesses that have nothing to do with the labels, 1 at best."),
    items=of_items.MCC,
    unit="",
)
def mcc(gold: Ints, predicted: Ints) -> float:
    """Return the multiclass Matthews correlation in [-1, 1]; 0 where one class is all there is (Gorodkin 2004)."""
    from sklearn.metrics import matthews_corrcoef

    return float(matthews_corrcoef(gold, predicted))


@_metric(
    "AUROC",
    msg(
        "AUROC: how well the scores order the texts, each class against the rest, wherever the decision falls. One "
        "half for chance, 1 at best."
    ),
    needs_logits=True,
    items=of_items.AUROC,
)
def auroc(gold: Ints, logits: Floats) -> float:
    """Return the area under the ROC curve of each gold class against the rest, their plain mean; .5 is chance.

    It is the chance that a text of the class has a higher probability of it than a text of another class, ties counting
    one half (Hanley and McNeil 1982): how well the scores order the texts, wherever the decision falls. Undefined where
    one class is all there is.
    """
    from sklearn.metrics import roc_auc_score

    return _one_against_rest(gold, logits, roc_auc_score)


@_metric(
    msg("average precision"),
    msg(
        "Average precision: the area below precision at each recall, each class against the rest; for chance, the "
        "class's share of the texts."
    ),
    needs_logits=True,
)
def average_precision(gold: Ints, logits: Floats) -> float:
    """Return the average precision of each gold class against the rest, their plain mean; chance is a class's share.

    Undefined where one class is all there is.
    """
    from sklearn.metrics import average_precision_score

    return _one_against_rest(gold, logits, average_precision_score)


def _one_against_rest(gold: Ints, logits: Floats, score: Callable[..., float]) -> float:
    """Average `score` over the classes of `gold`; NaN where there is one only."""
    classes = np.unique(gold)
    if len(classes) == 1:
        return math.nan
    odds = of_items.log_odds(logits)
    return float(np.mean([score(gold == one, odds[:, one]) for one in classes]))


@_metric(
    msg("log loss"),
    msg("Log loss: in nats."),
    higher_is_better=False,
    needs_logits=True,
    items=of_items.LOG_LOSS,
    unit="nats",
)
def log_loss(gold: Ints, logits: Floats) -> float:
    """Return the mean negative log-probability of the gold class, in nats.

    Computed from the logits, -(z_gold - logsumexp(z)), rather than from rounded probabilities: a confident model's
    probability of another class underflows to zero long before its logarithm does.
    """
    return float(np.mean(of_items.surprise(gold, logits)))


@_metric(
    "Brier",
    msg("Brier: squared distance of the probabilities from the label, from 0 to 2."),
    higher_is_better=False,
    needs_logits=True,
    items=calibration.BRIER,
    unit="",
)
def brier(gold: Ints, logits: Floats) -> float:
    """Return the mean squared distance between probabilities and the one-hot gold label, in [0, 2] (Brier 1950)."""
    from sklearn.metrics import brier_score_loss

    p = probabilities(logits)
    return float(brier_score_loss(gold, p, labels=np.arange(p.shape[1]), scale_by_half=False))


@_metric(
    "ECE",
    msg(
        "ECE: how far confidence and accuracy lie apart, over 15 bins of confidence. Chance parts the two as well, "
        "so it comes out too high, most of all with few texts and unsure methods. Intervals and tests of its "
        "differences hold with and without the most that chance adds."
    ),
    higher_is_better=False,
    needs_logits=True,
    items=calibration.ECE,
)
def ece(gold: Ints, logits: Floats) -> float:
    """Return the expected calibration error of the top class over equal-width bins (Guo et al. 2017, eq. 3).

    The plain binned estimate, biased upwards (`calibration.ece_by_chance` says by how much at most). scikit-learn has
    the bins (`calibration_curve`, to which the tests hold this) but not the error.
    """
    index, apart = calibration.bin_gaps(gold, logits)
    return float(np.abs(np.bincount(index, weights=apart, minlength=CALIBRATION_BINS)).sum() / len(gold))


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        accuracy,
        macro_f1,
        weighted_f1,
        balanced_accuracy,
        mcc,
        auroc,
        average_precision,
        log_loss,
        ece,
        brier,
    )
}

COMPARABLE = tuple(name for name, metric in METRICS.items() if metric.items)
"""Names of the metrics that methods are compared by."""


def metric_named(name: str, *, what: str = "metric", where: str | None = None) -> Metric:
    """Return the metric called `name`: of bakeoff, an installed package or, as `my_module:my_metric`, one's own.

    Raises UnknownName, which lists the known ones, or BadValue for one of the user's own that is no metric.
    """
    found = METRICS.get(name) or ORDINAL.get(name) or own_metric(name, METRICS, what=what, where=where)
    if found is None:
        raise UnknownName(what, name, {*METRICS, *ORDINAL, *offers(METRICS)}, kind="metric", where=where)
    return found


def comparable(name: str, *, what: str, where: str | None) -> Metric:
    """Return a metric that methods can be compared by; raises as `metric_named` does."""
    known = {*COMPARABLE, *ORDINAL, *offers(METRICS)}
    if name not in known and ":" not in str(name):
        kind = "metric to compare by" if name in METRICS else "metric"
        raise UnknownName(what, str(name), known, kind=kind, where=where)
    return metric_named(name, what=what, where=where)


def score_all(gold: Ints, predicted: Ints, *, logits: Floats | None = None) -> dict[str, float]:
    """Return every metric of gold (N,), predicted (N,), logits (N, C) that is defined.

    Those that need logits only where they are given; one that is undefined on these texts is left out.
    """
    given = {name: logits if metric.needs_logits else predicted for name, metric in METRICS.items()}
    found = {name: METRICS[name](gold, values) for name, values in given.items() if values is not None}
    return {name: value for name, value in found.items() if not math.isnan(value)}


def per_class(gold: Ints, predicted: Ints, *, classes: int) -> list[dict[str, float]]:
    """Return precision, recall, F1 (fractions, 0 where undefined) and support (gold items) of classes 0..classes-1."""
    from sklearn.metrics import precision_recall_fscore_support

    table = precision_recall_fscore_support(gold, predicted, labels=np.arange(classes), zero_division=0)
    names = ("precision", "recall", "f1", "support")
    return [dict(zip(names, map(float, column), strict=True)) for column in zip(*table, strict=True)]
