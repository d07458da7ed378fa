"""Texts on which two methods part: counted by hand, picked by the stated rule, shown with or without their texts."""

import dataclasses

import numpy as np
import pytest

import sample
from bakeoff.report.tables.flips import flips_statement, flips_table
from bakeoff.stats.inputs import Contender
from bakeoff.study.flips import Side, choose_pair, flips
from prose import replaced, spoken

GOLD = np.array([0, 0, 1, 1, 0, 1])
A = np.array([[0, 0, 1, 0, 0, 1], [0, 0, 1, 0, 1, 1], [0, 0, 0, 0, 1, 1]])
B = np.array([[0, 1, 0, 0, 0, 1], [0, 1, 0, 0, 0, 1], [0, 1, 0, 0, 0, 0]])
NAMES = ("full", "lora")
CLASSES = ("negative", "positive")


def side(predicted, sure: float = 0.9) -> Side:
    contender = Contender("x", (1, 2, 3), np.array(list("abcdef")), GOLD, predicted)
    chances = np.where(np.arange(2) == predicted[:, :, None], sure, 1 - sure)
    return Side(contender, chances)


def test_items_are_counted_by_the_majority_of_runs() -> None:
    found = flips(side(A), side(B))
    # a: both; b: only the first; c: only the first (2 of 3); d: neither; e: only the second; f: both
    assert (found.both, found.first_only, found.second_only, found.neither) == (2, 2, 1, 1)
    (text,) = spoken([flips_statement(found, NAMES, ())])
    assert text.startswith(
        "Of 6 test texts: 2 right with both full and lora, 2 only with full, 1 only with lora, 1 with neither."
    )


def test_the_most_agreed_come_first_and_answers_have_votes_and_confidence() -> None:
    found = flips(side(A), side(B))
    assert [one.item_id for one in found.first_right] == ["b", "c"]
    certain, torn = found.first_right
    assert (certain.first.given, certain.first.votes, certain.second.given, certain.second.votes) == (0, 3, 1, 3)
    assert (torn.first.given, torn.first.votes, torn.first.runs) == (1, 2, 3)
    assert torn.first.confidence == pytest.approx((0.9 + 0.9 + 0.1) / 3)
    (other,) = found.second_right
    assert (other.item_id, other.first.given, other.first.votes, other.second.given) == ("e", 1, 2, 0)


def test_texts_are_shown_escaped_and_cut(hostile) -> None:
    found = flips(side(A), side(B))
    known = {"b": hostile, "c": "long " * 100}
    table = flips_table(found.first_right, NAMES, right="full", classes=CLASSES, texts=known)
    assert table.header == ["text", "labelled", "full says", "lora says"]
    assert table.rows[0][1:] == ("negative", "negative\n0.900, 3 of 3", "positive\n0.900, 3 of 3")
    assert len(table.rows[1][0]) <= 160
    assert table.caption == "Test texts that full gets right and lora wrong."
    assert "<script>" not in table._repr_mimebundle_()["text/html"]
    assert "not at hand" not in table.note


def test_without_texts_or_probabilities_ids_and_votes_remain() -> None:
    bare = [dataclasses.replace(side(predicted), chances=None) for predicted in (A, B)]
    table = flips_table(flips(*bare).first_right, NAMES, right="full", classes=CLASSES, texts={})
    assert table.header[0] == "item"
    assert table.rows[0] == ("b", "negative", "negative\n3 of 3", "positive\n3 of 3")
    assert "The texts are not at hand" in table.note
    assert flips_table((), NAMES, right="full", classes=CLASSES, texts={}) is None


def test_the_pair_is_the_reference_and_the_best_other_candidate() -> None:
    found = sample.collection()
    comparison = sample.comparison(found, resamples=0)
    assert choose_pair(found, comparison) == ("full", "lora")
    assert choose_pair(found, dataclasses.replace(comparison, metric="mean_absolute_error")) == ("full", "mamba")
    few = sample.collection(missing=tuple(name for name in sample.FACTS if name not in ("full", "tfidf")))
    assert choose_pair(few, sample.comparison(few, resamples=0)) == ("full", "tfidf")
    gone = sample.collection(missing=("full",))
    assert choose_pair(gone, sample.comparison(gone, resamples=0)) is None
    inputs = sample.inputs("lora", CLASSES).model_copy(update={"comparability_sha256": "other"})
    apart = replaced(found, "lora", inputs=inputs)
    assert choose_pair(apart, sample.comparison(apart, resamples=0)) == ("full", "prefix")
