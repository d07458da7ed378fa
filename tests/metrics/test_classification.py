"""Metrics against scikit-learn, their direction, their degenerate cases."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from bakeoff.errors import UnknownName
from bakeoff.metrics import classification as m

RNG = np.random.default_rng(3)
GOLD = RNG.integers(0, 4, 300)
LOGITS = RNG.normal(size=(300, 4)) + 1.5 * np.eye(4)[GOLD]
PREDICTED = LOGITS.argmax(axis=1)


def test_importing_costs_nothing():
    code = "import sys, bakeoff.metrics.classification; print([n for n in ('sklearn', 'evaluate') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", sk.accuracy_score(GOLD, PREDICTED)),
        ("macro_f1", sk.f1_score(GOLD, PREDICTED, average="macro")),
        ("weighted_f1", sk.f1_score(GOLD, PREDICTED, average="weighted")),
        ("balanced_accuracy", sk.balanced_accuracy_score(GOLD, PREDICTED)),
        ("mcc", sk.matthews_corrcoef(GOLD, PREDICTED)),
        ("auroc", sk.roc_auc_score(GOLD, m.probabilities(LOGITS), multi_class="ovr", average="macro")),
        ("average_precision", sk.average_precision_score(np.eye(4)[GOLD], m.probabilities(LOGITS), average="macro")),
        ("log_loss", sk.log_loss(GOLD, m.probabilities(LOGITS))),
        ("brier", sk.brier_score_loss(GOLD, m.probabilities(LOGITS), scale_by_half=False)),
    ],
)
def test_agrees_with_scikit_learn(name, expected):
    assert m.score_all(GOLD, PREDICTED, logits=LOGITS)[name] == pytest.approx(expected, abs=1e-12)


def test_every_direction_is_that_of_a_better_classifier():
    sharp = 8.0 * np.eye(4)[GOLD]
    best, seen = m.score_all(GOLD, GOLD, logits=sharp), m.score_all(GOLD, PREDICTED, logits=LOGITS)
    for name, metric in m.METRICS.items():
        assert (best[name] > seen[name]) is metric.higher_is_better, name


@pytest.mark.parametrize("classes", [2, 4])
def test_what_needs_logits_agrees_with_scikit_learn_where_a_class_has_no_gold_item(classes):
    logits = np.random.default_rng(4).normal(size=(90, classes))
    gold = np.arange(90) % (classes - 1)
    p, labels = m.probabilities(logits), np.arange(classes)
    one_hot = np.eye(classes)[gold]
    assert m.log_loss(gold, logits) == pytest.approx(sk.log_loss(gold, p, labels=labels))
    assert m.brier(gold, logits) == pytest.approx(np.mean(np.sum((p - one_hot) ** 2, axis=1)))


def test_calibration_error_is_that_of_the_curve_of_scikit_learn():
    p = m.probabilities(LOGITS)
    confidence, right = p.max(axis=1), PREDICTED == GOLD
    share, stated = calibration_curve(right, confidence, n_bins=m.CALIBRATION_BINS, strategy="uniform")
    held = np.histogram(confidence, np.linspace(0, 1, m.CALIBRATION_BINS + 1))[0]
    expected = np.sum(np.abs(share - stated) * held[held > 0]) / len(GOLD)
    assert m.ece(GOLD, LOGITS) == pytest.approx(expected)


def test_calibration_by_hand():
    # Two items in the bin of .8: one right, so accuracy is .5 where confidence is .8.
    logits = np.log([[0.8, 0.2], [0.8, 0.2]])
    assert m.ece(np.array([0, 1]), logits) == pytest.approx(0.3)


def test_confident_errors_have_a_finite_log_loss():
    assert m.log_loss(np.array([1]), np.array([[2000.0, 0.0]])) == pytest.approx(2000.0)


def test_scores_that_are_all_the_same_order_nothing():
    gold = np.array([0, 0, 0, 1])
    shares = np.tile(np.log([0.75, 0.25]), (4, 1))
    assert m.auroc(gold, shares) == 0.5
    assert m.average_precision(gold, shares) == pytest.approx((0.75 + 0.25) / 2)


def test_an_order_is_seen_though_one_class_is_given_to_all():
    gold, surer = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.4])
    logits = np.log(np.column_stack([1 - surer, surer]))
    assert set(logits.argmax(axis=1)) == {0}
    assert m.auroc(gold, logits) == m.average_precision(gold, logits) == 1


def test_probabilities_that_round_to_one_still_have_an_order():
    gold, logits = np.array([0, 0, 1, 1]), np.array([[60.0, 0], [50, 0], [45, 0], [40, 0]])
    assert len(np.unique(m.probabilities(logits)[:, 0])) == 1
    assert m.auroc(gold, logits) == 1


def test_an_order_is_judged_on_the_classes_there_are_and_left_out_where_there_is_one():
    gold = np.array([0, 1, 0, 1])
    logits = np.array([[2.0, 0, 9], [0, 1, 9], [1, 0, 9], [1, 3, 9]])
    assert m.auroc(gold, logits) == 1
    alone = m.score_all(np.zeros(4, dtype=int), gold, logits=logits)
    assert set(m.METRICS) - set(alone) == {"auroc", "average_precision"}
    assert np.isfinite(list(alone.values())).all()


def test_one_class_predicted():
    gold, predicted = np.array([0, 0, 1, 2]), np.zeros(4, dtype=int)
    assert m.macro_f1(gold, predicted) == pytest.approx(2 / 3 / 3)
    assert m.mcc(gold, predicted) == 0


def test_a_predicted_class_without_gold_items_adds_no_denominator():
    gold, predicted = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1])
    assert m.macro_f1(gold, predicted) == pytest.approx((2 / 3 + 1) / 2)


def test_per_class_has_a_row_for_absent_classes():
    table = m.per_class(GOLD, PREDICTED, classes=5)
    precision, recall, f1, support = sk.precision_recall_fscore_support(GOLD, PREDICTED)
    assert [row["f1"] for row in table] == pytest.approx([*f1, 0.0])
    assert [row["precision"] for row in table] == pytest.approx([*precision, 0.0])
    assert [row["recall"] for row in table] == pytest.approx([*recall, 0.0])
    assert [row["support"] for row in table] == [*support, 0]


def test_without_logits_only_what_needs_none():
    assert set(m.score_all(GOLD, PREDICTED)) == {"accuracy", "balanced_accuracy", "macro_f1", "mcc", "weighted_f1"}


def test_bad_input():
    with pytest.raises(UnknownName, match=r"did you mean 'accuracy'"):
        m.metric_named("acuracy")
    with pytest.raises(ValueError, match="0 gold labels"):
        m.accuracy(np.array([], dtype=int), np.array([], dtype=int))
    with pytest.raises(ValueError, match="for 299 predictions"):
        m.accuracy(GOLD, PREDICTED[:-1])
