"""What a reader can look up: bounded, for every two methods, with right numbers."""

import dataclasses
import html
import json
import re

import numpy as np
import pytest

from bakeoff.report.mistakes.explorer import parted_texts, threshold
from bakeoff.stats.inputs import Contender

N = 900


def contender(name: str, predicted) -> Contender:
    given = np.atleast_2d(predicted)
    return Contender(
        name=name, seeds=tuple(range(len(given))), item_ids=np.array([f"{place:04d}" for place in range(N)]),
        gold=np.arange(N) % 2, predicted=given, trained=True, deterministic=False, declared=len(given),
        comparability="same",
    )  # fmt: skip


def data(explorer):
    shown = explorer._repr_mimebundle_()
    assert shown["text/x-typst"] == ""
    return json.loads(html.unescape(re.search(r'data-\w+="([^"]*)"', shown["text/html"])[1]))


def test_every_two_methods_have_texts_and_the_page_stays_small() -> None:
    rng = np.random.default_rng(3)
    truth = np.arange(N) % 2
    found = [contender(f"m{k}", np.where(rng.random(N) < 0.02 * (k + 1), 1 - truth, truth)) for k in range(6)]
    texts = dict.fromkeys(found[0].item_ids, "<b>word</b> " * 400)
    told = data(parted_texts(found, {}, classes=("a", "b"), texts=texts))
    assert len(told["texts"]) <= 300
    assert sum(len(text) for text, *_ in told["texts"]) <= 200_000
    for a in range(6):
        for b in range(a):
            assert any(given[a] != given[b] for _, _, given, _ in told["texts"]), (a, b)
    assert all(len(set(given)) > 1 for _, _, given, _ in told["texts"])


def test_methods_that_never_part_or_had_other_texts_show_nothing() -> None:
    same = contender("one", np.arange(N) % 2)
    assert parted_texts([same, contender("two", np.arange(N) % 2)], {}, classes=("a", "b"), texts={}) is None
    assert parted_texts([same], {}, classes=("a", "b"), texts={}) is None


def test_the_best_and_the_next_that_parts_from_it_are_opened_first() -> None:
    truth = np.arange(N) % 2
    wrong, other = truth.copy(), truth.copy()
    wrong[5], other[6] = 0, 1
    found = [contender(name, given) for name, given in zip("abcd", (wrong, wrong, other, truth), strict=True)]
    told = data(parted_texts(found, {}, classes=("a", "b"), texts={}))
    assert [told["names"][place] for place in told["open"]] == ["a", "c"]


def test_a_method_that_had_other_texts_leaves_the_others_together() -> None:
    truth = np.arange(N) % 2
    alone = dataclasses.replace(contender("alone", truth), comparability="other texts")
    others = [contender(name, np.roll(truth, by)) for by, name in enumerate("ab")]
    assert data(parted_texts([alone, *others], {}, classes=("a", "b"), texts={}))["names"] == ["a", "b"]


def test_a_text_has_the_class_of_most_runs_and_its_mean_probability() -> None:
    truth = np.arange(N) % 2
    other = truth.copy()
    other[7] = 0
    one = contender("one", [truth, truth, other])
    two = contender("two", [other, other, truth])
    chances = {"one": np.full((3, N, 2), 0.5), "two": None}
    chances["one"][:, 7] = [[0.1, 0.9], [0.2, 0.8], [0.6, 0.4]]
    ((text, gold, given, sure),) = data(parted_texts([one, two], chances, classes=("a", "b"), texts={}))["texts"]
    assert (text, gold, given, sure) == ("0007", 1, [1, 0], [70, None])


@pytest.mark.parametrize("at", [0, 30, 50, 99, 100])
def test_counts_by_probability_give_what_a_threshold_gives(at) -> None:
    rng = np.random.default_rng(at)
    high = np.round(rng.random((2, N)), 3)
    one = contender("one", (high >= 0.5).astype(int))
    told = data(threshold([one], {"one": np.stack([1 - high, high], axis=2)}, classes=("a", "b")))
    own, others = told["counts"][0][1]
    assert sum(own) + sum(others) == 2 * N
    gold = np.tile(np.arange(N) % 2, (2, 1))
    given = high >= at / 100
    assert sum(own[at:]) == int((given & (gold == 1)).sum())
    assert sum(others[at:]) == int((given & (gold == 0)).sum())
    assert threshold([one], {"one": None}, classes=("a", "b")) is None
    assert threshold([one], {"one": np.ones((2, N, 3))}, classes=("a", "b", "c")) is None
