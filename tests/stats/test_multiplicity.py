"""Letters for groups: two methods share one exactly where they were compared and neither was shown to be better."""

import dataclasses
import itertools

from hypothesis import given
from hypothesis import strategies as st

import sample
from bakeoff.stats.compare import Verdict, tie_groups
from bakeoff.stats.multiplicity import letters

NAMES = tuple("ABCDEFG")


def pairs(*names: str) -> set[frozenset[str]]:
    return {frozenset(name) for name in names}


@st.composite
def apart(draw) -> tuple[tuple[str, ...], set[frozenset[str]]]:
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    every = [frozenset(pair) for pair in itertools.combinations(names, 2)]
    return names, set(draw(st.lists(st.sampled_from(every), unique=True))) if every else set()


@given(apart())
def test_two_share_a_letter_exactly_where_they_are_not_apart(drawn) -> None:
    names, different = drawn
    found = letters(names, different)
    assert set(found) == set(names)
    assert all(found.values())
    for pair in itertools.combinations(names, 2):
        shared = set(found[pair[0]]) & set(found[pair[1]])
        assert bool(shared) == (frozenset(pair) not in different)


@given(apart())
def test_no_letter_says_what_another_says_already(drawn) -> None:
    names, different = drawn
    found = letters(names, different)
    members = [{name for name in names if letter in found[name]} for letter in set().union(*found.values())]
    assert not [one for one, other in itertools.permutations(members, 2) if one <= other]


def test_ranks_that_overlap_do_not_make_a_group() -> None:
    # D is beaten by A alone; A by none: the ranks of A (1-3) and D (2-4) overlap, and yet A is better.
    assert letters("ABCD", pairs("AD")) == {"A": ("a",), "B": ("a", "b"), "C": ("a", "b"), "D": ("b",)}


def test_the_first_letter_belongs_to_the_first_name() -> None:
    assert letters("ABC", pairs("AB", "AC", "BC")) == {"A": ("a",), "B": ("b",), "C": ("c",)}
    assert letters("ABC", set()) == dict.fromkeys("ABC", ("a",))
    assert letters("", set()) == {}


def test_letters_beyond_the_alphabet_stay_distinct() -> None:
    names = [str(number) for number in range(30)]
    found = letters(names, {frozenset(pair) for pair in itertools.combinations(names, 2)})
    assert (found["25"], found["26"]) == (("z",), ("a'",))
    assert len(set(found.values())) == 30


def test_groups_follow_the_verdicts_over_all_pairs() -> None:
    comparison = sample.comparison(sample.collection())
    found = tie_groups(comparison)
    assert found["full"] == found["lora"] == ("a",)
    for pair in comparison.pairs:
        assert bool(set(found[pair.first]) & set(found[pair.second])) == (pair.better is None)


def test_methods_that_cannot_be_compared_share_no_letter() -> None:
    comparison = sample.comparison(sample.collection())
    cut = tuple(
        dataclasses.replace(pair, difference=None, reason="items", verdict=Verdict.NOT_COMPARABLE)
        if {pair.first, pair.second} == {"full", "lora"} or "mamba" in (pair.first, pair.second)
        else pair
        for pair in comparison.pairs
    )
    found = tie_groups(dataclasses.replace(comparison, pairs=cut))
    assert not set(found["full"]) & set(found["lora"])
    assert "mamba" not in found, "compared with none, it belongs to no group"
