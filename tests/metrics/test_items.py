"""Item scores: means that are the metric, pseudovalues against refits, bootstrap weights, AUROC against DeLong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from bakeoff.metrics.classification import COMPARABLE, METRICS, auroc, average_precision
from bakeoff.metrics.items import any_metric, item_scores, resampled


def sample(seed, n=60, classes=3):
    """Return gold with every class at least three times, and logits (n, classes) that know something, with ties."""
    rng = np.random.default_rng(seed)
    gold = np.concatenate([np.repeat(np.arange(classes), 3), rng.integers(0, classes, n - 3 * classes)])
    return gold, np.round(rng.normal(size=(n, classes)) + np.eye(classes)[gold], 1)


def seen(metric, logits):
    return logits if metric.needs_logits else logits.argmax(axis=-1)


@pytest.mark.parametrize("name", COMPARABLE)
@pytest.mark.parametrize("classes", [2, 3])
def test_pseudovalues_are_those_of_refits(name, classes):
    metric = METRICS[name]
    gold, logits = sample(classes, classes=classes)
    found = metric.items.scores(gold, seen(metric, logits))
    assert found == pytest.approx(any_metric(metric).scores(gold, seen(metric, logits)), abs=1e-10)


def test_a_class_stays_a_class_of_the_metric_while_its_only_item_is_left_out():
    gold, predicted = np.array([0, 1, 2, 1, 0, 0]), np.array([0, 1, 2, 0, 3, 0])

    def f1(keep):
        return f1_score(gold[keep], predicted[keep], labels=[0, 1, 2], average="macro", zero_division=0)

    whole = f1(np.arange(6))
    pseudo = np.array([6 * whole - 5 * f1(np.arange(6) != i) for i in range(6)])
    found = METRICS["macro_f1"].items.scores(gold, predicted)
    assert found == pytest.approx(pseudo - pseudo.mean() + whole)


@given(
    hnp.arrays(np.int64, st.integers(2, 30), elements=st.integers(0, 3)),
    st.integers(0, 2**32 - 1),
    st.sampled_from(COMPARABLE),
)
def test_means_are_the_metric_and_higher_is_better(gold, seed, name):
    metric = METRICS[name]
    given = seen(metric, np.random.default_rng(seed).normal(size=(3, len(gold), 5)))
    expected = [metric.sign * metric(gold, row) for row in given]
    scores = item_scores(metric, gold=gold, given=given)
    assert scores.mean(axis=1) == pytest.approx(expected, nan_ok=True)
    ones = resampled(metric, gold=gold, given=given, weights=np.ones((1, len(gold))))
    assert ones[0] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("name", COMPARABLE)
def test_weights_count_items_again(name):
    metric = METRICS[name]
    gold, logits = sample(1)
    weights = np.random.default_rng(1).integers(0, 3, (4, len(gold))).astype(float)
    given = seen(metric, logits)
    found = resampled(metric, gold=gold, given=given[None], weights=weights)
    assert found[:, 0] == pytest.approx(metric.sign * any_metric(metric).resampled(gold, given, weights))


def test_a_resample_without_a_class_has_no_order_of_it():
    gold, logits = np.array([0, 0, 1, 1]), np.array([[3.0, 0], [2, 0], [1, 0], [0, 0]])
    weights = np.array([[1.0, 1, 1, 1], [2, 2, 0, 0]])
    first, second = auroc.items.resampled(gold, logits, weights)
    assert first == 1
    assert np.isnan(second)


def test_the_variance_of_auroc_is_that_of_delong():
    gold, logits = sample(5, n=400, classes=2)
    odds = logits[:, 1] - logits[:, 0]
    above = (odds[gold == 1][:, None] > odds[gold == 0]) + 0.5 * (odds[gold == 1][:, None] == odds[gold == 0])
    v10, v01 = above.mean(axis=1), above.mean(axis=0)
    delong = v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01)
    scores = auroc.items.scores(gold, logits)
    assert scores.mean() == pytest.approx(above.mean())
    assert scores.var(ddof=1) / len(gold) == pytest.approx(delong, rel=0.01)


@pytest.mark.parametrize("name", COMPARABLE)
def test_shares_add_up_to_one(name):
    gold = np.repeat([0, 1, 5], [94, 5, 1])
    assert METRICS[name].items.shares(gold).sum() == pytest.approx(1)


def test_items_count_alike_in_accuracy_and_by_class_in_macro_f1():
    skewed = np.repeat([0, 1, 5], [94, 5, 1])
    np.testing.assert_allclose(METRICS["accuracy"].items.shares(skewed), 0.01)
    shares = METRICS["macro_f1"].items.shares(skewed)
    np.testing.assert_allclose(np.bincount(skewed, weights=shares)[[0, 1, 5]], 1 / 3)
    assert len(np.unique(shares)) == 3


@pytest.mark.parametrize(("metric", "score"), [("accuracy", accuracy_score), ("macro_f1", balanced_accuracy_score)])
def test_shares_are_those_of_right_answers_in_what_the_metric_averages(metric, score):
    rng = np.random.default_rng(6)
    gold = np.repeat([0, 1, 2], [80, 20, 7])
    predicted = np.where(rng.random(107) < 0.6, gold, (gold + 1) % 3)
    assert METRICS[metric].items.shares(gold)[predicted == gold].sum() == pytest.approx(score(gold, predicted))


def test_other_metrics_have_no_item_scores():
    with pytest.raises(ValueError, match="average_precision"):
        item_scores(average_precision, gold=np.zeros(2, dtype=int), given=np.zeros((1, 2, 2)))
