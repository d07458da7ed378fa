"""The bootstrap: paired, unbiased in its variance, and the same for the same generator."""

import itertools

import numpy as np
import pytest

from bakeoff.metrics.classification import accuracy
from bakeoff.stats.bootstrap import best_of, best_of_band, item_replicates, percentile_interval, seed_resampled


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


def test_the_expected_best_is_that_of_all_choices() -> None:
    scores = [0.4, 0.9, 0.7, 0.8, 0.7]
    for n, found in enumerate(best_of(scores), 1):
        assert found == pytest.approx(np.mean([max(chosen) for chosen in itertools.combinations(scores, n)]))
    low_is_good = best_of(scores, sign=-1)
    assert low_is_good[1] == pytest.approx(np.mean([min(two) for two in itertools.combinations(scores, 2)]))
    assert best_of([0.5]) == pytest.approx([0.5])
    assert np.isfinite(best_of(np.random.default_rng(0).random(1000))).all(), "nothing overflows"


def test_the_expected_best_of_few_is_unbiased() -> None:
    """Of uniform scores the best of n is n / (n + 1) on average, whatever number of trials it is estimated from."""
    rng = np.random.default_rng(5)
    found = np.mean([best_of(rng.random(8)) for _ in range(4000)], axis=0)
    assert found == pytest.approx(np.arange(1, 9) / np.arange(2, 10), abs=0.01)


def test_its_band_lies_around_it() -> None:
    scores = np.random.default_rng(1).normal(0.8, 0.02, 12)
    low, high = best_of_band(scores, alpha=0.05, rng=np.random.default_rng(0))
    curve = best_of(scores)
    assert (low[:6] < curve[:6]).all()
    assert (curve <= high + 1e-12).all()
    assert high[-1] == pytest.approx(scores.max()), "no resample holds a better trial"
    down, up = best_of_band(-scores, sign=-1, alpha=0.05, rng=np.random.default_rng(0))
    assert (-up, -down) == (pytest.approx(low), pytest.approx(high))
