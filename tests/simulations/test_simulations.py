"""A short form of the simulations: equal methods are seldom told apart, and a margin's gap seldom called nothing."""

import numpy as np
import pytest
from scipy.special import ndtri
from simulate import ACCURACY, MARGIN, METHODS, World, draw, equal_methods, false_equivalence, found_gap, report


def test_the_made_up_methods_have_the_accuracy_they_should():
    rng = np.random.default_rng(0)
    world = World(3, 2000, gaps=(0.0, 0.1, *(0.0,) * 4), seed_sds=(0.01,) * METHODS)
    made = [draw(world, rng) for _ in range(30)]
    means = np.mean([[np.mean(one.predicted == one.gold) for one in contenders] for contenders in made], axis=0)
    assert means == pytest.approx([ACCURACY - gap for gap in world.gaps], abs=0.01)
    spread = np.std([one.predicted.mean(axis=1) for contenders in made for one in contenders[2:]], axis=1, ddof=1)
    assert np.sqrt(np.mean(spread**2)) == pytest.approx(0.01, rel=0.25)
    assert float(ndtri(ACCURACY)) > 1


@pytest.mark.parametrize("seed_sd", [0.0, 0.01])
def test_equal_methods_are_seldom_told_apart(seed_sd):
    world = World(3, 500, seed_sds=(seed_sd,) * METHODS)
    rates = equal_methods(world, repeats=150, rng=np.random.default_rng(7))
    # Two standard errors of a rate of .06 in 150 experiments.
    assert rates.false_better <= 0.06 + 2 * np.sqrt(0.06 * 0.94 / 150)
    assert 0.93 <= rates.coverage <= 0.98


def test_a_gap_of_the_margin_is_seldom_called_nothing():
    world = World(3, 10_000, gaps=(0.0,) + (MARGIN,) * (METHODS - 1), seed_sds=(0.002,) * METHODS)
    against, everywhere = false_equivalence(world, repeats=60, rng=np.random.default_rng(8))
    assert max(against, everywhere) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 60)


def test_a_large_gap_is_found():
    world = World(3, 2000, gaps=(0.0,) * (METHODS - 1) + (0.05,))
    raw, reference, everywhere = found_gap(world, repeats=20, rng=np.random.default_rng(9))
    assert raw >= reference >= everywhere > 0.8


def test_the_report_of_a_tiny_run(monkeypatch):
    monkeypatch.setattr("simulate.SIZES", (60,))
    monkeypatch.setattr("simulate.SEED_SDS", (0.0,))
    text = report(repeats=2, seed=1)
    assert text.startswith("# How often the comparison is wrong\n")
    assert "| 3 | 60 | 0.0 |" in text
