"""A mean on two sets of items: against Welch's test, and by simulation where seeds make noise of their own."""

import numpy as np
import pytest
from scipy import stats

from bakeoff.metrics.classification import metric_named
from bakeoff.stats.inputs import Contender, measure
from bakeoff.stats.subsets import Side, between, difference_between, score_between
from bakeoff.stats.units import equal_items

ALPHA = 0.05


def side(values, groups=None):
    return Side(values, equal_items(values.shape[1], groups))


def test_one_seed_is_welchs_test() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.normal(0.8, 1, (1, 400)), rng.normal(0.5, 2, (1, 900))
    gap, known = between(side(first), side(second)), stats.ttest_ind(first[0], second[0], equal_var=False)
    assert gap.estimate / gap.uncertainty.se == pytest.approx(known.statistic)
    assert gap.p == pytest.approx(known.pvalue, rel=0.05), "Howe's reach in the place of Welch's degrees of freedom"
    assert gap.scope == "models"


def test_what_a_seed_does_to_both_sets_alike_cancels() -> None:
    rng = np.random.default_rng(4)
    items = [rng.normal(0, 1, (1, n)) for n in (200, 300)]
    seeds = rng.normal(0, 5, (5, 1))
    shifted = between(*(side(one + seeds) for one in items))
    alone = between(*(side(np.repeat(one, 5, axis=0)) for one in items))
    assert shifted.estimate == pytest.approx(alone.estimate)
    assert shifted.uncertainty.se == pytest.approx(alone.uncertainty.se)
    assert shifted.scope == "methods"


def worlds(seeds: int, *, sizes=(150, 80), interaction=0.0, draws=1200):
    """Scores of one method on two sets of equal means: noise of seeds, of seeds on a set, of items and of cells."""
    rng = np.random.default_rng(seeds)
    for _ in range(draws):
        of_seed = rng.normal(0, 0.1, (seeds, 1))
        yield [
            of_seed
            + rng.normal(0, interaction, (seeds, 1))
            + rng.normal(0, 0.4, (1, n))
            + rng.normal(0, 0.3, (seeds, n))
            for n in sizes
        ]


@pytest.mark.parametrize(("seeds", "interaction"), [(3, 0.0), (3, 0.05), (5, 0.02)])
def test_equal_means_are_told_apart_no_more_often_than_declared(seeds: int, interaction: float) -> None:
    p = np.array([between(*map(side, one)).p for one in worlds(seeds, interaction=interaction)])
    assert (p < ALPHA).mean() < 0.06
    assert (p < ALPHA).mean() > 0.015, "and not for want of ever finding anything"


def test_intervals_hold_the_truth_and_those_of_all_at_once_are_wider() -> None:
    found = [between(*map(side, one)) for one in worlds(3, draws=1000)]
    held = [low <= 0 <= high for low, high in (gap.at_once(alpha=ALPHA, comparisons=1) for gap in found)]
    assert 0.94 <= np.mean(held) <= 0.99
    one, six = (found[0].at_once(alpha=ALPHA, comparisons=n) for n in (1, 6))
    assert six[0] < one[0] < one[1] < six[1]
    assert all((gap.corrected(6) < ALPHA) == (not low <= 0 <= high) for gap in found
               for low, high in [gap.at_once(alpha=ALPHA, comparisons=6)])  # fmt: skip


def test_a_real_drop_is_found() -> None:
    rng = np.random.default_rng(8)
    first, second = (rng.random((3, n)) < share for n, share in ((1000, 0.7), (1000, 0.85)))
    gap = between(side(first.astype(float)), side(second.astype(float)))
    assert gap.estimate < -0.1
    assert gap.p < 0.01


def contender(name, accuracy, *, n, seeds=(1, 2, 3), rng, deterministic=False):
    gold = rng.integers(0, 2, n)
    ease = rng.random(n)
    rows = 1 if deterministic else len(seeds)
    right = ease + 0.05 * rng.normal(size=(rows, n)) < accuracy
    predicted = np.repeat(np.where(right, gold, 1 - gold), len(seeds) // rows, axis=0)
    return Contender(name, seeds, np.arange(n), gold, predicted, deterministic=deterministic)


def test_methods_are_held_by_the_seeds_they_have_on_both_sets() -> None:
    rng, accuracy = np.random.default_rng(5), metric_named("accuracy")
    here = measure(contender("a", 0.7, n=500, seeds=(1, 2, 3, 4), rng=rng), metric=accuracy)
    there = measure(contender("a", 0.8, n=600, seeds=(2, 3, 4, 5), rng=rng), metric=accuracy)
    gap = score_between(here, there)
    assert gap.seeds == 3
    assert gap.estimate == pytest.approx(here.scores[1:].mean() - there.scores[:-1].mean())
    other = measure(contender("a", 0.8, n=600, seeds=(7, 8, 9), rng=rng), metric=accuracy)
    assert score_between(here, other) is None


def test_an_interaction_is_the_change_of_a_difference() -> None:
    rng, accuracy = np.random.default_rng(6), metric_named("accuracy")
    sets = []
    for own, theirs in ((0.60, 0.75), (0.80, 0.80)):
        gold, ease = rng.integers(0, 2, 1500), rng.random(1500)
        sets.append(tuple(
            measure(Contender(name, (1, 2, 3), np.arange(1500), gold, np.where(
                ease + 0.05 * rng.normal(size=(3, 1500)) < share, gold, 1 - gold)), metric=accuracy)
            for name, share in (("a", own), ("b", theirs))
        ))  # fmt: skip
    gap = difference_between(*sets)
    differences = [a.scores.mean() - b.scores.mean() for a, b in sets]
    assert gap.estimate == pytest.approx(differences[0] - differences[1])
    assert gap.p < 0.01


def test_two_methods_without_any_seed_have_no_noise_of_seeds() -> None:
    rng, accuracy = np.random.default_rng(7), metric_named("accuracy")
    fixed = [measure(contender(name, 0.7, n=300, rng=rng, deterministic=True), metric=accuracy) for name in "abcd"]
    gap = difference_between((fixed[0], fixed[0]), (fixed[1], fixed[1]))
    assert (gap.estimate, gap.seeds, gap.scope) == (0.0, 0, "methods")
    assert gap.p == 1.0


def test_the_interaction_of_slices_keeps_its_rate() -> None:
    """Two methods whose difference is the same on both slices, on items that are hard or easy for both alike."""
    rng, p = np.random.default_rng(9), []
    for _ in range(1000):
        ease = rng.normal(size=300)
        a, b = ((ease + 0.7 * rng.normal(size=(3, 300)) + 0.1 * rng.normal(size=(3, 1)) < 0.8).astype(float)
                for _ in range(2))  # fmt: skip
        d, cut = a - b, rng.random(300) < 0.3
        p.append(between(side(d[:, cut]), side(d[:, ~cut])).p)
    assert np.mean(np.array(p) < ALPHA) < 0.06
