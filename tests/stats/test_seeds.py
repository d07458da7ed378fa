"""Seed noise of a table of methods: against statsmodels, against Shukla's expectation, and where nothing varies."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.formula.api import ols

from bakeoff.stats.seeds import SeedTerm, SeedTerms, seed_terms

RNG = np.random.default_rng(21)


def test_shares_are_on_average_half_of_twice_the_interaction_mean_square():
    means = RNG.normal(size=(4, 3))
    frame = pd.DataFrame({"c": means.ravel(), "k": np.repeat(range(4), 3), "s": np.tile(range(3), 4)})
    residual = sm.stats.anova_lm(ols("c ~ C(k) + C(s)", frame).fit())["mean_sq"]["Residual"]
    assert np.mean(seed_terms(means, items=50).by_method) == pytest.approx(50 * residual)


def test_each_share_is_the_ecovalence_of_its_method():
    means = RNG.normal(size=(5, 4))
    frame = pd.DataFrame({"c": means.ravel(), "k": np.repeat(range(5), 4), "s": np.tile(range(4), 5)})
    residuals = ols("c ~ C(k) + C(s)", frame).fit().resid.to_numpy().reshape(5, 4)
    expected = 20 * (5 / 4) * np.sum(residuals**2, axis=1) / 3
    assert seed_terms(means, items=20).by_method == pytest.approx(expected)


def test_shares_have_the_expectation_of_shukla_whatever_seeds_share():
    variances = np.array([9.0, 1.0, 1.0, 4.0, 0.25, 1.0])
    rng = np.random.default_rng(5)
    shared = 10 * rng.standard_normal((4000, 1, 3))
    means = shared + np.sqrt(variances)[:, None] * rng.standard_normal((4000, 6, 3))
    found = np.mean([seed_terms(one, items=1).by_method for one in means], axis=0)
    assert found == pytest.approx((4 * variances + variances.mean()) / 5, rel=0.1)


@pytest.mark.parametrize(
    ("shares", "term"),
    [
        ((1.0, 1.0, 1.0, 1.0), (2, 6)),
        ((1.0, 0.5, 2.0, 1.0), (2.25, 6)),
        ((2.0, 2.0, 0.0, 0.0), (4, 4)),
        ((3.0, 1.0, 0.0, 0.0), (4, 3.2)),
        ((9.0, 0.0, 0.0, 0.0, 0.0, 0.0), (9, 2)),
        ((1.0, 1.0), (2, 2)),
    ],
)
def test_a_pair_has_the_noise_of_all_methods_or_its_own_where_that_is_larger(shares, term):
    assert SeedTerms(by_method=shares, seeds=3).of_pair(0, 1) == SeedTerm(
        pytest.approx(term[0]), pytest.approx(term[1])
    )


def test_with_two_methods_the_pair_is_its_differences():
    means = RNG.normal(size=(2, 3))
    direct = 60 * np.var(means[0] - means[1], ddof=1)
    assert seed_terms(means, items=60).of_pair(0, 1) == SeedTerm(pytest.approx(direct), 2)


def test_one_unstable_method_pays_for_its_own_pairs():
    means = np.zeros((6, 3))
    means[2] = [0.7, 0.8, 0.9]
    terms = seed_terms(means, items=100)
    assert terms.of_pair(2, 4).mean_square > 2 * terms.of_pair(0, 1).mean_square
    assert terms.of_pair(2, 4).df == pytest.approx(2, abs=0.2)
    assert terms.of_pair(0, 1).df == 10


def test_nothing_varies():
    assert seed_terms(np.full((3, 3), 0.5), items=10).of_pair(0, 1) == SeedTerm(0, 4)


def test_no_terms_of_one_method_or_one_seed():
    assert seed_terms(np.ones((1, 3)), items=5) is None
    assert seed_terms(np.ones((3, 1)), items=5) is None
