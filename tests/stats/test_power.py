"""What would settle a pair: the plan, put into the uncertainty, is enough, and one less is not."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import integrate, stats

from bakeoff.stats.difference import two_way
from bakeoff.stats.multiplicity import equivalence_p
from bakeoff.stats.power import TYPICAL_DISAGREEMENT, TYPICAL_SEED_SD, needed, reachable_margin
from bakeoff.stats.uncertainty import Part, Uncertainty
from bakeoff.stats.units import equal_items


def difference(*, seeds=3, items=2000, seed_variance=1e-4, estimate=0.012):
    """A difference of these variance components, its p value and interval beside the point."""
    of_seeds = Part(((seed_variance or 0.0) + 0.05 / items) / seeds, seeds - 1)
    parts = (of_seeds, Part(0.005 / items, items - 1))
    found = two_way(np.random.default_rng(3).normal(size=(3, 50)), alpha=0.05)
    return dataclasses.replace(
        found, estimate=estimate, uncertainty=Uncertainty(parts), seeds=seeds, items=items, units=items,
        differing=items, seed_variance=seed_variance, item_variance=0.005, residual_variance=0.05,
    )  # fmt: skip


def chance(found, seeds, items, *, level):
    """How often the estimate is found at a two-sided level; the part of items counts as known, that of seeds varies."""
    of_seeds, of_items = ((found.seed_variance or 0) + 0.05 / items) / seeds, 0.005 / items
    df, t_seeds, t_items = seeds - 1, stats.t.isf(level / 2, seeds - 1), stats.t.isf(level / 2, items - 1)

    def at(share):
        reach = math.hypot(t_seeds * (of_seeds * stats.chi2.ppf(share, df) / df) ** 0.5, t_items * of_items**0.5)
        return stats.norm.cdf((found.estimate - reach) / (of_seeds + of_items) ** 0.5)

    return integrate.quad(at, 0, 1)[0]


def test_seeds_are_enough_and_one_less_is_not():
    found = difference()
    more = needed(found, margin=0.001, alpha=0.05, comparisons=7)
    assert chance(found, more.seeds - 1, 2000, level=0.05 / 7) < 0.8 < chance(found, more.seeds, 2000, level=0.05 / 7)
    assert more.items is None  # three seeds leave too much noise for any number of items


def test_items_settle_what_seeds_cannot():
    found = difference(seed_variance=0.0, estimate=0.009)
    more = needed(found, margin=0.001, alpha=0.05, comparisons=7)
    assert chance(found, 3, more.items, level=0.05 / 7) == pytest.approx(0.8, abs=0.002)


def test_a_gap_of_nothing_is_settled_by_showing_equivalence():
    found = difference(estimate=0.0, seed_variance=0.0, seeds=40)
    items = needed(found, margin=0.003, alpha=0.05, comparisons=1).items
    assert needed(difference(estimate=0.0), margin=1e-9, alpha=0.05, comparisons=1).items is None
    # The power of two one-sided tests that both have to pass.
    se = ((0.005 + 0.05 / 40) / items) ** 0.5
    limit = 0.003 - stats.t.isf(0.05, items - 1) * se
    assert 1 - 2 * stats.norm.sf(limit / se) == pytest.approx(0.8, abs=0.01)


def test_where_predictions_are_identical_only_items_help():
    """Fifty items without a difference do not show that there is none, and other seeds on them would not either."""
    found = two_way(np.zeros((3, 50)), alpha=0.05)
    more = needed(found, margin=0.01, alpha=0.05, comparisons=1)
    assert more.seeds is None
    assert 200 < more.items < 400


def test_without_seed_noise_known_only_items_are_planned():
    more = needed(difference(seed_variance=None, seeds=1), margin=0.01, alpha=0.05, comparisons=3)
    assert more.seeds is None
    assert more.items > 2000


def test_the_plan_is_always_more_than_there_is():
    more = needed(difference(estimate=0.5), margin=0.01, alpha=0.05, comparisons=1)
    assert (more.seeds, more.items) == (4, 2001)


@pytest.mark.parametrize("comparisons", [1, 45])
def test_more_comparisons_need_more(comparisons):
    few = needed(difference(), margin=0.001, alpha=0.05, comparisons=comparisons)
    many = needed(difference(), margin=0.001, alpha=0.05, comparisons=comparisons * 2)
    assert many.seeds > few.seeds


def test_more_items_are_more_groups_of_the_size_they_have():
    d = 0.02 + 0.3 * np.random.default_rng(5).normal(size=(3, 200))
    twice, groups = np.repeat(d, 2, axis=1), np.repeat(np.arange(200), 2)
    once = needed(two_way(d, alpha=0.05), margin=1e-9, alpha=0.05, comparisons=3)
    grouped = needed(two_way(twice, units=equal_items(400, groups), alpha=0.05), margin=1e-9, alpha=0.05, comparisons=3)
    assert once.items > 300
    assert grouped.items == pytest.approx(2 * once.items, abs=1)


@pytest.mark.parametrize("number", [4, 8])
def test_a_plan_has_units_enough_for_an_exact_test(number):
    """No number of seeds makes four films eight, and a fifth film alone does not settle what needs six."""
    groups = np.arange(400) * number // 400
    found = two_way(np.full((3, 400), 0.1), units=equal_items(400, groups), alpha=0.05)
    single = needed(found, margin=0.001, alpha=0.05, comparisons=1)
    several = needed(found, margin=0.001, alpha=0.05, comparisons=21)
    assert single.seeds == (None if number == 4 else 4)
    assert several.seeds is None
    assert single.items == (600 if number == 4 else 450)
    # 2^(1-k) has to be below .05 / 21 = .0024, which ten films give.
    assert several.items == 10 * 400 // number


def test_a_plan_counts_on_the_share_of_items_that_differ():
    d = np.zeros((3, 500))
    d[:, :5] = 1.0
    more = needed(two_way(d, alpha=0.05), margin=1e-4, alpha=0.05, comparisons=21)
    assert more.seeds is None
    assert more.items >= 1000


def test_a_reachable_margin_shrinks_with_texts_and_seeds_and_grows_with_comparisons():
    def margin(items, seeds, comparisons=1):
        return reachable_margin(items=items, seeds=seeds, comparisons=comparisons, alpha=0.05)

    assert margin(5000, 5) < margin(2000, 5) < margin(2000, 3) < margin(2000, 3, 6)
    assert margin(5000, 5) == pytest.approx(0.0116, abs=0.0005)


def test_equal_methods_are_shown_to_be_so_within_the_reachable_margin_as_often_as_said():
    rng, items, seeds = np.random.default_rng(8), 2000, 5
    margin, shown = reachable_margin(items=items, seeds=seeds, comparisons=1, alpha=0.05), 0
    for _ in range(400):
        text = rng.normal(scale=TYPICAL_DISAGREEMENT**0.5, size=items)
        d = text + rng.normal(scale=2**0.5 * TYPICAL_SEED_SD, size=(seeds, 1))
        shown += equivalence_p(two_way(d, alpha=0.05), margin=margin) < 0.05
    assert 0.75 < shown / 400 < 0.97
