"""A grid: data sets are its unit, pairs are one family, and few data sets bear no claim."""

import itertools

import numpy as np
import pytest

import sample
from bakeoff.errors import BadValue, UnknownName
from bakeoff.stats.grids.across import Cell, across, cell_of
from published import AUC

NAMES = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")


def cells(scores, *, models=("small",), names=NAMES, error=0.01, shift=0.0):
    pairs = dict.fromkeys(itertools.combinations(names, 2), error)
    return [
        Cell(f"d{row}", model, dict(zip(names, (values + shift * place).tolist(), strict=True)), pairs)
        for row, values in enumerate(np.asarray(scores))
        for place, model in enumerate(models)
    ]


def test_the_published_example() -> None:
    found = across(cells(AUC), alpha=0.10)
    assert [one.name for one in found.standings] == ["C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5"]
    assert [one.mean_rank for one in found.standings] == pytest.approx([1.964, 2.000, 2.893, 3.143], abs=5e-4)
    assert found.critical_difference == pytest.approx(1.12, abs=5e-3)
    assert {(pair.first, pair.second) for pair in found.pairs} >= {("C4.5+m", "C4.5"), ("C4.5+m+cf", "C4.5")}
    assert found.possible
    assert len(found.standings[0].ranks) == len(found.data_sets) == 14


def test_two_models_on_a_data_set_count_once() -> None:
    one, two = across(cells(AUC)), across(cells(AUC, models=("small", "large"), shift=0.1))
    assert (one.cells, two.cells) == (14, 28)
    assert two.models == ("small", "large")
    assert [pair.p for pair in one.pairs] == [pair.p for pair in two.pairs]
    for mine, theirs in zip(one.pairs, two.pairs, strict=True):
        assert theirs.effect.se == pytest.approx(mine.effect.se)  # nor does a second model make them any surer
    assert [s.mean_rank for s in one.standings] == [s.mean_rank for s in two.standings]


def test_a_pair_says_who_is_ahead_and_by_how_much() -> None:
    found = across(cells(np.array([[0.9, 0.8, 0.7]] * 9), names=("a", "b", "c")), reference="b")
    pair = {(one.first, one.second): one for one in found.pairs}[("a", "b")]
    assert (pair.wins, pair.ties, pair.losses, pair.better, pair.comparisons) == (9, 0, 0, "a", 3)
    assert pair.p == pair.least_p == 2**-8
    assert pair.p_holm == pytest.approx(3 * 2**-8)
    assert pair.effect.estimate == pytest.approx(0.1)
    assert pair.practical.first > 0.99
    facing = {one.first: one for one in found.against_reference}
    assert set(facing) == {"a", "c"}
    assert facing["c"].effect.estimate == pytest.approx(-0.1)
    assert (facing["c"].better, facing["c"].losses) == ("b", 9)
    assert found.groups() == ()


def test_four_data_sets_bear_no_claim_however_clear() -> None:
    found = across(cells(np.array([[0.9, 0.6, 0.5, 0.4]] * 4)))
    assert not found.possible
    assert not [pair for pair in found.pairs if pair.better]
    assert found.least_data_sets == 8
    assert found.groups() == (tuple(one.name for one in found.standings),)
    assert all(pair.effect.p < 0.05 for pair in found.pairs)  # the estimate still says what was seen


def test_one_data_set_has_ranks_and_no_test() -> None:
    found = across(cells(AUC[:1], models=("small", "large")))
    assert [one.mean_rank for one in found.standings] == [1, 2, 3, 4]
    assert (found.friedman, found.critical_difference, found.possible) == (None, None, False)
    assert {(pair.effect, pair.practical, pair.better) for pair in found.pairs} == {(None, None, None)}


def test_a_method_with_gaps_has_no_rank_and_keeps_its_pairs() -> None:
    made = cells(AUC)
    scores = {name: score for name, score in made[0].scores.items() if name != "C4.5+cf"}
    errors = {pair: error for pair, error in made[0].errors.items() if "C4.5+cf" not in pair}
    made[0] = Cell("d0", "small", scores, errors)
    found = across(made)
    assert found.unranked == ("C4.5+cf",)
    assert len(found.standings) == 3
    assert {len(pair.data_sets) for pair in found.pairs if "C4.5+cf" in (pair.first, pair.second)} == {13}
    assert len(found.pairs) == 6


def test_groups_join_those_that_no_test_tells_apart() -> None:
    rng = np.random.default_rng(3)
    base = rng.normal(0.8, 0.05, size=(12, 1))
    # a and b alike, far above c and d, which are alike.
    scores = base + np.array([0.1, 0.1, 0.0, 0.0]) + rng.normal(0, 0.005, size=(12, 4))
    found = across(cells(scores, names=("a", "b", "c", "d")))
    assert {frozenset(one) for one in found.groups()} == {frozenset("ab"), frozenset("cd")}
    assert found.groups()[0][0] in "ab"


def test_a_comparison_is_a_cell() -> None:
    comparison = sample.comparison(sample.collection())
    cell = cell_of(comparison, data="movies", model="small")
    assert cell.scores == {one.name: one.mean for one in comparison.methods}
    pair = next(pair for pair in comparison.pairs if pair.difference)
    assert cell.error(pair.second, pair.first) == pair.difference.uncertainty.se
    assert cell.error("nobody", pair.first) is None


def test_what_is_no_grid() -> None:
    with pytest.raises(BadValue, match="no cell"):
        across([])
    with pytest.raises(BadValue, match="two cells of d0 with small"):
        across([*cells(AUC[:1]), *cells(AUC[:1])])
    with pytest.raises(BadValue, match="1 of the two or more methods"):
        across(cells(AUC[:2, :1], names=("a",)))
    with pytest.raises(UnknownName, match=r"C4\.5"):
        across(cells(AUC), reference="c45")
