"""Looks at a growing number of seeds: levels by simulation, and what a change of the design costs."""

import dataclasses

import numpy as np
import pytest

from bakeoff.stats.sequential import Account, Look, account, nominal_levels

LOOK = Look(
    methods=("full", "lora"), seeds=5, items=2000, metric="accuracy", reference="full", split="a", seeds_at_most=5
)


def look(**changes) -> Look:
    return dataclasses.replace(LOOK, **changes)


def test_one_look_at_the_whole_has_the_whole_level():
    assert nominal_levels([1.0], alpha=0.05) == (0.05,)


def test_levels_spend_the_square_of_the_share_and_no_more():
    """In a million walks: what was ever beyond its limit by each look."""
    from scipy.special import ndtri

    shares = np.array([3, 5, 6, 9, 12]) / 12
    levels = nominal_levels(shares, alpha=0.05)
    rng = np.random.default_rng(1)
    steps = rng.standard_normal((400_000, 5)) * np.sqrt(np.diff(shares, prepend=0.0))
    z = np.abs(steps.cumsum(axis=1)) / np.sqrt(shares)
    ever = np.maximum.accumulate(z > -ndtri(np.array(levels) / 2), axis=1).mean(axis=0)
    assert ever == pytest.approx(0.05 * shares**2, abs=0.001)
    assert all(ever <= 0.05 * shares**2 + 0.0008)


def test_the_first_of_one_planned_look_pays_nothing():
    assert account(LOOK, [], alpha=0.05) == Account(
        level=0.05, number=1, planned=True, designs=1, dropped=(), worth=0.05, seeds=5, seeds_at_most=5
    )


def test_the_same_look_again_is_none():
    assert account(LOOK, [LOOK, LOOK], alpha=0.05) == account(LOOK, [], alpha=0.05)


def test_looks_within_the_declared_maximum_share_the_level():
    plan = [look(seeds=seeds, seeds_at_most=10) for seeds in (3, 5, 10)]
    found = [account(one, plan[:number], alpha=0.05) for number, one in enumerate(plan)]
    assert [one.level for one in found] == pytest.approx([0.0045, 0.0098, 0.0428], abs=0.0002)
    assert all(
        one.level <= level for one, level in zip(found, nominal_levels([0.3, 0.5, 1.0], alpha=0.05), strict=True)
    )
    assert [one.number for one in found] == [1, 2, 3]
    assert all(one.planned for one in found)
    assert found[-1].worth == pytest.approx(0.05)
    # Fewer looks on the way leave more for the last.
    assert account(plan[-1], [], alpha=0.05).level == 0.05 > found[-1].level


def test_seeds_beyond_the_plan_are_held_to_less_and_less_and_the_sum_is_told():
    first, second, third = LOOK, look(seeds=7, seeds_at_most=7), look(seeds=9, seeds_at_most=20)
    found = account(second, [first], alpha=0.05)
    assert (found.planned, found.level, found.worth) == (False, 0.025, pytest.approx(0.075))
    assert found.seeds_at_most == 5  # raised later it is no plan
    found = account(third, [first, second], alpha=0.05)
    assert (found.level, found.worth) == (0.0166, pytest.approx(0.05 * (1 + 1 / 2 + 1 / 3)))


@pytest.mark.parametrize("change", [{"metric": "macro_f1"}, {"reference": "lora"}, {"split": "b"}, {"items": 3000}])
def test_another_question_after_a_look_is_held_to_its_part(change):
    other = look(**change)
    found = account(other, [LOOK], alpha=0.05)
    assert (found.level, found.designs, found.worth) == (0.025, 2, pytest.approx(0.075))
    # Back to the first: it was asked first and keeps its level, with the other's claims beside it.
    again = account(LOOK, [LOOK, other], alpha=0.05)
    assert (again.level, again.worth) == (0.05, pytest.approx(0.075))


def test_methods_that_were_dropped_still_count():
    found = account(LOOK, [look(methods=("full", "lora", "prefix"))], alpha=0.05)
    assert (found.level, found.dropped) == (0.05, ("prefix",))
    assert account(look(methods=("full", "lora", "prefix")), [LOOK], alpha=0.05).dropped == ()


def test_looks_at_one_or_two_seeds_claim_nothing_of_methods_and_cost_nothing():
    early = look(seeds=2, seeds_at_most=5)
    assert account(early, [], alpha=0.05).level == 0.05
    assert account(LOOK, [early], alpha=0.05) == account(LOOK, [], alpha=0.05)
