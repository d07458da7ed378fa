"""Differences against statsmodels and scipy, by hand, and where nothing varies."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

from bakeoff.reporting.families import equivalence_p, holm
from bakeoff.reporting.statistics import (
    SeedTerm,
    item_noise,
    paired_items,
    pooled_seed_term,
    seed_noise,
    sign_flip_p,
    two_way,
)

RNG = np.random.default_rng(11)


def correct(seeds, items, share=0.8):
    return (RNG.random((seeds, items)) < share).astype(float)


def mean_squares(d):
    """Mean squares of a two-way table without replication, from statsmodels."""
    import pandas as pd

    seeds, items = d.shape
    frame = pd.DataFrame({"d": d.ravel(), "s": np.repeat(range(seeds), items), "n": np.tile(range(items), seeds)})
    table = sm.stats.anova_lm(ols("d ~ C(s) + C(n)", frame).fit())
    return table["mean_sq"]["C(s)"], table["mean_sq"]["C(n)"], table["mean_sq"]["Residual"]


def test_two_way_is_the_formula_of_the_design():
    d = correct(4, 40) - correct(4, 40) + 0.1 * RNG.normal(size=(4, 1))
    ms_seed, ms_item, ms_res = mean_squares(d)
    for pooled in (None, SeedTerm(mean_square=0.7 * ms_seed, df=9), SeedTerm(mean_square=2 * ms_seed, df=9)):
        found = two_way(d, pooled=pooled, alpha=0.05)
        ms = max(ms_seed, pooled.mean_square) if pooled else ms_seed
        seed_df = pooled.df if pooled else 3
        num = ms_item + max(ms - ms_res, 0)
        df = max(num**2 / (ms**2 / seed_df + ms_item**2 / 39), seed_df)
        assert found.se == pytest.approx(np.sqrt(num / 160))
        assert found.df == pytest.approx(df)
        assert found.p == pytest.approx(2 * stats.t.sf(abs(d.mean()) / found.se, df))
        expected = stats.t.interval(0.95, df, d.mean(), found.se)
        assert (found.low, found.high) == pytest.approx(expected)
        assert found.half_width == pytest.approx((expected[1] - expected[0]) / 2)
        assert found.detectable_gap == pytest.approx(2.8 * found.se)


def test_pooled_seed_term_is_twice_the_interaction_mean_square():
    means = RNG.normal(size=(4, 3))
    import pandas as pd

    frame = pd.DataFrame({"c": means.ravel(), "k": np.repeat(range(4), 3), "s": np.tile(range(3), 4)})
    residual = sm.stats.anova_lm(ols("c ~ C(k) + C(s)", frame).fit())["mean_sq"]["Residual"]
    found = pooled_seed_term(means, items=50)
    assert found.mean_square == pytest.approx(2 * 50 * residual)
    assert found.df == 6


def test_with_two_methods_the_pool_is_the_pair_itself():
    a, b = correct(3, 60), correct(3, 60)
    pooled = pooled_seed_term(np.stack([a.mean(axis=1), b.mean(axis=1)]), items=60)
    assert two_way(a - b, pooled=pooled, alpha=0.05) == two_way(a - b, pooled=None, alpha=0.05)


def test_no_pool_of_one_method_or_one_seed():
    assert pooled_seed_term(np.ones((1, 3)), items=5) is None
    assert pooled_seed_term(np.ones((3, 1)), items=5) is None


def test_one_seed_is_mcnemar():
    a, b = correct(1, 200, 0.8), correct(1, 200, 0.7)
    both = (a + b)[0]
    table = [[np.sum(both == 2), np.sum(a > b)], [np.sum(b > a), np.sum(both == 0)]]
    found = paired_items(a - b, alpha=0.05)
    assert found.p == pytest.approx(mcnemar(table, exact=True).pvalue)
    discordant = int(np.sum(a != b))
    assert found.p == pytest.approx(stats.binomtest(int(np.sum(a > b)), discordant).pvalue)
    expected = stats.ttest_rel(a[0], b[0]).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_two_seeds_are_an_exact_sign_flip_test():
    totals = np.array([2, -1, 1, 2, 0, 1, 1, -2, 2, 1])
    exact = stats.permutation_test(
        (totals.astype(float),), np.sum, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert sign_flip_p(totals) == pytest.approx(exact.pvalue)


def test_sign_flip_of_many_items_stays_finite():
    totals = np.repeat([1, 2, -1], [6000, 2000, 6000])
    assert 0 <= sign_flip_p(totals) < 1e-20


def test_holm_is_that_of_statsmodels():
    p = RNG.random(9) ** 2
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert holm([]) == ()


def test_equivalence_is_that_of_statsmodels():
    a, b = RNG.normal(size=(1, 80)), RNG.normal(0.05, 1, size=(1, 80))
    found = paired_items(a - b, alpha=0.05, counts=False)
    assert equivalence_p(found, margin=0.3) == pytest.approx(ttost_paired(a[0], b[0], -0.3, 0.3)[0])


@pytest.mark.parametrize("items", [2, 20, 2000])
def test_identical_predictions_differ_by_nothing_but_are_not_known_to(items):
    d = np.zeros((3, items))
    for found in (two_way(d, pooled=None, alpha=0.05), paired_items(d[:1], alpha=0.05)):
        assert (found.estimate, found.p) == (0, 1)
        assert found.se == pytest.approx(1 / (items + 2))
        assert (equivalence_p(found, margin=0.01) < 0.05) == (items == 2000)


def test_a_handful_of_differing_items_is_no_evidence():
    d = np.zeros((3, 2000))
    d[:, :5] = 1  # t would say p = .03
    assert two_way(d, pooled=None, alpha=0.05).p == pytest.approx(2 * 0.5**5)


def test_all_right_against_all_wrong():
    found = two_way(np.ones((3, 50)), pooled=None, alpha=0.05)
    assert found.estimate == 1
    assert 0 < found.p < 0.001


def test_seed_noise_and_item_noise_apart():
    scores = correct(3, 100) + np.array([[0.0], [0.1], [0.2]])
    assert seed_noise(scores) == pytest.approx(np.std(scores.mean(axis=1), ddof=1))
    assert seed_noise(scores[:1]) is None
    assert item_noise(scores) == pytest.approx(stats.sem(scores.mean(axis=0)))
    assert item_noise(np.ones((1, 98))) == pytest.approx(0.01)
