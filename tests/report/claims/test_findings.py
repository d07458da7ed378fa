"""What is said of a pair: one verdict wherever it is read, the p that belongs to it, hedged where it has to be."""

from __future__ import annotations

import dataclasses
import functools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sample
from bakeoff.report.claims.conclusions import said, statements
from bakeoff.report.claims.findings import facing, highest, pair_said
from bakeoff.report.text.locale import locale
from bakeoff.report.text.sentence import Sentence
from bakeoff.stats.compare import Comparison, Verdict, comparable, compare
from bakeoff.stats.inputs import Contender
from bakeoff.study.collect import Collection
from prose import hold, plain, replaced, texts
from studies import SEEDS, bare, demo, scripted

OPPOSITE = {"better": "worse", "worse": "better", "ahead": "behind", "behind": "ahead"}


def dressed(comparison: Comparison, *, majority: str | None = None) -> Collection:
    """A collection in which every method but full costs what LoRA does, and one is the majority baseline."""
    found = bare(comparison)
    for one in comparison.methods:
        if one.name != "full":
            found = replaced(found, one.name, cost=sample.cost("lora", 41))
    return replaced(found, majority, role="baseline", kind="majority") if majority else found


def judged(sentence: Sentence, comparison: Comparison) -> list[tuple[str, str, str, int | None]]:
    """Return what a sentence says of pairs: first, second, and the number of comparisons it names."""
    slots, words = {name: slot.value for name, slot in sentence.slots.items()}, sentence.key.split(".")
    kind, what = words[0], words[-2] if words[-1] in ("methods", "models") else words[-1]
    number = slots.get("comparisons")
    if kind in ("reference", "overtaken", "baseline") and "a" in slots:
        return [(slots["a"], slots["b"], what, number)]
    if (kind == "unsettled" and "a" in slots) or sentence.key in ("cost.not_settled", "cost.equivalent"):
        return [(slots["a"], slots["b"], "not_settled" if kind == "unsettled" else what, number)]
    if kind not in ("standing", "baseline"):
        return []
    if "methods" in slots:
        return [(name, slots["b"], "not_settled", number) for name, *_, number in slots["methods"]]
    what, own = ("better" if what == "every" else what), slots.get("best")
    pairs = [(name, own or slots["b"], number) for names, number in slots["names"] for name in names]
    return [(own, name, what, n) if own else (name, other, what, n) for name, other, n in pairs]


def hold_pairs(collection: Collection, comparison: Comparison) -> set[str]:
    """No two sentences disagree about a pair, each names its correction, and p is that of what it says."""
    found = defaultdict(set)
    for sentence in (one for statement in statements(collection, comparison) for one in statement.sentences):
        for first, second, what, number in judged(sentence, comparison):
            pair = facing(comparison, first, second)
            assert what == pair.relation, sentence
            assert number == comparison.corrected_for(pair.family), sentence
            found[frozenset((first, second))].add(what if first < second else OPPOSITE.get(what, what))
            if "p" in sentence.slots:
                assert sentence.slots["p"].value == (pair.p_equivalence_holm if what == "equivalent" else pair.p_holm)
                assert sentence.slots["estimate"].value == pair.difference.estimate
            compared = sentence.slots["methods"].value if "methods" in sentence.slots else ()
            for name, mean, *rest, _ in compared:
                if name == first:
                    one = pair.difference
                    assert rest == [one.estimate, (one.low, one.high), pair.p_holm]
                    assert mean == comparison.method(name).mean
            goal = sentence.slots["goal"].value if "goal" in sentence.slots else None
            models = "models" in (sentence.key.split(".")[-1], str(goal).split(".")[-1])
            assert models == (pair.scope == "models") or sentence.key.startswith("cost"), sentence
    assert all(len(said) == 1 for said in found.values()), found
    return {what for said in found.values() for what in said}


@settings(max_examples=30)
@given(
    st.lists(st.sampled_from([0.5, 0.8, 0.84, 0.845, 0.85, 0.855, 0.9]), min_size=2, max_size=6),
    st.sampled_from([(41,), (41, 42), SEEDS]),
    st.sampled_from([60, 500, 2000]),
    st.sampled_from([0.0, 0.005, 0.1]),
    st.sampled_from([None, "m1"]),
)
def test_no_two_sentences_disagree_about_a_pair(accuracies, seeds, n, jitter, majority):
    comparison = scripted(*accuracies, seeds=seeds, n=n, jitter=jitter)
    collection = dressed(comparison, majority=majority)
    hold_pairs(collection, comparison)
    hold(collection, comparison)


def test_all_relations_are_held_to_it():
    seen = set()
    for accuracies in ((0.85, 0.95, 0.75), (0.85, 0.85, 0.843), (0.85, 0.857, 0.75)):
        seen |= hold_pairs(dressed(one := scripted(*accuracies), majority="m1"), one)
        seen |= hold_pairs(dressed(one := scripted(*accuracies, seeds=(41,)), majority="m2"), one)
    seen |= hold_pairs(dressed(one := scripted(0.85, 0.855, 0.86, jitter=0.3)), one)
    seen |= hold_pairs(dressed(one := scripted(0.85, 0.853, 0.857, jitter=0.3), majority="m1"), one)
    assert seen >= {"better", "worse", "equivalent", "not_settled"}
    assert seen & {"ahead", "behind"}
    hold_pairs(*demo())


def test_a_baseline_that_is_equivalent_is_not_given_the_p_of_a_difference():
    comparison = scripted(0.85, 0.85)
    pair = facing(comparison, "full", "m1")
    assert pair.p_holm > 0.05 > pair.p_equivalence_holm
    found = replaced(bare(comparison), "m1", role="baseline", kind="tfidf")
    text = next(text for text in texts(found, comparison, "baseline") if "baseline" in text)
    assert text.startswith("full and the baseline m1 are equivalent within the margin of 1.0 pp: ")
    assert "against a larger difference" in text


# the highest mean --------------------------------------------------------------------------------------------------


def answer(comparison: Comparison, *, complete: bool = True) -> str:
    runs = {one.name: () for one in comparison.methods}
    (statement,) = highest(comparison, runs, complete=complete)
    return plain(said(statement, locale("en")).text)


def test_better_than_every_other_names_the_corrections_of_both_families():
    text = answer(scripted(0.85, 0.95, 0.75))
    assert text.endswith(
        "m1 was better than every other method: full (after correction for 2 comparisons); m2 (after correction for 3 "
        "comparisons)."
    )
    assert "every other" not in answer(scripted(0.85, 0.95, 0.75), complete=False)
    assert "every other" not in answer(scripted(0.85, 0.95, 0.75, seeds=(41, 42)))


def test_a_negligible_lead_is_called_one():
    text = answer(scripted(0.857, 0.85, 0.75, seeds=(41, 42, 43, 44, 45)))
    assert "full was better than m2 (after correction for 2 comparisons)." in text
    assert "By less than the margin of 1.0 pp, full was ahead of m1 (after correction for 2 comparisons)." in text
    assert "every other" not in text


def test_who_shares_the_highest_mean_is_not_better_than_every_other():
    """Even where it was better on the seeds that both have."""
    full = contender("full", (41, 42, 43, 44, 45, 46), 198, 198, 198, 182, 182, 182)
    text = answer(held(full, contender("m1", SEEDS, 190, 190, 190)))
    assert text == (
        "full and m1 shared the highest mean accuracy on the test items: 0.950. full was better than m1 (after "
        "correction for 1 comparison)."
    )


def contender(name: str, seeds: tuple[int, ...], *right: int, items: int = 200) -> Contender:
    """A method with as many right answers as given, by seed, on the first items."""
    predicted = np.array([np.arange(items) >= number for number in right]).astype(int)
    return Contender(name, seeds, np.arange(items), np.zeros(items, dtype=int), predicted)


def held(*contenders: Contender, **changes) -> Comparison:
    settings = {"metric": "accuracy", "reference": "full", "alpha": 0.05, "margin": 0.01, "resamples": 0}
    return compare(contenders, **{**settings, **changes})


def test_a_pair_that_cannot_be_tested_is_said_to_be_and_no_every_other():
    comparison = held(
        contender("full", (41, 42, 43, 44, 45, 46), *[100] * 6), contender("m1", (41, 42, 43), 190, 190, 190),
        contender("m2", (44, 45, 46), 60, 60, 60),
    )  # fmt: skip
    assert len(comparable(comparison)) == 3
    text = answer(comparison)
    assert text.endswith(
        "m1 was better than full (after correction for 2 comparisons). m2 is not compared with m1: they have no seed "
        "in common."
    )


def test_the_order_on_common_seeds_is_said_where_it_is_another():
    comparison = held(contender("full", SEEDS, 160, 160, 199), contender("m1", SEEDS[:2], 172, 172))
    text = answer(comparison)
    assert text.startswith("full had the highest mean accuracy on the test items: 0.865 ")
    assert ". On shared seeds (seeds 41 and 42), m1 as trained here scored higher than full: +6.0 pp" in text
    assert "separate" not in text


# interval and verdict ----------------------------------------------------------------------------------------------


@functools.cache
def five_texts_apart() -> Comparison:
    """Two models that differ on five texts, all in favour of one: the t interval leaves out zero, p is .0625."""
    return held(contender("full", (41,), 400, items=500), contender("m1", (41,), 405, items=500), margin=0.001)


def test_where_nothing_was_corrected_nothing_fell_to_the_correction():
    comparison = five_texts_apart()
    (pair,) = comparison.against_reference
    assert pair.difference.low > 0
    assert pair.difference.p == pytest.approx(0.0625)
    (text,) = texts(bare(comparison), comparison, "reference")
    assert text.endswith(
        "The interval leaves out zero, but is approximate. An exact test of the texts on which the two differ does not "
        "follow it."
    )


def test_what_falls_to_the_correction_is_said_to():
    comparison = scripted(0.85, 0.85, seeds=(41,))
    (pair,) = comparison.against_reference
    found = dataclasses.replace(pair.difference, p=0.03, low=0.001, high=0.02)
    pair = dataclasses.replace(pair, difference=found, p_holm=0.06, verdict=Verdict.NOT_SETTLED)
    sentences = [plain(locale("en").say(one)) for one in pair_said("reference", pair, comparison)]
    assert sentences[1:] == ["The interval leaves out zero, but the difference does not outlast the correction."]
    pair = dataclasses.replace(pair, p_holm=0.03, verdict=Verdict.BETTER, difference=dataclasses.replace(found, low=-1))
    sentences = [plain(locale("en").say(one)) for one in pair_said("reference", pair, comparison)]
    assert sentences[1:] == [
        "The interval holds zero, but is approximate. An exact test of the texts on which the two differ leaves it out."
    ]


@pytest.mark.parametrize(("alpha", "level"), [(0.005, "99.5 %"), (0.025, "97.5 %"), (0.001, "99.9 %")])
def test_the_level_of_an_interval_is_printed_exactly(alpha, level):
    comparison = held(contender("full", SEEDS, 160, 160, 160), contender("m1", SEEDS, 150, 150, 150), alpha=alpha)
    (text,) = texts(bare(comparison), comparison, "reference")
    assert f"({level} interval [" in text
