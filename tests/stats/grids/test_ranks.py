"""Ranks and signed ranks: the published example, other implementations, and what can be listed by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import PermutationMethod, friedmanchisquare, wilcoxon

from bakeoff.stats.grids.ranks import (
    critical_difference,
    friedman,
    least_data_sets,
    practical,
    rank_rows,
    signed_rank_p,
    signed_ranks,
)
from published import AUC


def test_mean_ranks_and_friedmans_test_of_the_published_example() -> None:
    ranks = rank_rows(AUC)
    assert ranks.mean(axis=0) == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    # Demsar counts no ties: chi-squared 9.28, F 3.69. With them both are larger.
    plain = 12 * 14 / (4 * 5) * (np.sum(ranks.mean(axis=0) ** 2) - 4 * 25 / 4)
    assert plain == pytest.approx(9.28, abs=0.02)
    assert 13 * plain / (14 * 3 - plain) == pytest.approx(3.69, abs=0.01)
    found = friedman(ranks)
    assert found.chi_squared == pytest.approx(friedmanchisquare(*AUC.T).statistic)
    assert found.chi_squared > plain
    assert found.df == (3, 39)
    assert 0.005 < found.p < 0.02


@pytest.mark.parametrize(
    ("methods", "alpha", "q"),
    [(2, 0.05, 1.960), (3, 0.05, 2.343), (4, 0.05, 2.569), (10, 0.05, 3.164), (4, 0.10, 2.291), (10, 0.10, 2.920)],
)
def test_nemenyis_critical_values_are_those_of_the_table(methods, alpha, q) -> None:
    assert critical_difference(methods, 14, alpha=alpha) == pytest.approx(
        q * np.sqrt(methods * (methods + 1) / (6 * 14)), abs=1e-3
    )


def test_the_signed_rank_test_of_the_published_example() -> None:
    # C4.5 against C4.5 with m: Demsar 2006, 3.1.3, T = 12 with two zeros, significant at .05
    assert signed_rank_p(AUC[:, 1] - AUC[:, 0]) < 0.05


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_signed_ranks_are_exact_with_ties_and_zeros(whole) -> None:
    """Against a listing of all sign flips."""
    d = np.array(whole) / 10
    totals = signed_ranks(d)
    flips = np.array(list(itertools.product((1, -1), repeat=len(d)))) @ np.abs(totals)
    assert signed_rank_p(d) == pytest.approx(np.mean(np.abs(flips) >= abs(totals.sum())))


@given(st.lists(st.integers(1, 400), min_size=3, max_size=10, unique=True), st.integers(0, 1023))
def test_without_ties_it_is_scipys_exact_test(sizes, signs) -> None:
    d = np.array([size if signs >> place & 1 else -size for place, size in enumerate(sizes)]) / 1000
    assert signed_rank_p(d) == pytest.approx(wilcoxon(d, method="exact").pvalue)


def test_with_zeros_it_is_pratts_as_scipy_lists_it() -> None:
    d = np.array([0.0, 0.1, 0.1, -0.2, 0.3, 0.0, 0.4, 0.5])
    listed = wilcoxon(d, zero_method="pratt", method=PermutationMethod(n_resamples=np.inf))
    assert signed_rank_p(d) == pytest.approx(listed.pvalue)


def test_rounding_error_makes_no_rank() -> None:
    assert rank_rows(np.array([[0.1 + 0.2, 0.3, 0.5]])).tolist() == [[2.5, 2.5, 1.0]]
    assert signed_ranks(np.array([0.8 - 0.7, 0.7 - 0.8, 0.1 + 0.2 - 0.3])).tolist() == [5, -5, 0]


def test_from_how_many_data_sets_a_claim_is_possible() -> None:
    assert [least_data_sets(number, alpha=0.05) for number in (1, 3, 6, 45)] == [6, 7, 8, 11]
    for number in (1, 6, 45):
        least = least_data_sets(number, alpha=0.05)
        ahead = [number * signed_rank_p(np.arange(1.0, n + 1)) for n in (least - 1, least)]
        assert ahead[1] < 0.05 <= ahead[0]


def test_friedman_of_odd_tables() -> None:
    assert friedman(rank_rows(np.ones((5, 2)))) is None
    assert friedman(rank_rows(np.ones((1, 4)))) is None
    alike = friedman(rank_rows(np.ones((5, 4))))
    assert (alike.chi_squared, alike.p) == (0.0, 1.0)
    apart = friedman(rank_rows(np.tile([0.1, 0.2, 0.3], (4, 1))))
    assert apart.chi_squared == pytest.approx(8)
    assert apart.p == pytest.approx(6**-3)  # F has no end; the three others agree with the first by chance so often


def test_practical_chances_go_with_the_data() -> None:
    clear = practical(np.full(8, 0.05), margin=0.01)
    assert clear.first > 0.99
    none = practical(np.array([0.002, -0.003, 0.001, 0.0, 0.004, -0.001]), margin=0.01)
    assert none.neither > 0.99
    torn = practical(np.array([0.05, -0.05, 0.04, -0.04]), margin=0.01)
    assert torn.first == pytest.approx(torn.second, abs=0.03)
    for one in (clear, none, torn):
        assert one.first + one.neither + one.second == pytest.approx(1)
    d = np.array([0.03, 0.01, -0.02, 0.06, 0.02])
    assert practical(-d, margin=0.01) == practical(d, margin=0.01).flipped()
