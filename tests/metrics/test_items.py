"""Item scores: means that are the metric, pseudovalues against refits, bootstrap weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from bakeoff.errors import UnknownName
from bakeoff.metrics.classification import macro_f1
from bakeoff.metrics.items import COMPARABLE_METRICS, item_scores, item_shares, resampled


def refitted(gold, predicted):
    """Pseudovalues by leaving each item out in turn, with the classes of the whole."""
    classes, n = np.unique(gold), len(gold)

    def f1(keep):
        return f1_score(gold[keep], predicted[keep], labels=classes, average="macro", zero_division=0)

    whole = f1(np.arange(n))
    pseudo = np.array([n * whole - (n - 1) * f1(np.arange(n) != i) for i in range(n)])
    return pseudo - pseudo.mean() + whole


@pytest.mark.parametrize("seed", range(5))
def test_pseudovalues_are_those_of_refits(seed):
    rng = np.random.default_rng(seed)
    gold = np.concatenate([[0, 1, 2], rng.integers(0, 3, 37)])
    predicted = np.where(rng.random(40) < 0.6, gold, rng.integers(0, 5, 40))
    found = item_scores("macro_f1", gold=gold, predicted=predicted[None])
    np.testing.assert_allclose(found[0], refitted(gold, predicted), atol=1e-12)


@given(
    hnp.arrays(np.int64, st.integers(2, 30), elements=st.integers(0, 3)),
    st.integers(0, 2**32 - 1),
    st.sampled_from(COMPARABLE_METRICS),
)
def test_means_are_the_metric(gold, seed, metric):
    predicted = np.random.default_rng(seed).integers(0, 5, (3, len(gold)))
    expected = [macro_f1(gold, row) if metric == "macro_f1" else np.mean(gold == row) for row in predicted]
    scores = item_scores(metric, gold=gold, predicted=predicted)
    assert scores.mean(axis=1) == pytest.approx(expected)
    ones = resampled(metric, gold=gold, predicted=predicted, weights=np.ones((1, len(gold))))
    assert ones[0] == pytest.approx(expected)


def test_weights_count_items_again():
    rng = np.random.default_rng(1)
    gold, predicted = rng.integers(0, 3, 50), rng.integers(0, 3, (2, 50))
    weights = rng.integers(0, 3, 50)
    again = np.repeat(np.arange(50), weights)
    found = resampled("macro_f1", gold=gold, predicted=predicted, weights=weights[None].astype(float))
    assert found[0] == pytest.approx([macro_f1(gold[again], row[again]) for row in predicted])


def test_items_count_alike_in_accuracy_and_by_class_in_macro_f1():
    skewed = np.repeat([0, 1, 5], [94, 5, 1])
    np.testing.assert_allclose(item_shares("accuracy", skewed), 0.01)
    shares = item_shares("macro_f1", skewed)
    np.testing.assert_allclose(np.bincount(skewed, weights=shares)[[0, 1, 5]], 1 / 3)
    assert len(np.unique(shares)) == 3


@pytest.mark.parametrize(("metric", "score"), [("accuracy", accuracy_score), ("macro_f1", balanced_accuracy_score)])
def test_shares_are_those_of_right_answers_in_what_the_metric_averages(metric, score):
    rng = np.random.default_rng(6)
    gold = np.repeat([0, 1, 2], [80, 20, 7])
    predicted = np.where(rng.random(107) < 0.6, gold, (gold + 1) % 3)
    assert item_shares(metric, gold)[predicted == gold].sum() == pytest.approx(score(gold, predicted))


def test_other_metrics_have_no_item_scores():
    with pytest.raises(UnknownName, match="mcc"):
        item_scores("mcc", gold=np.zeros(2, dtype=int), predicted=np.zeros((1, 2), dtype=int))
