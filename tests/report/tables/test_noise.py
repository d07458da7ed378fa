"""Seed noise and test-set noise of each method, apart, and what they leave of its difference to the reference."""

import numpy as np
import pytest

import sample
from bakeoff.report.tables.pairs import noise_table
from bakeoff.report.text.numbers import gap
from bakeoff.stats.difference import seed_noise_interval
from columns import column

DASH = "\N{EN DASH}"


@pytest.fixture(scope="module")
def found():
    collection = sample.collection(failing={"prefix": (42,)}, missing=("mamba",))
    return collection, sample.comparison(collection)


def spaced(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_both_noises_are_those_of_the_predictions(found) -> None:
    table = noise_table(*found)
    hits = np.stack([sample.predictions("full", seed) == sample.gold() for seed in (41, 42, 43)])
    between = np.std(hits.mean(axis=1), ddof=1)
    texts = np.std(hits.mean(axis=0), ddof=1) / np.sqrt(sample.TEST)
    low, high = seed_noise_interval(between, 3)
    assert column(table, "between seeds")["full"].startswith(spaced(f"{gap(between)}\n"))
    assert (low / between, high / between) == pytest.approx((0.52, 6.28), abs=0.01)
    assert "its 95\N{NO-BREAK SPACE}% interval (chi-square)" in table.note
    assert column(table, "test texts")["full"] == spaced(gap(texts))
    low, high = sorted(hits.mean(axis=1))[:: len(hits) - 1]
    assert column(table, "accuracy by seed")["full"] == f"{low:.3f}{DASH}{high:.3f}"


def test_a_method_that_no_seed_changes_has_test_set_noise_alone(found) -> None:
    table = noise_table(*found)
    assert column(table, "seeds")["tfidf"] == "any"
    assert column(table, "between seeds")["tfidf"] == DASH
    assert column(table, "test texts")["tfidf"] == "0.9 pp"


def test_half_width_and_detectable_gap_are_those_of_the_difference(found) -> None:
    collection, comparison = found
    table = noise_table(collection, comparison)
    pair = next(pair for pair in comparison.against_reference if pair.first == "lora")
    difference = pair.difference
    assert column(table, "half-width")["lora"] == spaced(gap(difference.half_width))
    assert column(table, "detectable gap")["lora"] == spaced(gap(difference.detectable(comparisons=pair.comparisons)))
    assert column(table, "half-width")["full"] == DASH
    assert "with a chance of 80\N{NO-BREAK SPACE}%" in table.note
    assert "mamba (from scratch)" not in column(table, "seeds")


def test_one_seed_still_shows_the_noise_of_the_test_texts() -> None:
    collection = sample.collection((41,))
    table = noise_table(collection, sample.comparison(collection))
    assert column(table, "between seeds")["full"] == DASH
    assert column(table, "test texts")["full"].endswith(" pp")
    assert "With fewer than 3 seeds in common, the choice of test texts alone is counted." in table.note


def test_without_the_reference_there_is_nothing_about_differences() -> None:
    collection = sample.collection(missing=("full",))
    table = noise_table(collection, sample.comparison(collection))
    assert table.header[1:] == ["seeds", "accuracy by seed", "between seeds", "test texts"]
    assert "Detectable" not in table.note


def test_without_results_there_is_no_table() -> None:
    assert noise_table(sample.empty(), sample.comparison(sample.empty())) is None
