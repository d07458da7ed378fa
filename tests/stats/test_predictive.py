"""Chances of the next run and texts, against draws from the predictive distribution and where little is known."""

import numpy as np
import pytest
from scipy import stats

from bakeoff.stats.difference import paired_items, two_way
from bakeoff.stats.predictive import chances

RNG = np.random.default_rng(31)


def test_with_noise_of_seeds_alone_they_are_those_of_one_more_observation():
    """The t prediction interval of a normal sample: mean, S - 1, sd sqrt(1 + 1 / S)."""
    by_seed = 0.02 + 0.01 * RNG.standard_normal(5)
    found = chances(two_way(np.tile(by_seed[:, None], 500), alpha=0.05), margin=0.015)
    scale = by_seed.std(ddof=1) * np.sqrt(1 + 1 / 5)
    low, zero, high = stats.t.cdf((np.array([-0.015, 0, 0.015]) - by_seed.mean()) / scale, 4)
    assert found.better == pytest.approx(1 - zero, abs=0.005)
    assert found.within == pytest.approx(high - low, abs=0.005)


def test_new_texts_are_as_many_and_as_noisy():
    per_item = 0.05 + RNG.standard_normal(400)
    found = chances(paired_items(per_item[None], alpha=0.05, counts=False), margin=0.1)
    scale = np.sqrt(2) * stats.sem(per_item)
    assert found.better == pytest.approx(stats.t.cdf(per_item.mean() / scale, 399))


@pytest.mark.parametrize("gap", [-0.05, 0.0, 0.05])
def test_chances_turn_with_the_pair(gap):
    d = gap + 0.01 * RNG.standard_normal((4, 1)) + 0.3 * RNG.standard_normal((4, 300))
    found, turned = (chances(two_way(sign * d, alpha=0.05), margin=0.01) for sign in (1, -1))
    assert turned.better == pytest.approx(1 - found.better)
    assert turned.within == pytest.approx(found.within)
    assert found.flipped().better == pytest.approx(turned.better)
    assert 0 < found.within < 1


def test_nothing_between_two_is_an_even_chance():
    found = chances(two_way(np.zeros((3, 500)), alpha=0.05), margin=0.05)
    assert found.better == pytest.approx(0.5)
    assert found.within > 0.99
