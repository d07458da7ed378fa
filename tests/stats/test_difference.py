"""Differences against statsmodels and scipy, by hand, and where nothing varies."""

import dataclasses

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

from bakeoff.stats.difference import (
    collapse_bound,
    design_effect,
    item_noise,
    paired_items,
    seed_noise,
    seed_noise_interval,
    sign_flip_p,
    two_way,
)
from bakeoff.stats.multiplicity import equivalence_p, holm
from bakeoff.stats.uncertainty import Part
from bakeoff.stats.units import equal_items

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


@pytest.mark.parametrize("ease", [0.0, 0.7])
def test_two_way_has_a_part_of_seeds_and_a_part_of_items(ease):
    """Howe's on mean squares: that of seeds as it stands, and what items add; nothing where they add nothing."""
    apart = (RNG.random(40) < ease) * (RNG.random(40) < 0.5)
    d = correct(4, 40) - correct(4, 40) - apart + 0.1 * RNG.normal(size=(4, 1))
    ms_seed, ms_item, ms_res = mean_squares(d)
    found = two_way(d, alpha=0.05)
    df, of_seeds, of_items = 3, ms_seed / 160, max(ms_item - ms_res, 0) / 160
    assert (of_items > 0) == (ease > 0)
    assert [(part.variance, part.df) for part in found.uncertainty.parts] == [
        (pytest.approx(of_seeds), df),
        (pytest.approx(of_items), pytest.approx(39)),
    ]
    reach = np.hypot(stats.t.ppf(0.975, df) * of_seeds**0.5, stats.t.ppf(0.975, 39) * of_items**0.5)
    assert (found.low, found.high) == pytest.approx((d.mean() - reach, d.mean() + reach))
    assert found.half_width == pytest.approx(reach)
    assert found.detectable_gap == pytest.approx(found.uncertainty.detectable(0.025, 0.8))
    assert found.detectable_gap > reach
    nearest = np.nextafter(abs(d.mean()), 0)
    assert found.uncertainty.reach(found.p / 2) == pytest.approx(nearest)


def test_without_item_noise_two_way_is_the_paired_t_test_of_the_seed_means():
    rng = np.random.default_rng(12)  # far more noise than the least that so few items allow
    a, b = 0.6 + 0.1 * rng.normal(size=5), 0.6 + 0.1 * rng.normal(size=5)
    found = two_way(np.tile((a - b)[:, None], 200), alpha=0.05)
    expected = stats.ttest_rel(a, b)
    interval = expected.confidence_interval(0.95)
    assert found.p == pytest.approx(max(expected.pvalue, 2.0**-199))
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_without_seed_noise_two_way_is_the_paired_t_test_of_the_item_means():
    per_item = RNG.normal(size=30)
    found = two_way(np.tile(per_item, (3, 1)), alpha=0.05)
    expected = stats.ttest_1samp(per_item, 0)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.uncertainty.se == pytest.approx(stats.sem(per_item))


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


def test_what_seeds_say_of_their_own_noise_and_of_rare_collapse():
    """The intervals of chi-square by simulation, the exact bound of none in S by its definition."""
    sds = np.random.default_rng(2).normal(size=(20_000, 5)).std(axis=1, ddof=1)
    low, high = seed_noise_interval(1.0, 5)
    assert np.mean((sds * low < 1) & (sds * high > 1)) == pytest.approx(0.95, abs=0.005)
    assert [round(collapse_bound(seeds), 3) for seeds in (3, 5, 10)] == [0.632, 0.451, 0.259]
    assert (1 - collapse_bound(5)) ** 5 == pytest.approx(0.05)


def test_holm_is_that_of_statsmodels():
    p = RNG.random(9) ** 2
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert holm([]) == ()


def test_equivalence_is_that_of_statsmodels():
    a, b = RNG.normal(size=(1, 80)), RNG.normal(0.05, 1, size=(1, 80))
    found = paired_items(a - b, alpha=0.05, counts=False)
    assert equivalence_p(found, margin=0.3) == pytest.approx(ttost_paired(a[0], b[0], -0.3, 0.3)[0])


def test_equivalence_of_item_means_over_seeds_is_that_of_statsmodels():
    a, b = RNG.normal(size=(2, 60)), RNG.normal(size=(2, 60))
    found = paired_items(a - b, alpha=0.05, counts=False)
    means = a.mean(axis=0), b.mean(axis=0)
    assert equivalence_p(found, margin=0.2) == pytest.approx(ttost_paired(*means, -0.2, 0.2)[0])
    assert found.p == pytest.approx(stats.ttest_rel(*means).pvalue)


@pytest.mark.parametrize("items", [2, 20, 2000])
def test_identical_predictions_differ_by_nothing_but_are_not_known_to(items):
    d = np.zeros((3, items))
    for found in (two_way(d, alpha=0.05), paired_items(d[:1], alpha=0.05)):
        assert (found.estimate, found.p) == (0, 1)
        assert found.uncertainty.se == pytest.approx(1 / (items + 2))
        assert (equivalence_p(found, margin=0.01) < 0.05) == (items == 2000)


def test_a_handful_of_differing_items_is_no_evidence():
    d = np.zeros((3, 2000))
    d[:, :5] = 1  # t would say p = .03
    assert two_way(d, alpha=0.05).p == pytest.approx(2 * 0.5**5)


def test_a_handful_of_differing_items_is_no_evidence_where_all_scores_differ():
    """Pseudovalues of macro-F1 move everywhere when one prediction does."""
    d = np.zeros((3, 2000))
    d[:, :5] = 1
    d += 1e-5 * RNG.normal(size=d.shape)
    differing = np.arange(2000) < 5
    assert two_way(d, alpha=0.05, differing=differing).p == pytest.approx(2 * 0.5**5)
    assert paired_items(d, alpha=0.05, counts=False, differing=differing).p == pytest.approx(2 * 0.5**5)
    assert two_way(d, alpha=0.05).p < 0.05


def test_all_right_against_all_wrong():
    found = two_way(np.ones((3, 50)), alpha=0.05)
    assert found.estimate == 1
    assert 0 < found.p < 0.001


def uneven_groups(items, number):
    return np.sort(np.random.default_rng(21).integers(0, number, items - number).tolist() + list(range(number)))


def test_groups_of_one_size_give_the_cluster_robust_standard_error():
    rng = np.random.default_rng(22)
    groups = rng.permutation(np.repeat(np.arange(40), 8))
    per_item = 0.5 * rng.normal(size=40)[groups] + rng.normal(size=320)
    robust = sm.OLS(per_item, np.ones(320)).fit(cov_type="cluster", cov_kwds={"groups": groups}).bse[0]
    units = equal_items(320, groups)
    found = two_way(np.tile(per_item, (3, 1)), units=units, alpha=0.05)
    assert found.uncertainty.parts[1] == Part(pytest.approx(robust**2), pytest.approx(39))
    assert found.uncertainty.parts[0].variance == pytest.approx(0)
    for one in (found, paired_items(per_item[None], units=units, alpha=0.05, counts=False)):
        reach = stats.t.ppf(0.975, 39) * robust
        assert (one.low, one.high) == pytest.approx((per_item.mean() - reach, per_item.mean() + reach))
        assert (one.items, one.units) == (320, 40)
    assert item_noise(per_item[None], units) == pytest.approx(robust)
    assert robust > 1.3 * stats.sem(per_item)


def test_groups_of_any_size_give_the_jackknife_over_groups():
    rng = np.random.default_rng(22)
    groups = uneven_groups(300, 40)
    per_item = 0.5 * rng.normal(size=40)[groups] + rng.normal(size=300)
    without = np.array([per_item[groups != group].mean() for group in range(40)])
    jackknife = 39 / 40 * np.sum((without - per_item.mean()) ** 2)
    sizes = np.bincount(groups)
    found = two_way(np.tile(per_item, (3, 1)), units=equal_items(300, groups), alpha=0.05).uncertainty.parts[1]
    assert found == Part(pytest.approx(jackknife), pytest.approx(300**2 / np.sum(sizes**2) - 1))
    assert found.df < 38


@pytest.mark.parametrize("share", [0.001, 0.3])
def test_items_counted_twice_say_no_more_where_they_are_one_group(share):
    rng = np.random.default_rng(23)
    d = (rng.random((3, 400)) < 0.4) * 1.0 - (rng.random((3, 400)) < 0.3) + share * rng.normal(size=(3, 1))
    twice, groups = np.repeat(d, 2, axis=1), np.repeat(np.arange(400), 2)
    for function, settings in ((two_way, {}), (paired_items, {"counts": True}), (paired_items, {"counts": False})):
        once = function(d, alpha=0.05, **settings)
        grouped = function(twice, units=equal_items(800, groups), alpha=0.05, **settings)
        for name in ("estimate", "low", "high", "p"):
            assert getattr(grouped, name) == pytest.approx(getattr(once, name))
        assert (grouped.units, once.units, grouped.differing) == (400, 400, once.differing)
        apart = function(twice, alpha=0.05, **settings).uncertainty.parts[-1]
        assert apart.variance == pytest.approx(once.uncertainty.parts[-1].variance / 2, rel=0.01)
        # A plan speaks of items, and these are worth half.
        assert grouped.item_variance == pytest.approx(2 * once.item_variance)
        assert grouped.residual_variance == pytest.approx(2 * once.residual_variance)
    assert item_noise(twice, equal_items(800, groups)) == pytest.approx(item_noise(d))


def test_the_design_effect_is_the_items_that_say_as_much_as_one():
    scores = correct(3, 200)
    groups = np.repeat(np.arange(200), 4)
    assert design_effect(np.repeat(scores, 4, axis=1), equal_items(800, groups)) == pytest.approx(4, rel=0.01)
    assert design_effect(scores, equal_items(200)) == 1
    unlike = np.tile([0.0, 1.0], 100)[None]  # each pair holds one of both, so that groups all agree
    assert design_effect(unlike, equal_items(200, np.repeat(np.arange(100), 2))) == 1
    assert design_effect(np.ones((1, 800)), equal_items(800, groups)) == pytest.approx(4)


def test_groups_of_one_item_are_items():
    d = np.random.default_rng(24).normal(size=(4, 30))
    shuffled = np.random.default_rng(25).permutation(30)
    for function in (two_way, paired_items):
        grouped, apart = function(d, units=equal_items(30, shuffled), alpha=0.05), function(d, alpha=0.05)
        assert grouped.uncertainty.se == pytest.approx(apart.uncertainty.se)
        assert grouped.p == pytest.approx(apart.p)


def test_no_p_is_below_what_so_few_differing_groups_could_give():
    d = np.zeros((3, 400))
    d[:, :12] = 1.0
    units = equal_items(400, np.arange(400) // 4)
    for found in (two_way(d, units=units, alpha=0.05), paired_items(d[:1], units=units, alpha=0.05)):
        assert (found.p, found.differing) == (pytest.approx(2 * 0.5**3), 3)


@pytest.mark.parametrize(("number", "possible"), [(5, False), (6, True)])
def test_so_few_groups_find_no_gap_however_large(number, possible):
    """Six fair coins all fall alike in one of 32 throws, five in one of 16."""
    units = equal_items(600, np.arange(600) * number // 600)
    for function in (two_way, paired_items):
        found = function(np.ones((3, 600)), units=units, alpha=0.05)
        assert (found.p < 0.05) == possible
        assert (found.detectable_gap is not None) == possible


def test_the_least_margin_is_the_one_at_which_equivalence_is_just_shown():
    d = 0.01 + 0.01 * RNG.normal(size=(4, 1)) + 0.3 * RNG.normal(size=(4, 500))
    found = two_way(d, alpha=0.05)
    for comparisons in (1, 7):
        margin = found.least_margin(comparisons=comparisons)
        assert equivalence_p(found, margin=margin) == pytest.approx(0.05 / comparisons)
    low, high = found.inner
    assert max(abs(low), abs(high)) == pytest.approx(found.least_margin(comparisons=1))
    assert found.low < low < high < found.high
    assert dataclasses.replace(found, most=margin / 2).least_margin(comparisons=1) == margin / 2, (
        "no two differ by more"
    )


def test_the_strictest_step_finds_larger_gaps_only():
    d = 0.01 * RNG.normal(size=(4, 1)) + 0.3 * RNG.normal(size=(4, 500))
    found = two_way(d, alpha=0.05)
    assert found.detectable(comparisons=1) == pytest.approx(found.detectable_gap)
    assert found.detectable(comparisons=7) > found.detectable_gap
    few = two_way(np.ones((3, 600)), units=equal_items(600, np.arange(600) // 100), alpha=0.05)
    assert (few.detectable(comparisons=1) is None, few.detectable(comparisons=2)) == (False, None)


def test_seed_noise_and_item_noise_apart():
    scores = correct(3, 100) + np.array([[0.0], [0.1], [0.2]])
    assert seed_noise(scores) == pytest.approx(np.std(scores.mean(axis=1), ddof=1))
    assert seed_noise(scores[:1]) is None
    assert item_noise(scores) == pytest.approx(stats.sem(scores.mean(axis=0)))
    assert item_noise(np.ones((1, 98))) == pytest.approx(0.01)


def test_what_holds_of_a_biased_estimate_holds_with_and_without_its_bias():
    d = np.random.default_rng(6).normal(0.3, 1, (4, 300))
    plain = two_way(d, alpha=0.05)
    for bias in (0.1, -0.1):
        shifted = two_way(d - bias, alpha=0.05)
        both = two_way(d, alpha=0.05, bias=bias)
        assert (both.estimate, both.uncertainty) == (plain.estimate, plain.uncertainty)
        assert (both.low, both.high) == pytest.approx((min(plain.low, shifted.low), max(plain.high, shifted.high)))
        assert both.p == pytest.approx(max(plain.p, shifted.p))
        expected = max(equivalence_p(plain, margin=0.5), equivalence_p(shifted, margin=0.5))
        assert equivalence_p(both, margin=0.5) == pytest.approx(expected)
    assert two_way(d, alpha=0.05, bias=0.7).p == 1.0  # the sign itself may be that of the bias


@pytest.mark.parametrize("bias", [0.05, 0.5])
def test_trained_models_at_hand_count_a_bias_too(bias):
    d = np.random.default_rng(7).normal(0.3, 1, (1, 200))
    found = paired_items(d, alpha=0.05, counts=False, bias=bias)
    plain, shifted = (paired_items(one, alpha=0.05, counts=False) for one in (d, d - bias))
    assert found.p == pytest.approx(max(plain.p, shifted.p) if bias < plain.estimate else 1.0)
    assert found.low <= min(plain.low, shifted.low) + 1e-12
