"""What would settle a pair: the plan, put into the standard error, has to reach its target."""

import math

import pytest
from scipy import stats

from bakeoff.reporting.planning import needed
from bakeoff.reporting.statistics import Difference


def difference(**changes):
    settings = {
        "procedure": "two-way", "estimate": 0.012, "se": 0.008, "df": 12.0, "low": -0.005, "high": 0.029, "p": 0.16,
        "seeds": 3, "items": 2000, "seed_variance": 1e-4, "item_variance": 0.005, "residual_variance": 0.05,
    }  # fmt: skip
    return Difference(**{**settings, **changes})


def standard_error(found, seeds, items):
    return math.sqrt(
        (found.seed_variance or 0) / seeds + found.item_variance / items + found.residual_variance / (seeds * items)
    )


def test_the_plan_reaches_its_target_and_one_less_does_not():
    found = difference()
    more = needed(found, margin=0.001, alpha=0.05, comparisons=7)
    target = 0.012 / (stats.t.ppf(1 - 0.025 / 7, 12) + stats.norm.ppf(0.8))
    assert standard_error(found, more.seeds, 2000) <= target < standard_error(found, more.seeds - 1, 2000)
    assert more.items is None  # three seeds leave too much noise for any number of items


def test_items_settle_what_seeds_cannot():
    found = difference(seed_variance=0.0)
    more = needed(found, margin=0.001, alpha=0.05, comparisons=7)
    target = 0.012 / (stats.t.ppf(1 - 0.025 / 7, 12) + stats.norm.ppf(0.8))
    assert standard_error(found, 3, more.items) <= target < standard_error(found, 3, more.items - 1)


def test_a_gap_of_nothing_is_settled_by_showing_equivalence():
    more = needed(difference(estimate=0.0, seed_variance=0.0), margin=0.01, alpha=0.05, comparisons=1)
    assert more.items is not None
    assert needed(difference(estimate=0.0), margin=1e-9, alpha=0.05, comparisons=1).items is None


def test_without_seed_noise_known_only_items_are_planned():
    more = needed(difference(seed_variance=None, seeds=1), margin=0.01, alpha=0.05, comparisons=3)
    assert more.seeds is None
    assert more.items > 2000


def test_the_plan_is_always_more_than_there_is():
    more = needed(difference(estimate=0.5), margin=0.01, alpha=0.05, comparisons=1)
    assert more.seeds == 4
    assert more.items == 2001


@pytest.mark.parametrize("comparisons", [1, 45])
def test_more_comparisons_need_more(comparisons):
    few = needed(difference(), margin=0.001, alpha=0.05, comparisons=comparisons)
    many = needed(difference(), margin=0.001, alpha=0.05, comparisons=comparisons * 2)
    assert many.seeds > few.seeds
