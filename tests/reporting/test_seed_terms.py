"""Seed noise of a table of methods: against statsmodels, against Shukla's expectation, and where nothing varies."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.formula.api import ols

from bakeoff.reporting.seed_terms import SeedTerm, seed_terms

RNG = np.random.default_rng(21)


def test_the_pooled_term_is_twice_the_interaction_mean_square():
    means = RNG.normal(size=(4, 3))
    frame = pd.DataFrame({"c": means.ravel(), "k": np.repeat(range(4), 3), "s": np.tile(range(3), 4)})
    residual = sm.stats.anova_lm(ols("c ~ C(k) + C(s)", frame).fit())["mean_sq"]["Residual"]
    pooled = seed_terms(means, items=50).pooled
    assert pooled == SeedTerm(pytest.approx(2 * 50 * residual), 6)


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


@pytest.mark.parametrize(("shares", "df"), [((1.0, 1.0, 1.0), 4), ((1.0, 0.0, 2.0), 2), ((3.0, 1.0, 0.0), 3.2)])
def test_degrees_of_freedom_of_a_pair_are_those_of_a_sum_of_two(shares, df):
    terms = seed_terms(RNG.normal(size=(3, 3)), items=1)
    made = type(terms)(by_method=shares, seeds=3)
    assert made.of_pair(0, 1) == SeedTerm(shares[0] + shares[1], pytest.approx(df))


def test_with_two_methods_the_pair_is_the_pool_and_its_differences():
    means = RNG.normal(size=(2, 3))
    terms = seed_terms(means, items=60)
    direct = 60 * np.var(means[0] - means[1], ddof=1)
    assert terms.of_pair(0, 1) == terms.pooled
    assert terms.pooled == SeedTerm(pytest.approx(direct), 2)


def test_one_unstable_method_stands_out():
    means = np.zeros((6, 3))
    means[2] = [0.7, 0.8, 0.9]
    terms = seed_terms(means, items=100)
    assert terms.of_pair(2, 4).mean_square > terms.pooled.mean_square > terms.of_pair(0, 1).mean_square
    assert terms.of_pair(2, 4).df == pytest.approx(2, abs=0.2)


def test_nothing_varies():
    terms = seed_terms(np.full((3, 3), 0.5), items=10)
    assert (terms.of_pair(0, 1), terms.pooled) == (SeedTerm(0, 2), SeedTerm(0, 4))


def test_no_terms_of_one_method_or_one_seed():
    assert seed_terms(np.ones((1, 3)), items=5) is None
    assert seed_terms(np.ones((3, 1)), items=5) is None
