"""The tables of what was searched for tuned methods."""

from __future__ import annotations

from dataclasses import replace

import sample
import tuned
from bakeoff.report.pages.links import named_runs
from bakeoff.report.tables.runs import sweep_table
from bakeoff.report.tables.search import search_table, tuned_table
from bakeoff.report.text.numbers import share
from bakeoff.study.frames import summary_values
from bakeoff.study.sweeps import searches, sweep_results

TESTED = {"full": (0.84, 0.74), "lora": (0.794, 0.80)}


def column(table, name):
    return [row[table.header.index(name)] for row in table.rows]


def test_price_and_find_of_each_search():
    table = search_table(tuned.study(TESTED)[0])
    assert column(table, "trials") == ["8", "8"]
    assert column(table, "search took") == ["17\N{NO-BREAK SPACE}min\n8.0 runs", "17\N{NO-BREAK SPACE}min\n8.0 runs"]
    assert column(table, "chosen") == ["learning_rate 9e-05", "learning_rate 0.00016"]
    assert column(table, "best on validation") == ["0.800", "0.800"]
    assert column(table, "expected of one trial")[0].startswith("0.789\n")
    assert column(table, "at an edge") == ["\N{EN DASH}"] * 2
    assert "without a result" not in table.header


def test_what_has_no_result_counts_as_a_trial():
    table = search_table(tuned.study(TESTED, lost=(2, 7))[0])
    assert column(table, "trials") == ["8", "8"]
    assert column(table, "without a result") == ["2", "2"]
    assert column(table, "search took") == ["\N{EN DASH}"] * 2, "a trial without a time"


def test_nothing_was_found_yet():
    table = search_table(tuned.study(TESTED, decided=False)[0])
    assert column(table, "chosen") == ["not yet", "not yet"]


def test_an_edge_is_named():
    table = search_table(tuned.study(TESTED, keys=("learning_rate", "rank"))[0])
    assert column(table, "at an edge") == ["rank", "rank"]


def test_tuned_and_declared_side_by_side():
    table = tuned_table(*tuned.study(TESTED))
    assert column(table, "declared") == ["learning_rate 5e-05"] * 2
    assert column(table, "validation, declared") == ["0.740", "0.800"]
    assert column(table, "test, tuned") == ["0.840", "0.794"]
    assert column(table, "gain on test")[0].startswith("+10.")
    assert column(table, "gain on test")[1].startswith("\N{MINUS SIGN}")
    assert column(table, "verdict") == ["better", "worse"]


def test_there_is_no_table_without_tuned_methods():
    found = sample.collection()
    assert search_table(found) is None
    assert tuned_table(found, sample.comparison(found, resamples=0)) is None


def test_what_halving_saved_is_told_and_a_picked_sample_is_none():
    table = search_table(tuned.halved(tuned.study(TESTED)[0]))
    assert column(table, "trials") == ["8", "8"]
    assert column(table, "trained whole") == ["2", "2"]
    spent = 4 * 1 + 2 * 2 + 2 * 4
    assert column(table, "epochs saved") == [share(1 - spent / 32)] * 2
    assert column(table, "expected of one trial") == ["\N{EN DASH}"] * 2
    assert column(table, "best on validation") == ["0.800", "0.800"]
    assert "no sample of all" in table.note
    assert "Halving" not in search_table(tuned.study(TESTED)[0]).note


def test_a_trial_that_was_stopped_is_marked():
    found = tuned.halved(tuned.study(TESTED)[0])
    (table, _) = (sweep_table(one) for one in sweep_results(found))
    marks = column(table, "choice")
    assert sorted(marks) == ["", "chosen", *["stopped after 1 of 4 epochs"] * 4, *["stopped after 2 of 4 epochs"] * 2]
    names = {name for name, _ in named_runs(found)}
    assert {"full (trial)", "full (trial, 1 of 4 epochs)", "full (trial, 2 of 4 epochs)"} <= names
    frame = summary_values(found, tuned.study(TESTED)[1]).set_index("method")
    assert frame.loc["full", ["trials", "trials_stopped"]].tolist() == [8, 6]
    assert frame.loc["full_default", "trials_stopped"] == 0


def test_a_search_by_halving_without_any_score_saved_nothing_that_can_be_told():
    """As where the metric is not defined on validation: the whole report ended in a division by zero."""
    (found, *_) = searches(tuned.halved(tuned.study(TESTED)[0]))
    assert found.saved is not None
    assert replace(found, tried=tuple(replace(one, score=None) for one in found.tried)).saved is None
