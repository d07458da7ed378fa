"""A short form of the simulations: equal methods are seldom told apart, in any company and at any number of looks."""

import dataclasses
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from by_pair import from_the_pair, mean_squares, pooled, reach
from grids import GridWorld, coverage
from grids import false_claims as grid_claims
from in_company import by_kind, claims, drawn, false_claims, gaps, one_collapses, power
from mixed_worlds import MixedWorld
from next_time import calibration, looks, sweep_bias
from over_sizes import CurveWorld, over_sizes
from scipy.special import ndtri
from scored_worlds import SHARES, ScoredWorld, draw_calibrated, draw_scored
from simulate import (
    MARGIN,
    OTHERS,
    equal_methods,
    false_equivalence,
    grid_rows,
    renewed,
    renewed_baselines,
    renewed_tuned,
    report,
    unlike_row,
    with_grids,
)
from training_draws import DrawWorld, draws, experiments, held, tables
from tuned_methods import Tuned, claims_after_tuning
from tuned_methods import tables as tuned_tables
from with_baselines import BASELINES, any_false
from with_baselines import judged as judged_with_baselines
from with_baselines import worlds as worlds_with_baselines
from worlds import ACCURACY, METHODS, RECALL, World, draw

from bakeoff.stats.compare import compare
from bakeoff.stats.inputs import Contender


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


def test_equal_methods_are_seldom_told_apart_by_macro_f1_with_a_rare_class():
    world = World(3, 600, seed_sds=(0.01,) * METHODS, rare=14)
    rates = equal_methods(world, repeats=REPEATS, rng=np.random.default_rng(7))
    assert rates.false_better <= MOST
    assert 0.93 <= rates.coverage <= 0.985


@pytest.mark.parametrize("classes", SHARES)
@pytest.mark.parametrize("metric", OTHERS)
def test_equal_methods_are_seldom_told_apart_by_other_metrics(metric, classes):
    repeats = 60
    world = ScoredWorld(metric, 3, 400, classes=classes)
    rates = equal_methods(world, repeats=repeats, rng=np.random.default_rng(7))
    assert rates.false_better <= 0.06 + 2 * np.sqrt(0.06 * 0.94 / repeats)
    assert 0.92 <= rates.coverage <= 0.99


def test_calibrated_methods_are_seldom_told_apart_by_ece_however_sure_they_are():
    _, _, shipped, without = unlike_row((3, 600), repeats=40, seed=1)
    assert shipped <= 0.06
    assert without > 0.06  # what is guarded against


def test_calibrated_methods_are_right_as_often_as_they_say():
    (made,) = draw_calibrated((1.0,), seeds=2, items=200_000, rng=np.random.default_rng(2), run=0.3)
    for z in made.logits:
        p = 1 / (1 + np.exp(z[:, 0] - z[:, 1]))
        for low in (0.1, 0.4, 0.8):
            near = (p > low) & (p < low + 0.1)
            assert made.gold[near].mean() == pytest.approx(p[near].mean(), abs=0.01)


def test_scored_worlds_are_as_they_are_said_to_be():
    rng = np.random.default_rng(15)
    made = [one for _ in range(40) for one in draw_scored(ScoredWorld("auroc", 3, 400), rng)]
    assert np.bincount(made[0].gold).tolist() == [240, 120, 40]
    means = np.array([[np.mean(row == one.gold) for row in one.predicted] for one in made])
    assert means.mean() == pytest.approx(0.76, abs=0.015)
    alike = [one for _ in range(40) for one in draw_scored(ScoredWorld("auroc", 3, 400, run=0.0), rng)]
    spread = [np.mean([(row == one.gold).mean() for row in one.predicted]) for one in alike]
    assert np.mean(spread) > means.mean()  # borders that move cost accuracy


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


WORLDS = {
    "latent": lambda sds, seeds=3, items=1000: World(seeds, items, gaps=(0.0,) * len(sds), seed_sds=sds),
    "mixed": lambda sds, seeds=3, items=1000: MixedWorld(
        seeds, items, run_sds=sds, gaps=(0.0,) * len(sds), collapses=(0.0,) * len(sds)
    ),
}


@pytest.mark.parametrize("kind", WORLDS)
def test_the_twin_judges_as_the_procedure_does(kind):
    """Interval by interval, verdict by verdict; methods unequal, so that there are verdicts of both kinds."""
    world = dataclasses.replace(WORLDS[kind]((0.005, 0.02, 0.01, 0.0), 4, 600), gaps=(0.0, 0.05, 0.02, 0.09))
    right = next(drawn(world, repeats=12, rng=np.random.default_rng(11)))
    q = mean_squares(right)
    noise, better = from_the_pair(q), claims(q, from_the_pair(q))
    half = reach(noise, 0.025)
    ids, gold = np.arange(600), np.zeros(600, dtype=int)
    for r, answers in enumerate(right):
        made = [Contender(f"m{k}", (1, 2, 3, 4), ids, gold, 1 - one.astype(int)) for k, one in enumerate(answers)]
        found = compare(made, metric="accuracy", reference="m0", alpha=0.05, margin=0.01, resamples=0, plans=False)
        for place, (a, b) in enumerate(q.pairs):
            pair = found.pair(f"m{a}", f"m{b}")
            sign = 1 if pair.first == f"m{a}" else -1
            assert sign * pair.difference.estimate == pytest.approx(q.estimate[r, place])
            assert pair.difference.half_width == pytest.approx(half[r, place])
            assert (pair.better is not None) == better[r, place]
    assert 0 < better.mean() < 1


@pytest.mark.parametrize("seeds", [3, 5])
def test_the_twin_has_the_family_of_baselines_that_the_procedure_has(seeds):
    """Verdict by verdict, and some that only this family gives."""
    world = World(seeds, 400, gaps=(0.0, 0.01, 0.02, 0.05, 0.03, 0.16, 0.2, 0.1), seed_sds=(0.02,) * 5 + (0.0,) * 3)
    right = next(drawn(world, repeats=12, rng=np.random.default_rng(21)))
    q = mean_squares(right)
    noise = from_the_pair(q)
    better, before = claims(q, noise, baselines=BASELINES), claims(q, noise)
    for r, answers in enumerate(right):
        shipped = judged_with_baselines(answers)
        for place, (a, b) in enumerate(q.pairs):
            assert (shipped[frozenset((f"m{a}", f"m{b}"))] is not None) == better[r, place]
    assert better.sum() > before.sum()


@pytest.mark.parametrize("name", ["mixed, t3: all at 2", "mixed, t3: baselines at 3, others at .5"])
def test_a_family_of_baselines_leaves_false_claims_as_rare_as_they_are_said_to_be(name):
    """The worlds in which they are least rare."""
    repeats = 800
    at_all, *_ = any_false(worlds_with_baselines(3, 600)[name], repeats=repeats, rng=np.random.default_rng(22))
    assert at_all <= 0.06 + 2 * np.sqrt(0.06 * 0.94 / repeats)


def test_the_section_on_baselines_can_be_renewed_alone():
    rows = [["a world", 3, 0.05, 0.02, 0.02, 0.01, 0.04]]
    text = (Path(__file__).parent / "RESULTS.md").read_text(encoding="utf-8")
    again = renewed_baselines(text, rows)
    assert renewed_baselines(again, rows) == again
    assert again.count("## Baselines: ") == again.count("eight methods, three of them baselines |") == 1


@pytest.mark.parametrize("sds", [(0.0,) * 6, (0.04, *(0.005,) * 5), (0.02,) * 3 + (0.003,) * 3], ids=str)
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("kind", WORLDS)
def test_no_pair_errs_more_often_in_any_company(kind, seeds, sds):
    """The reference's pairs, quiet pairs, noisy ones: each kind covers what it says, and reports claim seldom."""
    world = WORLDS[kind](sds, seeds)
    repeats = 600
    rates = false_claims(world, repeats=repeats, rng=np.random.default_rng(7))
    assert rates.false_better <= 0.06 + 2 * np.sqrt(0.06 * 0.94 / repeats)
    for *_, mean, _, _, _ in by_kind("", world, rates):
        assert 0.93 <= mean <= 0.99


def test_pooled_noise_covered_too_seldom_beside_an_unstable_reference_and_hid_quiet_gaps():
    world = WORLDS["latent"]((0.04, *(0.005,) * 5))
    rng = np.random.default_rng(8)
    own, before = (false_claims(world, repeats=600, rng=rng, form=form) for form in (from_the_pair, pooled))
    facing = [place for place, pair in enumerate(own.pairs) if 0 in pair]
    assert before.coverage[facing].mean() < own.coverage[facing].mean() - 0.01
    quiet = dict(gaps(5, 2000))["latent: .3 and .3 among four at 3"]
    now, was = (power(quiet, repeats=200, rng=rng, form=form)[1] for form in (from_the_pair, pooled))
    assert now > was + 0.4


def test_a_method_that_rarely_fails_is_beyond_what_few_seeds_can_show():
    rates = false_claims(one_collapses(3, 1000), repeats=300, rng=np.random.default_rng(9))
    assert rates.false_better > 0.1
    everyone = MixedWorld(3, 1000, collapses=(0.05,) * METHODS)
    assert false_claims(everyone, repeats=300, rng=np.random.default_rng(9)).false_better <= 0.06


@pytest.mark.parametrize("kind", WORLDS)
def test_looking_after_each_seed_errs_no_more_often_than_one_look(kind):
    repeats = 500
    found = looks(WORLDS[kind]((0.02, 0.02), 12), repeats=repeats, rng=np.random.default_rng(10))
    most = 0.06 + 2 * np.sqrt(0.06 * 0.94 / repeats)
    assert found.careless > 0.1
    assert found.always_valid <= found.spending <= most


def test_what_is_called_likely_comes_true_about_as_often():
    rows = calibration(5, items=1000, sd=0.01, spread=0.03, repeats=1500, rng=np.random.default_rng(12))
    assert len(rows) >= 5
    for *_, number, called, came in rows:
        assert came == pytest.approx(called, abs=0.06 + 2 * np.sqrt(0.25 / number))


def test_a_sweep_that_is_judged_by_the_seed_it_chose_with_flatters_itself():
    biased, _, fair, _ = sweep_bias(3, sd=0.02, repeats=800, rng=np.random.default_rng(13))
    assert biased > 0.004
    assert abs(fair) < 0.004


@pytest.mark.parametrize("spread", [0.0, 0.03])
def test_the_best_of_some_settings_on_validation_is_judged_fairly(spread):
    """Whether the settings are all alike or differ; a choice by the test texts would not be fair."""
    contest = Tuned(methods=2, trials=32, spread=spread, items=300)
    fair, careless = claims_after_tuning(contest, repeats=300, rng=np.random.default_rng(16))
    assert fair <= 0.06 + 2 * np.sqrt(0.06 * 0.94 / 300)
    assert spread or careless > fair + 0.01


def test_the_settings_of_a_tuned_method_are_as_good_as_they_are_said_to_be():
    gaps = Tuned(spread=0.03, trials=8).gaps
    assert gaps.min() == 0
    assert gaps.std() == pytest.approx(0.03, rel=0.15)
    assert sorted(gaps)[2] < gaps[0] < sorted(gaps)[-2], "the declared setting is neither the best nor the worst"


def test_the_section_on_tuned_methods_can_be_renewed_alone():
    rows = tuned_tables(repeats=3, rng=np.random.default_rng(0), contests=(Tuned(items=40),))
    text = (Path(__file__).parent / "RESULTS.md").read_text(encoding="utf-8")
    again = renewed_tuned(text, rows)
    assert renewed_tuned(again, rows) == again
    assert again.count("## Tuned methods") == 1
    others = [line for line in text.splitlines() if line.startswith("## ") and "Tuned" not in line]
    assert [line for line in again.splitlines() if line.startswith("## ") and "Tuned" not in line] == others


def test_the_second_generator_has_the_accuracies_and_the_noise_it_should():
    world = MixedWorld(
        4, 2000, run_sds=(0.0, 0.01, 0.03), gaps=(0.0, 0.05, 0.0), collapses=(0.0, 0.0, 0.05), heavy=False
    )
    right = np.concatenate([*drawn(world, repeats=300, rng=np.random.default_rng(14))])
    assert right.mean(axis=(0, 2, 3)) == pytest.approx([0.8, 0.75, 0.8], abs=0.006)
    means = right.mean(axis=3)
    between = np.sqrt(means.var(axis=2, ddof=1).mean(axis=0))
    assert between[1] > between[0]
    assert np.mean(means[:, 2] < 0.45) == pytest.approx(0.05, abs=0.02)
    # Right answers of runs alike are correlated by the texts: far more than independent ones would be.
    both = right[:, 0, 0] & right[:, 0, 1]
    assert both.mean() > 0.8 * 0.8 + 0.05


def test_intervals_count_other_training_texts_where_each_seed_draws_its_own():
    """And not where all seeds have the same, or where those of one method alone have their own."""
    repeats, rng = 300, np.random.default_rng(16)
    fresh, some, same, one = (
        held(world, repeats=repeats, rng=rng).about_all
        for world in (
            DrawWorld(5, 4000),
            DrawWorld(5, 4000, share=0.25),
            DrawWorld(5, 4000, redrawn=0),
            DrawWorld(5, 4000, redrawn=1),
        )
    )
    assert min(fresh, some) >= 0.93 - 2 * np.sqrt(0.93 * 0.07 / repeats)
    assert max(same, one) < min(fresh, some) - 0.02


def test_draws_are_halves_of_both_classes_without_a_text_twice_and_fresh_ones_share_none():
    rng = np.random.default_rng(17)
    for world, common in ((DrawWorld(5, share=0.25), 25), (DrawWorld(5), 0)):
        drawn = draws(world, 5, rng)
        assert {len(set(rows)) for rows in drawn.tolist()} == {100}
        assert ((drawn < world.pool // 2).sum(axis=1) == 50).all()
        shared = [len(set(one) & set(two)) for one, two in pairwise(drawn.tolist())]
        assert np.mean(shared) == pytest.approx(common, abs=8)
    assert found_accuracy(rng) == pytest.approx(0.818, abs=0.005)


def found_accuracy(rng):
    made = [one for made, _ in experiments(DrawWorld(3), repeats=60, rng=rng) for one in made]
    return np.mean([one.predicted == one.gold for one in made])


def test_the_section_on_training_draws_can_be_renewed_alone():
    rows = tables(repeats=3, rng=np.random.default_rng(0), items=(60,))
    text = (Path(__file__).parent / "RESULTS.md").read_text(encoding="utf-8")
    again = renewed(text, rows)
    assert renewed(again, rows) == again
    assert again.count("## Other training texts") == 1
    others = [line for line in text.splitlines() if line.startswith("## ") and "training texts" not in line]
    assert [line for line in again.splitlines() if line.startswith("## ") and "training texts" not in line] == others


@pytest.mark.parametrize("shape", ["normal", "heavy"])
def test_equal_methods_are_seldom_told_apart_over_data_sets(shape):
    """And often where every base model on a data set counts as one of its own."""
    repeats = 400
    found = grid_claims(GridWorld(12, shape=shape), repeats=repeats, rng=np.random.default_rng(18))
    assert found.shipped <= 0.06 + 2 * np.sqrt(0.06 * 0.94 / repeats)
    assert found.by_cell > 2 * 0.06


def test_four_data_sets_never_tell_methods_apart():
    world = GridWorld(4, spread=0.5)
    assert grid_claims(world, repeats=100, rng=np.random.default_rng(19)).shipped == 0


@pytest.mark.parametrize("tau", [0.0, 0.02])
def test_pooled_intervals_cover_the_mean_and_the_next_data_set(tau):
    repeats = 400
    held, _, ahead = coverage(4, tau, repeats=repeats, rng=np.random.default_rng(20))
    least = 0.93 - 2 * np.sqrt(0.93 * 0.07 / repeats)
    assert held >= least
    assert ahead >= least - 0.03  # tau itself is known from four


def test_the_section_on_grids_can_be_renewed_alone():
    rows = grid_rows(repeats=2, seed=0, most=4)
    text = (Path(__file__).parent / "RESULTS.md").read_text(encoding="utf-8")
    again = with_grids(text, *rows)
    assert with_grids(again, *rows) == again
    assert again.count("## Grids: ") == again.count("| grids of equal methods") == 1


def test_the_report_of_a_tiny_run(monkeypatch):
    monkeypatch.setattr("simulate.SIZES", (60, 60))
    monkeypatch.setattr("simulate.SEED_SDS", (0.0,))
    monkeypatch.setattr("simulate.tuned_methods.tables.__kwdefaults__", {"contests": (Tuned(items=30),)})
    text = report(repeats=4, seed=1)
    assert text.startswith("# How often the comparison is wrong\n")
    assert "| latent: equal, none | 3 | 30 |" in text
    assert "| looks after each seed, 3 to 12 |" not in text
    assert "looks after each seed, 3 to 12 | at most .06 |" in text


def test_sizes_as_repeated_looks_tell_equal_methods_apart_no_more_often():
    world = CurveWorld(3, items=400, methods=3, seed_sd=0.02)
    found = over_sizes(world, repeats=60, rng=np.random.default_rng(5))
    assert found.any_size <= 0.06 + 2 * np.sqrt(0.06 * 0.94 / 60)
    assert found.any_size < found.uncorrected, "uncorrected looks would err more often"
    assert found.crossed <= found.any_size
