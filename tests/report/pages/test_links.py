"""The runs behind a paragraph, by method, and the rows they lead to."""

import pytest

import sample
from bakeoff.report.pages.links import anchor_of, basis, named_runs
from bakeoff.report.tables import runs as tables


@pytest.fixture(scope="module")
def collection():
    return sample.collection(failing={"prefix": (42,)})


def ids(collection, *names: str) -> list[str]:
    return [run.run_id for row in collection.rows if row.name in names for run in row.records]


def test_runs_are_gathered_by_method_and_told_apart_by_seed(collection) -> None:
    found = basis(ids(collection, "full", "tfidf"), collection)
    assert (found.text, found.every) == ("4 runs", False)
    assert {one.name: [link.text for link in one.links] for one in found.sources} == {
        "tfidf": ["one run"],
        "full": ["seed 41", "seed 42", "seed 43"],
    }


def test_all_runs_of_the_comparison_are_called_so(collection) -> None:
    assert basis(ids(collection, *sample.FACTS), collection).every
    assert not basis(ids(collection, *sample.FACTS)[1:], collection).every


def test_a_run_named_twice_counts_once(collection) -> None:
    assert basis(2 * ids(collection, "full"), collection).text == "3 runs"


def test_trials_are_told_apart_by_what_was_tried(collection) -> None:
    (source,) = basis([run.run_id for run in collection.sweeps["lora"]], collection).sources
    assert source.name == "lora (trial)"
    assert [link.text for link in source.links] == ["rank=2", "rank=4", "rank=8", "rank=16"]


def test_a_run_that_is_not_in_the_report_has_no_link(collection) -> None:
    (source,) = basis(["lora-s41-ffffffff"], collection).sources
    assert [(link.text, link.anchor) for link in source.links] == [("lora-s41-ffffffff", None)]


def test_nothing_rests_on_no_run(collection) -> None:
    assert basis([], collection) is None


def test_every_run_has_a_row_to_lead_to(collection) -> None:
    shown = (tables.runs_table(collection), tables.failures_table(collection))
    anchors = [anchor for table in shown for anchor in table.anchors.rows]
    assert sorted(anchors) == sorted(anchor_of(run.run_id) for _, run in named_runs(collection))
    assert len(anchors) == len(set(anchors))
