"""Calibration: scores by hand and against scikit-learn, bias of the binned error, a temperature that is known."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from bakeoff.metrics.calibration import (
    BRIER,
    ECE,
    TEMPERATURES,
    bin_gaps,
    ece_by_chance,
    fit_temperature,
    probabilities,
    squared_distance,
)
from bakeoff.metrics.classification import ece, log_loss


def logits_of(confidence):
    """Two classes, class 1 with this probability."""
    odds = np.log(np.asarray(confidence) / (1 - np.asarray(confidence)))
    return np.stack([np.zeros_like(odds), odds], axis=1)


def drawn(seed, n=4000, classes=4, spread=2.0):
    """Return gold labels drawn from the probabilities of the logits beside them: calibrated."""
    rng = np.random.default_rng(seed)
    logits = spread * rng.normal(size=(n, classes))
    shares = probabilities(logits).cumsum(axis=1)
    return (rng.random((n, 1)) > shares).sum(axis=1), logits


def test_squared_distances_are_the_brier_score_of_scikit_learn():
    gold, logits = drawn(1, n=300)
    expected = brier_score_loss(gold, probabilities(logits), labels=np.arange(4), scale_by_half=False)
    assert squared_distance(gold, logits).mean() == pytest.approx(expected)
    assert squared_distance(np.array([1]), logits_of([0.9]))[0] == pytest.approx(2 * 0.1**2)
    assert BRIER.scores is squared_distance


def test_ece_by_hand():
    """Four texts in the bin (.866, .933], two in (.6, .666]: gaps 4 (.75 - .9) and 2 (1 - .65), over six texts."""
    logits = logits_of([0.9, 0.9, 0.9, 0.9, 0.65, 0.65])
    gold = np.array([1, 1, 1, 0, 1, 1])
    index, apart = bin_gaps(gold, logits)
    assert index.tolist() == [13] * 4 + [9] * 2
    assert apart == pytest.approx([0.1, 0.1, 0.1, -0.9, 0.35, 0.35])
    assert ece(gold, logits) == pytest.approx((0.6 + 0.7) / 6)
    assert ECE.scores(gold, logits).mean() == pytest.approx((0.6 + 0.7) / 6)
    doubled = ECE.resampled(gold, logits, np.array([[1.0, 1, 1, 2, 1, 1]]))
    assert doubled == pytest.approx([(1.5 + 0.7) / 7])


@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_chance_alone_makes_the_ece_of_calibrated_scores_as_large_as_is_said(spread):
    made = [drawn(seed, n=500, spread=spread) for seed in range(200)]
    seen, told = (np.mean([form(*one) for one in made]) for form in (ece, lambda _, z: ece_by_chance(z)))
    assert seen > 0.02
    assert seen == pytest.approx(told, rel=0.05)


@pytest.mark.parametrize("factor", [0.25, 1.0, 3.0])
def test_a_temperature_is_the_factor_by_which_calibrated_logits_were_scaled(factor):
    gold, logits = drawn(3, n=40_000)
    assert fit_temperature(gold, factor * logits) == pytest.approx(factor, rel=0.05)
    assert fit_temperature(gold, factor * logits) == pytest.approx(factor * fit_temperature(gold, logits), rel=1e-4)


def test_a_temperature_leaves_no_slope_of_the_log_loss():
    """At the least log loss the mean logit of the label is the one that the probabilities expect."""
    gold, logits = drawn(4, n=300)
    p = probabilities(logits / fit_temperature(gold, logits))
    assert logits[np.arange(300), gold].mean() == pytest.approx((p * logits).sum(axis=1).mean(), abs=1e-4)


def test_scores_that_are_never_right_have_the_greatest_temperature_and_never_wrong_ones_no_loss_left():
    gold = np.array([0, 1] * 20)
    never_wrong = np.eye(2)[gold]
    assert fit_temperature(gold, 1 - never_wrong) == pytest.approx(TEMPERATURES[1], rel=1e-3)
    for margin in (1, 5, 40):
        assert fit_temperature(gold, margin * never_wrong) == TEMPERATURES[0], "not wherever the loss is rounded to 0"
    assert log_loss(gold, never_wrong / fit_temperature(gold, never_wrong)) == pytest.approx(0, abs=1e-9)
