"""What a test set was drawn by: shares, effective numbers, and variances that know them."""

import numpy as np
import pytest
from scipy import stats

from bakeoff.metrics.classification import METRICS, macro_f1
from bakeoff.stats.units import Units, equal_items

RNG = np.random.default_rng(31)


def test_items_that_count_alike_are_an_ordinary_sample():
    values = RNG.normal(size=50)
    units = equal_items(50)
    assert (units.items, units.count, units.one_item) == (50, 50, pytest.approx(1))
    assert (units.effective, units.df) == (pytest.approx(50), pytest.approx(49))
    found = units.variance_of_mean(units.sums((values - values.mean())[None])[0])
    assert found == pytest.approx(stats.sem(values) ** 2)


def test_a_group_that_holds_most_items_leaves_few_degrees_of_freedom():
    groups = np.repeat(np.arange(20), [300] + [15] * 19)
    units = equal_items(len(groups), groups)
    assert units.count == 20
    assert units.effective == pytest.approx(1 / ((300 / 585) ** 2 + 19 * (15 / 585) ** 2))
    assert units.df == pytest.approx(units.effective - 1)
    assert equal_items(101, np.repeat([0, 1], [100, 1])).df == 1


def test_a_group_that_holds_the_rare_class_counts_for_it():
    gold = np.repeat([0, 1], [90, 10])
    groups = np.concatenate([np.arange(90) % 10, np.zeros(10, dtype=int)])
    by_item, by_class = (Units(METRICS[name].items.shares(gold), groups) for name in ("accuracy", "macro_f1"))
    assert by_item.shares[0] == pytest.approx(0.19)
    assert by_class.shares[0] == pytest.approx(0.05 + 0.5)
    assert by_class.effective < 4 < by_item.effective
    assert by_class.one_item > by_item.one_item == pytest.approx(1)


def test_the_variance_of_macro_f1_is_that_of_refits_without_a_group():
    """By pseudovalues and shares, against macro-F1 computed anew without each of the groups."""
    gold, groups = (RNG.random(600) < 0.2).astype(int), np.sort(RNG.integers(0, 30, 600))
    hard = 0.4 * RNG.random(30)[groups]
    predicted = np.where(RNG.random(600) < 0.1 + hard, 1 - gold, gold)
    scores = macro_f1.items.scores(gold, predicted)[None]
    units = Units(macro_f1.items.shares(gold), groups)
    without = []
    for group in range(30):
        kept = groups != group
        without.append(macro_f1.items.scores(gold[kept], predicted[kept]).mean())
    jackknife = 29 / 30 * np.sum((np.array(without) - np.mean(without)) ** 2)
    found = units.variance_of_mean(units.sums(scores - scores.mean())[0])
    assert found == pytest.approx(jackknife, rel=0.1)


def test_units_are_hit_once_however_many_of_their_items_are():
    items = np.zeros(12, dtype=bool)
    items[[0, 1, 2, 11]] = True
    assert equal_items(12).hit(items) == 4
    assert equal_items(12, np.arange(12) // 4).hit(items) == 2
    assert equal_items(12, np.arange(12) // 4).alone().hit(items) == 4
