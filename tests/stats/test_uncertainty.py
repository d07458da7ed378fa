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


PARTS = {
    "seeds alone": (Part(1.0, 2),),
    "both": (Part(4.0, 2), Part(20.0, 1999)),
    "five seeds": (Part(10.0, 4), Part(10.0, 999)),
    "items alone": (Part(1.0, 1999),),
}


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("comparisons", [1, 7, 28])
def test_gaps_and_margins_show_as_often_as_asked_for(name: str, comparisons: int) -> None:
    """A comparison made again has noise of its own and estimates of it that are its own, too."""
    rng, again, level = np.random.default_rng(7), 100_000, 0.05 / comparisons
    noise = Uncertainty(PARTS[name])
    estimates = [part.variance * rng.chisquare(part.df, again) / part.df for part in noise.parts]
    missed = rng.normal(size=again) * noise.se

    def reaches(one_sided: float) -> np.ndarray:
        squares = (own * stats.t.isf(one_sided, part.df) ** 2 for own, part in zip(estimates, noise.parts, strict=True))
        return np.sqrt(sum(squares))

    found = noise.detectable(level / 2, 0.8) + missed > reaches(level / 2)
    assert found.mean() == pytest.approx(0.8, abs=0.006)
    held = abs(missed) < noise.provable(level, 0.8) - reaches(level)
    assert held.mean() == pytest.approx(0.8, abs=0.006)


def test_without_noise_everything_shows() -> None:
    noise = Uncertainty((Part(0.0, 2),))
    assert (noise.detectable(0.025, 0.8), noise.provable(0.05, 0.8)) == (0.0, 0.0)
    assert (noise.finds(0.1, 0.025), noise.holds(0.1, 0.2, 0.05)) == (1.0, 1.0)
