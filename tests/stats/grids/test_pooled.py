"""Pooled differences: a published example, statsmodels, and what has to hold of any."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from bakeoff.stats.grids.pooled import pooled

# Trials of a vaccine, Colditz et al. 1994: ill and well of those treated, of the controls.
TRIALS = np.array([
    [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619], [33, 5036, 47, 5761],
    [180, 1361, 372, 1079], [8, 2537, 10, 619], [505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600],
    [186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825],
])  # fmt: skip


def log_risk_ratios():
    a, b, c, d = TRIALS.T.astype(float)
    return np.log(a / (a + b)) - np.log(c / (c + d)), np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))


def test_the_published_example_of_restricted_likelihood() -> None:
    """Viechtbauer 2010, J. Stat. Softw. 36(3), 3.1: estimate -.7145, tau^2 .3132 with .1197 to 1.1115."""
    found = pooled(*log_risk_ratios(), alpha=0.05)
    assert found.estimate == pytest.approx(-0.7145, abs=1e-4)
    assert found.tau**2 == pytest.approx(0.3132, abs=2e-4)
    assert (found.tau_low**2, found.tau_high**2) == (
        pytest.approx(0.1197, abs=1e-4),
        pytest.approx(1.1115, abs=1e-4),
    )
    assert found.se == pytest.approx(0.1807, abs=1e-4)  # Knapp and Hartung; .1798 without


def test_the_interval_is_that_of_statsmodels_for_the_same_variance() -> None:
    y, errors = log_risk_ratios()
    found = pooled(y, errors, alpha=0.05)
    twin = combine_effects(y, errors**2 + found.tau**2, method_re="dl", use_t=True)
    assert found.estimate == pytest.approx(twin.mean_effect_fe)
    assert found.se == pytest.approx(twin.sd_eff_w_fe_hksj)


def test_no_difference_between_data_sets_leaves_the_noise_of_each() -> None:
    found = pooled(np.array([0.02, 0.021, 0.019, 0.02]), np.full(4, 0.01), alpha=0.05)
    assert found.tau == 0.0
    assert found.se == pytest.approx(0.005)  # never less, however well the four agree
    assert (found.next_low, found.next_high) == (found.low, found.high)


def test_units_and_sides_change_nothing_else() -> None:
    y, errors = np.array([0.01, 0.05, -0.02, 0.03]), np.array([0.01, 0.02, 0.01, 0.015])
    found, scaled = pooled(y, errors, alpha=0.1), pooled(1000 * y, 1000 * errors, alpha=0.1)
    for name in ("estimate", "se", "low", "high", "tau", "tau_high", "next_low", "next_high"):
        assert getattr(scaled, name) == pytest.approx(1000 * getattr(found, name), rel=1e-4), name
    turned = pooled(-y, errors, alpha=0.1)
    assert turned.low == pytest.approx(found.flipped().low)
    assert turned.next_high == pytest.approx(found.flipped().next_high)
    assert found.p == pytest.approx(turned.p)
    assert found.low < found.estimate < found.high
    assert found.next_low < found.low


def test_what_cannot_be_pooled() -> None:
    with pytest.raises(ValueError, match="1 differences"):
        pooled(np.array([0.1]), np.array([0.1]), alpha=0.05)
    with pytest.raises(ValueError, match="standard errors"):
        pooled(np.array([0.1, 0.2]), np.array([0.1, 0.0]), alpha=0.05)
