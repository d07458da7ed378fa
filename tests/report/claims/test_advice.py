"""The advice: the cheapest of what is not shown to be worse, what it may lose and what it takes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import sample
from bakeoff.experiment.model import Compare, Constraints
from bakeoff.report.claims.advice import advice, lead, sight, unbeaten
from bakeoff.report.text.measure import measuring
from bakeoff.stats.compare import Verdict, compare
from bakeoff.stats.inputs import Contender
from prose import replaced, spoken
from studies import bare, cheaper, demo, scripted


def limited(found, **limits):
    experiment = found.experiment.model_copy(update={"constraints": Constraints(**limits)})
    return dataclasses.replace(found, experiment=experiment)


def said(*accuracies, language="en", **settings):
    comparison = scripted(*accuracies, **settings)
    (text,) = spoken(advice(cheaper(comparison), comparison), language)
    return comparison, text


def test_the_search_counts_in_what_is_cheaper() -> None:
    """One run of lora takes less than one of full; with its trials it takes more."""
    found, comparison = demo()
    (text,) = spoken(advice(found, comparison))
    assert text.startswith(
        "Take full: it has the highest mean accuracy. Not shown to be worse than any, but not clearly faster to train "
        "with the search for settings: lora. What full takes (2,000 labelled texts): "
    )
    alone = dataclasses.replace(found, sweeps={})
    (text,) = spoken(advice(alone, comparison))
    assert text.startswith("Take lora if a loss of up to ")
    assert "else take full. lora trains in 92 s, full in 2.1 min." in text


def test_the_loss_is_what_the_interval_cannot_exclude() -> None:
    comparison, text = said(0.86, 0.85, jitter=0.1, n=300)
    pair = comparison.pair("full", "m1")
    assert pair.relation == "not_settled"
    assert f"Take m1 if a loss of up to {100 * pair.difference.high:.1f} pp in accuracy is acceptable" in text


def test_within_the_margin_nothing_is_lost_that_matters() -> None:
    _, text = said(0.85, 0.85)
    assert text.startswith("Take m1: full has the highest mean accuracy, and m1 is shown to lie within 1.0 pp of it.")


def test_where_all_others_are_worse_the_next_is_named() -> None:
    comparison, text = said(0.7, 0.85, 0.8)
    found = comparison.pair("m1", "m2").difference
    assert text.startswith(
        "Take m1: it has the highest mean accuracy, and every other method in question is shown to be worse."
    )
    assert f"The next is m2, behind by {100 * abs(found.estimate):.1f} pp (95 % interval" in text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_baselines_compete(language: str) -> None:
    comparison = scripted(0.7, 0.85)
    found = replaced(cheaper(comparison), "m1", role="baseline")
    (text,) = spoken(advice(found, comparison), language)
    assert text.startswith({"en": "Take m1:", "ru": "Возьмите m1:"}[language])


def test_limits_leave_out_whoever_breaks_one() -> None:
    found, comparison = demo()
    (text,) = spoken(advice(limited(found, artifact_mb=5.0), comparison))
    assert text.startswith(
        "This advice is about the methods that stay within a saved size of at most 5.0 MiB in each of their runs. "
        "Take lora: "
    )
    assert "search for settings" in text
    (text,) = spoken(advice(limited(found, trainable_share=0.00005), comparison))
    assert text.startswith("Take linear_probe: it is the only method that stays within at most 0.0050 % of the param")
    (text,) = spoken(advice(limited(found, inference_ms=1e-9), comparison))
    assert text.startswith("No method stays within at most ")
    assert text.endswith("in each of its runs: this report advises none.")


def test_times_that_cannot_be_compared_give_way_to_parameters() -> None:
    comparison = scripted(0.852, 0.85, jitter=0.03)
    found = cheaper(comparison)
    elsewhere = replaced(found, "m1", environment={**found.rows[1].any.environment, "cpu_model": "another"})
    (text,) = spoken(advice(elsewhere, comparison))
    assert "m1 trains 148 k parameters, full 22.7 M." in text
    same = bare(comparison)
    nothing = replaced(
        same, "m1", cost=same.rows[1].any.cost.model_copy(update={"train_s": None, "params_trainable": None})
    )
    (text,) = spoken(advice(nothing, comparison))
    assert "Not shown to be worse than any, at a cost that cannot be compared: m1." in text


def beside(comparison, language="en"):
    """Return the lead and the advice, as texts."""
    found = cheaper(comparison)
    runs = {row.name: tuple(row.records) for row in found.rows}
    (first,) = spoken(lead(comparison, runs, complete=True), language)
    return first, *spoken(advice(found, comparison), language)


def test_who_is_worse_than_the_reference_is_not_level_with_a_better_mean() -> None:
    """Pairs of the reference are corrected for fewer comparisons than all pairs: theirs can be the only one to show."""
    comparison = scripted(0.85, 0.855, 0.85, 0.85, 0.85, 0.7)
    assert comparison.pair("m1", "m5").relation == comparison.pair("full", "m5").relation == "better"
    pairs = tuple(
        dataclasses.replace(pair, verdict=Verdict.NOT_SETTLED) if pair.second == "m5" and pair.first != "full" else pair
        for pair in comparison.pairs
    )
    comparison = dataclasses.replace(comparison, pairs=pairs)
    assert max(comparison.methods, key=lambda one: one.mean).name == "m1"
    assert set(unbeaten(comparison)) == {"full", "m1", "m2", "m3", "m4"}
    assert comparison.unbeaten(["m1", "m5"]) == ("m1", "m5")
    first, _ = beside(comparison)
    assert "4 other methods are not shown to be worse than any" in first


@pytest.mark.parametrize("language", ["en", "ru"])
def test_where_a_constant_is_not_shown_to_be_worse_the_advice_says_so(language: str) -> None:
    comparison = scripted(0.52, 0.5, jitter=0.2, n=200)
    found = replaced(cheaper(comparison), "m1", kind="majority")
    (text,) = spoken(advice(found, comparison), language)
    assert {"en": "Not even m1, which gives one class", "ru": "Даже о методе m1"}[language] in text


def test_how_far_the_next_is_behind_has_no_sign_where_lower_is_better() -> None:
    gold, rng = np.arange(400) % 2, np.random.default_rng(3)
    logits = {name: at * np.eye(2)[gold] + rng.normal(0, 0.1, (3, 400, 2)) for name, at in (("full", 4), ("m1", 2))}
    found = [
        Contender(name, (41, 42, 43), np.arange(400), gold, np.stack([gold] * 3), logits=one)
        for name, one in logits.items()
    ]
    comparison = compare(found, metric="log_loss", reference="full", alpha=0.05, margin=0.01, resamples=0)
    with measuring("log_loss"):
        (text,) = spoken(advice(bare(comparison, compare=Compare(metric="log_loss")), comparison))
    found = comparison.pair("full", "m1").difference
    ends = f"[+{found.low:.3f}, +{found.high:.3f}] nats"
    assert "Take full: it has the lowest mean log loss" in text
    assert f"The next is m1, behind by {found.estimate:.3f} nats (95 % interval {ends})" in text


def test_whoever_was_not_trained_here_and_did_better_is_named() -> None:
    comparison = scripted(0.95, 0.8, 0.7)
    found = replaced(cheaper(comparison), "full", trained=False, role="baseline")
    (text,) = spoken(advice(found, comparison))
    assert text.startswith("This advice is about the methods that were trained here; full had a better mean. Take m1:")


def test_whoever_has_the_very_same_mean_is_named() -> None:
    comparison = scripted(0.85, 0.85, jitter=0.0, n=200)
    (text,) = spoken(advice(bare(comparison), comparison))
    assert "The mean accuracy of m1 is the very same as that of full." in text


def test_of_models_alone_it_is_said_that_seeds_may_turn_it() -> None:
    comparison = scripted(0.7, 0.85, 0.8, seeds=(41,))
    (text,) = spoken(advice(cheaper(comparison), comparison))
    assert text.startswith("Take m1: it has the highest mean accuracy of the models trained here. Every other one in ")


def test_a_method_that_knows_one_class_is_not_advised_for_its_size() -> None:
    found, comparison = demo()
    found = replaced(found, "majority", cost=sample.cost("majority", 41).model_copy(update={"artifact_bytes": 10}))
    limited_to = limited(found, artifact_mb=2e-5)
    text = " ".join(spoken(advice(limited_to, comparison)))
    assert "Only majority, which gives one class to every text, stays within" in text


def test_gaps_that_differ_by_method_are_told_from_the_smallest_to_the_largest() -> None:
    found, comparison = demo()
    runs = {row.name: tuple(row.records) for row in found.rows}
    (text,) = spoken(sight(comparison, runs))
    free = {one.name for one in comparison.methods if one.trained and not one.fixed}
    gaps = [
        100 * pair.difference.detectable(comparisons=pair.comparisons)
        for pair in comparison.against_reference
        if {pair.first, pair.second} <= free
    ]
    assert f"a gap to full is found from {min(gaps):.1f}-{max(gaps):.1f} pp on, depending on the method" in text


def test_no_gap_in_a_share_is_beyond_all_of_it() -> None:
    comparison = scripted(0.9, 0.4, n=60, jitter=0.3, seeds=(41, 42, 43))
    wide = dataclasses.replace(comparison.pair("full", "m1").difference, units=60)
    assert wide.detectable(comparisons=10**6) == 1.0
    assert dataclasses.replace(wide, units=5).detectable(comparisons=10**6) is None
