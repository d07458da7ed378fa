"""Item scores: means that are the metric, pseudovalues against refits, bootstrap weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import f1_score

from bakeoff.errors import UnknownName
from bakeoff.reporting.metrics import macro_f1
from bakeoff.reporting.scores import COMPARABLE_METRICS, item_scores, one_item, resampled


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


def test_one_item_is_one_where_classes_are_balanced_and_more_where_one_is_rare():
    balanced, skewed = np.repeat([0, 1], 50), np.repeat([0, 1], [95, 5])
    assert one_item("accuracy", skewed) == 1
    assert one_item("macro_f1", balanced) == pytest.approx(1)
    assert one_item("macro_f1", skewed) > 2


def test_other_metrics_have_no_item_scores():
    with pytest.raises(UnknownName, match="mcc"):
        item_scores("mcc", gold=np.zeros(2, dtype=int), predicted=np.zeros((1, 2), dtype=int))
