"""Metrics of ordered classes: held to scikit-learn, scipy and refits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score, mean_absolute_error

from bakeoff.metrics.classification import metric_named
from bakeoff.metrics.items import any_metric, item_scores, resampled
from bakeoff.metrics.ordinal import ORDINAL


def answers(seed, n=40, classes=5, predicted=None):
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, classes, n)
    near = np.clip(gold + rng.integers(-1, 2, n), 0, classes - 1)
    return gold, near if predicted is None else np.full(n, predicted)


def test_they_are_what_the_libraries_say() -> None:
    gold, predicted = answers(1)
    expected = {
        "quadratic_kappa": cohen_kappa_score(gold, predicted, weights="quadratic"),
        "mean_absolute_error": mean_absolute_error(gold, predicted),
        "spearman": spearmanr(gold, predicted).statistic,
    }
    assert {name: metric_named(name)(gold, predicted) for name in ORDINAL} == pytest.approx(expected)


def test_a_class_that_does_not_occur_keeps_its_place() -> None:
    """Between bad (0) and good (2) lie two classes of distance, whether or not anybody says neutral (1)."""
    gold, predicted = np.array([0, 3, 2, 3, 0, 3]), np.array([0, 2, 2, 3, 2, 3])
    expected = cohen_kappa_score(gold, predicted, labels=[0, 1, 2, 3], weights="quadratic")
    assert ORDINAL["quadratic_kappa"](gold, predicted) == pytest.approx(expected)
    assert ORDINAL["mean_absolute_error"](gold, predicted) == 0.5
    squeezed = cohen_kappa_score(gold, predicted, weights="quadratic")
    assert expected != pytest.approx(squeezed)


@pytest.mark.parametrize("name", ORDINAL)
@given(seed=st.integers(0, 2**31), n=st.integers(4, 40), classes=st.integers(2, 6))
def test_scores_are_those_of_refits_and_resamples_those_of_repeated_items(name, seed, n, classes) -> None:
    metric = ORDINAL[name]
    gold, predicted = answers(seed, n, classes)
    gold[:2] = 0, 1
    predicted[:2] = 0, 1
    assert metric.items.scores(gold, predicted) == pytest.approx(
        any_metric(metric).scores(gold, predicted), abs=1e-9, nan_ok=True
    )
    assert item_scores(metric, gold=gold, given=predicted[None]).mean() == pytest.approx(
        metric.sign * metric(gold, predicted)
    )
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=4)
    weights[:, :2] += 1  # both classes stay
    rows = [np.repeat(np.arange(n), row) for row in weights]
    assert resampled(metric, gold=gold, given=predicted[None], weights=weights.astype(float))[:, 0] == pytest.approx(
        [metric.sign * metric(gold[row], predicted[row]) for row in rows]
    )


@pytest.mark.parametrize("name", ["quadratic_kappa", "spearman"])
def test_a_constant_answer_orders_nothing(name) -> None:
    gold, predicted = answers(2, predicted=3)
    assert ORDINAL[name](gold, predicted) == pytest.approx(0, abs=1e-12)
    assert ORDINAL[name].items.resampled(gold, predicted, np.ones((1, len(gold)))) == pytest.approx([0], abs=1e-12)


@pytest.mark.parametrize("name", ["quadratic_kappa", "spearman"])
def test_one_class_alone_is_undefined(name) -> None:
    same = np.full(5, 2)
    assert math.isnan(ORDINAL[name](same, same))
