"""A short form of the simulations: equal methods are seldom told apart, and a margin's gap seldom called nothing."""

import dataclasses

import numpy as np
import pytest
from scipy.special import ndtri
from simulate import MARGIN, UNEQUAL, equal_methods, false_equivalence, found_gap, report
from worlds import ACCURACY, METHODS, RECALL, World, draw


def test_the_made_up_methods_have_the_accuracy_they_should():
    rng = np.random.default_rng(0)
    world = World(3, 2000, gaps=(0.0, 0.1, *(0.0,) * 4), seed_sds=(0.01,) * METHODS)
    made = [draw(world, rng) for _ in range(30)]
    means = np.mean([[np.mean(one.predicted == one.gold) for one in contenders] for contenders in made], axis=0)
    assert means == pytest.approx([ACCURACY - gap for gap in world.gaps], abs=0.01)
    spread = np.std([one.predicted.mean(axis=1) for contenders in made for one in contenders[2:]], axis=1, ddof=1)
    assert np.sqrt(np.mean(spread**2)) == pytest.approx(0.01, rel=0.25)
    assert float(ndtri(ACCURACY)) > 1


def test_the_rare_class_is_as_rare_and_as_well_known_as_it_should():
    rng = np.random.default_rng(1)
    world = World(3, 1400, rare=14)
    made = [one for _ in range(20) for one in draw(world, rng)]
    assert {int(one.gold.sum()) for one in made} == {100}
    recall = [np.mean([one.predicted[:, one.gold == k] == k for one in made]) for k in (0, 1)]
    assert recall == pytest.approx(RECALL, abs=0.02)


def test_groups_are_as_many_as_they_should_and_their_items_alike():
    rng = np.random.default_rng(3)
    made = [draw(World(3, 2000, per_group=10), rng) for _ in range(20)]
    assert [len(np.unique(one.groups)) for one, *_ in made] == pytest.approx([200] * 20, abs=10)
    seen = [np.mean(one.predicted == one.gold) for contenders in made for one in contenders]
    assert np.mean(seen) == pytest.approx(ACCURACY, abs=0.01)
    # What is left of the latent correlation in right and wrong answers, times nine items beside each of ten.
    spread = np.var([one.predicted[0].mean() for one, *_ in made], ddof=1) / (ACCURACY * (1 - ACCURACY) / 2000)
    assert spread > 1.5
    assert all(one.groups is None for one in draw(World(3, 50, per_group=10, told=False), rng))


def test_a_fixed_baseline_has_one_row_of_predictions_and_the_accuracy_it_is_given():
    rng = np.random.default_rng(2)
    made = [draw(World(3, 2000, seed_sds=(0.05,) * METHODS, fixed=1), rng) for _ in range(30)]
    seen = [np.mean(fixed.predicted == fixed.gold) for *_, fixed in made]
    assert np.mean(seen) == pytest.approx(ACCURACY, abs=0.01)
    assert np.std(seen, ddof=1) < 0.015
    *trained, fixed = made[0]
    assert (fixed.deterministic, len(fixed.predicted)) == (True, 1)
    assert {(one.deterministic, len(one.predicted)) for one in trained} == {(False, 3)}


REPEATS = 150
MOST = 0.06 + 2 * np.sqrt(0.06 * 0.94 / REPEATS)
"""Two standard errors of a rate of .06 above it."""


@pytest.mark.parametrize("seed_sd", [0.0, 0.01])
def test_equal_methods_are_seldom_told_apart(seed_sd):
    world = World(3, 500, seed_sds=(seed_sd,) * METHODS)
    rates = equal_methods(world, repeats=REPEATS, rng=np.random.default_rng(7))
    assert rates.false_better <= MOST
    assert 0.93 <= rates.coverage <= 0.98


@pytest.mark.parametrize("name", ["one at 4 pp, five at .5", "three at 2 pp, three at .3"])
def test_methods_that_are_not_equally_stable_are_seldom_told_apart(name):
    rates = equal_methods(World(3, 500, seed_sds=UNEQUAL[name]), repeats=REPEATS, rng=np.random.default_rng(7))
    assert rates.false_better <= MOST
    assert 0.93 <= rates.coverage <= 0.985


def test_equal_methods_are_seldom_told_apart_by_macro_f1_with_a_rare_class():
    world = World(3, 600, seed_sds=(0.01,) * METHODS, rare=14)
    rates = equal_methods(world, repeats=REPEATS, rng=np.random.default_rng(7))
    assert rates.false_better <= MOST
    assert 0.93 <= rates.coverage <= 0.985


def test_equal_methods_are_seldom_told_apart_where_items_come_in_groups():
    world = World(3, 600, seed_sds=(0.01,) * METHODS, per_group=30)
    rates = equal_methods(world, repeats=REPEATS, rng=np.random.default_rng(7))
    assert rates.false_better <= MOST
    assert 0.93 <= rates.coverage <= 0.985
    apart = equal_methods(dataclasses.replace(world, told=False), repeats=REPEATS, rng=np.random.default_rng(7))
    assert apart.false_better > MOST
    assert apart.coverage < 0.93


@pytest.mark.parametrize(("rare", "seeds"), [(0, 3), (14, 3), (14, 5)])
def test_equal_methods_are_seldom_told_apart_where_few_groups_hold_most(rare, seeds):
    world = World(seeds, 600, seed_sds=(0.01,) * METHODS, rare=rare, per_group=25, uneven=True)
    rates = equal_methods(world, repeats=REPEATS, rng=np.random.default_rng(7))
    assert rates.false_better <= MOST
    assert 0.93 <= rates.coverage <= 0.99


def test_a_gap_of_the_margin_is_seldom_called_nothing():
    world = World(3, 10_000, gaps=(0.0,) + (MARGIN,) * (METHODS - 1), seed_sds=(0.002,) * METHODS)
    against, others = false_equivalence(world, repeats=60, rng=np.random.default_rng(8))
    assert max(against, others) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 60)


def test_a_large_gap_is_found():
    world = World(3, 2000, gaps=(0.0,) * (METHODS - 1) + (0.05,))
    raw, reference, another = found_gap(world, repeats=60, rng=np.random.default_rng(9))
    assert raw >= reference >= 0.8
    assert reference >= another >= 0.5


def test_the_report_of_a_tiny_run(monkeypatch):
    monkeypatch.setattr("simulate.SIZES", (60,))
    monkeypatch.setattr("simulate.SEED_SDS", (0.0,))
    text = report(repeats=2, seed=1)
    assert text.startswith("# How often the comparison is wrong\n")
    assert "| 3 | 60 | 0.0 |" in text
