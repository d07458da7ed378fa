"""The card of an exported model: what hubs read in its head, and what people read below."""

from typing import Any

import pytest
from huggingface_hub import ModelCard

from bakeoff.export.card import model_card
from bakeoff.export.lookup import find_run
from bakeoff.runs.record import Record, Sweep
from kitchen import Kitchen


@pytest.fixture
def record(kitchen: Kitchen) -> Record:
    return find_run(kitchen.run("tfidf"), kitchen.workspace).record


def changed(record: Record, **inputs: Any) -> Record:
    """Return a record with other facts about its inputs; test: changes to those of the test texts."""
    splits = {**record.inputs.splits}
    splits["test"] = splits["test"].model_copy(update=inputs.pop("test", {}))
    return record.model_copy(update={"inputs": record.inputs.model_copy(update={"splits": splits, **inputs})})


def dataset(record: Record) -> dict[str, str]:
    """Return what the card's head says of the data."""
    card = model_card(record, form="model", checked=None, folder="x")
    found: dict[str, str] = ModelCard(card).data.to_dict()["model-index"][0]["results"][0]["dataset"]
    return found


def test_only_a_whole_test_split_is_called_one(record: Record) -> None:
    assert dataset(record) == {"name": "texts.csv", "type": "texts.csv"}, "drawn from all texts"
    own = {"source_split": "test", "source_n": 30}
    assert dataset(changed(record, test=own))["split"] == "test"
    assert "split" not in dataset(changed(record, test={**own, "source_n": 2000}))
    assert "split" not in dataset(changed(record, test=own, dropped={"no label": 1}))
    assert dataset(changed(record, test=own, dropped={"split unsupervised": 9}))["split"] == "test"


def test_a_hub_data_set_is_named_as_hubs_name_it(record: Record) -> None:
    named = "dair-ai/emotion@main, configuration unsplit"
    assert dataset(changed(record, data_id=named, data_revision="0" * 40)) == {
        "name": named,
        "type": "dair-ai/emotion",
        "config": "unsplit",
        "revision": "0" * 40,
    }
    assert dataset(changed(record, data_id="data/emotion"))["type"] == "data/emotion", "a folder"


def sweep(record: Record, scores: dict[str, float]) -> str:
    found = Sweep(
        metric="macro_f1",
        grid={"rank": (2, 4, 8)},
        chosen={"rank": 4},
        validation=scores,
        at_edge=(),
        trials=("a", "b", "c"),
    )
    card = model_card(record.model_copy(update={"sweep": found}), form="model", checked=None, folder="x")
    (line,) = [line for line in card.splitlines() if "chosen on validation" in line]
    return line


def test_trials_without_a_result_are_not_among_those_chosen_from(record: Record) -> None:
    assert sweep(record, {"rank=2": 0.5, "rank=4": 0.6, "rank=8": 0.55}).endswith("among 3 trials: rank 4")
    told = sweep(record, {"rank=4": 0.6, "rank=8": 0.6})
    assert told.endswith("among 2 trials (1 more ended without a result): rank 4; rank=8 gave the same macro-F1")
    assert "among 1 trial (2 more" in sweep(record, {"rank=4": 0.6})


def test_a_folder_with_a_quote_in_its_name_is_spelled_as_python_reads_it(record: Record) -> None:
    card = model_card(record, form="own", checked=None, folder='my "best" one')
    code = card.split("```python\n")[1].split("```")[0]
    compile(code, "card", "exec")
    assert r'Path("my \"best\" one")' in code


@pytest.mark.parametrize("name", ["yes: no", "- a\n---\nb", "\U0001f600", "#1 `x`", "1. <b>"])
def test_names_of_all_kinds_leave_the_head_whole(record: Record, name: str) -> None:
    named = changed(record, data_id=name, label_names=(name, *record.inputs.label_names[1:]))
    assert dataset(named)["name"] == name
    card = ModelCard(model_card(named, form="model", checked=None, folder="x"))
    assert card.data.tags == ["bakeoff", "tfidf"]
    assert "\n---\n" not in card.text
