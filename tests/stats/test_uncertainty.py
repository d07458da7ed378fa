"""The reach of noise with few degrees of freedom: Student's t at both ends, and what it covers between."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bakeoff.stats.uncertainty import Part, Uncertainty

variances, freedoms, levels = st.floats(0, 1), st.floats(2, 1e6), st.floats(1e-7, 0.49)


@given(st.floats(1e-6, 1), freedoms, levels)
def test_one_part_is_student_s_t(variance, df, level):
    found = Uncertainty((Part(variance, df),))
    assert found.reach(level) == pytest.approx(stats.t.isf(level, df) * variance**0.5)
    assert found.tail(found.reach(level)) == pytest.approx(level)


@given(variances, st.floats(1e-6, 1), freedoms, freedoms, levels)
def test_the_tail_is_the_reach_turned_round(first, second, few, many, level):
    found = Uncertainty((Part(first, few), Part(second, many)))
    assert found.tail(found.reach(level)) == pytest.approx(level, rel=1e-6)
    assert found.tail(-found.reach(level)) == pytest.approx(1 - level, rel=1e-6)


def test_far_out_nothing_breaks():
    found = Uncertainty((Part(1e-4, 2), Part(1e-4, 1999)))
    assert found.tail(0) == 0.5
    assert Uncertainty((Part(0.0, 2), Part(0.01, 7))).tail(1e-17) == pytest.approx(0.5)
    assert 0 < found.tail(1e6) < found.tail(1e3) < 1e-6
    assert 0 <= Uncertainty((Part(0.0, 2), Part(1e-6, 1e9))).tail(1.0) < 1e-99


@pytest.mark.parametrize("df", [2.04, 2.29, 2.97, 6.2])
@pytest.mark.parametrize("share", [1e-6, 0.01, 0.5])
def test_differences_far_beyond_all_noise_have_a_p_value(df, share):
    known = Uncertainty((Part(share, df), Part(1 - share, 1999)))
    tails = [known.tail(distance) for distance in np.linspace(1, 200, 400)]
    assert all(0 < tail < 0.3 for tail in tails)
    assert all(later <= earlier for earlier, later in pairwise(tails))


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_intervals_cover_whatever_part_makes_the_noise(share):
    """The case of two methods and three seeds: two degrees of freedom in one part."""
    rng, n = np.random.default_rng(4), 4000
    noise = rng.normal(0, 1, n)
    seen = share * rng.chisquare(2, n) / 2
    reach = [Uncertainty((Part(one, 2), Part(1 - share, 1e6))).reach(0.025) for one in seen]
    assert 0.94 <= np.mean(np.abs(noise) <= reach) <= 0.985
