"""The bootstrap: paired, unbiased in its variance, and the same for the same generator."""

import numpy as np
import pytest

from bakeoff.metrics.classification import accuracy
from bakeoff.stats.bootstrap import item_replicates, percentile_interval, seed_resampled


def test_items_are_drawn_alike_for_all_methods():
    gold = np.zeros(50, dtype=int)
    predicted = np.random.default_rng(0).integers(0, 2, (2, 50))
    a, b = item_replicates(
        accuracy, gold=gold, given=[predicted, predicted], resamples=40, rng=np.random.default_rng(1)
    )
    np.testing.assert_array_equal(a, b)
    assert a.shape == (40, 2)


def test_item_replicates_vary_like_a_mean():
    gold = np.zeros(400, dtype=int)
    predicted = (np.arange(400) % 4 == 0).astype(int)[None]
    (found,) = item_replicates(accuracy, gold=gold, given=[predicted], resamples=4000, rng=np.random.default_rng(1))
    assert found.mean() == pytest.approx(0.75, abs=0.002)
    assert found.std() == pytest.approx(np.sqrt(0.75 * 0.25 / 400), rel=0.05)


def test_items_of_one_group_are_drawn_together():
    gold = np.zeros(400, dtype=int)
    groups = np.arange(400) // 4
    predicted = (groups % 4 == 0).astype(int)[None]
    (found,) = item_replicates(
        accuracy, gold=gold, given=[predicted], groups=groups, resamples=4000, rng=np.random.default_rng(1)
    )
    assert found.mean() == pytest.approx(0.75, abs=0.004)
    assert found.std() == pytest.approx(np.sqrt(0.75 * 0.25 / 100), rel=0.05)


def test_seeds_are_drawn_with_the_variance_of_a_mean_of_few():
    observed = np.array([0.01, 0.03, 0.08])
    found = seed_resampled(np.tile(observed, (20000, 1)), observed=observed, rng=np.random.default_rng(2))
    assert found.mean() == pytest.approx(observed.mean(), abs=0.001)
    assert found.std() == pytest.approx(observed.std(ddof=1) / np.sqrt(3), rel=0.03)


def test_one_seed_is_left_alone():
    values = np.array([[0.1], [0.3]])
    assert seed_resampled(values, observed=np.array([0.2]), rng=np.random.default_rng(0)).tolist() == [0.1, 0.3]


def test_large_sets_are_drawn_in_parts(monkeypatch):
    monkeypatch.setattr("bakeoff.stats.bootstrap.CELLS_AT_ONCE", 100)
    gold, predicted = np.zeros(30, dtype=int), np.zeros((1, 30), dtype=int)
    (found,) = item_replicates(accuracy, gold=gold, given=[predicted], resamples=7, rng=np.random.default_rng(0))
    assert found.tolist() == [[1.0]] * 7


def test_percentiles():
    assert percentile_interval(np.linspace(0, 1, 101), alpha=0.1) == pytest.approx((0.05, 0.95))
