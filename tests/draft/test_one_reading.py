"""What `bakeoff new` sees in a file is what `bakeoff run` reads from it, whatever stands in the file."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bakeoff.data.sources import locate_data
from bakeoff.data.splits import load_splits
from bakeoff.draft.file import Wish
from bakeoff.draft.new import new_experiment
from bakeoff.errors import InputError
from bakeoff.experiment.load import load_experiment
from bakeoff.system.workspace import Workspace

WRITTEN = [
    "007",
    "7",
    "7.0",
    "1.1",
    "1.10",
    "0101",
    "1E5",
    "100000",
    "true",
    "True",
    "no",
    "null",
    "NA",
    "~",
    "1:30",
    "é",
]
VALUES = [1, "1", 2, 2.5, True, "true", "x", 1e5, "100000", None]


def classes_of_draft(root: Path, name: str, **wish: Any) -> tuple[set[str], set[str]]:
    """Return the classes that were seen in a file, and those that a run has."""
    workspace = Workspace(root)
    done = new_experiment(Wish("mine", name, model="models/tiny", calibration=False, force=True, **wish), workspace)
    data = load_experiment(done.file).data
    splits = load_splits(data, locate_data(data.source, workspace=workspace))
    return set(done.survey.classes.counts), set(splits.label_names)


@st.composite
def tables(draw: st.DrawFn, values: list[Any]) -> tuple[str, list[Any], list[int]]:
    chosen = draw(st.lists(st.sampled_from(values), min_size=2, max_size=5, unique_by=repr))
    counts = draw(st.lists(st.integers(3, 30), min_size=len(chosen), max_size=len(chosen)))
    return draw(st.sampled_from(["topic", "label", "score", "code no. 1"])), chosen, counts


SMALL = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SMALL
@given(tables(WRITTEN))
def test_the_classes_of_a_csv_file_are_as_written_in_draft_and_run(root: Path, table: Any) -> None:
    column, values, counts = table
    labels = [value for value, n in zip(values, counts, strict=True) for _ in range(n)]
    texts = [f"a few words of number {row} that are a text" for row in range(len(labels))]
    pd.DataFrame({column: labels, "text": texts}).to_csv(root / "a.csv", index=False)
    check(root, "a.csv", column)


@SMALL
@given(tables(VALUES))
def test_the_classes_of_a_jsonl_file_are_the_same_in_draft_and_run(root: Path, table: Any) -> None:
    column, values, counts = table
    labels = [value for value, n in zip(values, counts, strict=True) for _ in range(n)]
    rows = [{column: label, "text": f"a few words of number {row} as a text"} for row, label in enumerate(labels)]
    (root / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    check(root, "a.jsonl", column)


def check(root: Path, name: str, column: str) -> None:
    try:
        classes = classes_of_draft(root, name, text=("text",), label=column)
    except InputError as error:
        refused = str(error)
    else:
        assert classes[0] == classes[1]
        return
    assert refused.startswith(("--label: ", "--data: ")), "a refusal is of what was asked for, not of the draft"


@pytest.mark.parametrize("values", [["007", "7"], ["1.1", "1.10", "1.2"], ["0101", "0102"], ["1E5", "100000"]])
def test_codes_are_classes_as_they_are_written(root: Path, values: list[str]) -> None:
    rows = "".join(f"some words in row {row},{values[row % len(values)]}\n" for row in range(90))
    (root / "a.csv").write_text(f"text,section\n{rows}rare one,0999\n", encoding="utf-8")
    assert classes_of_draft(root, "a.csv") == (set(values), set(values))


def test_numbers_and_words_of_json_are_refused_by_both(root: Path) -> None:
    rows = [
        json.dumps({"text": f"some words in row {n}", "label": 1 if n % 3 else "1" if n % 2 else 2}) for n in range(90)
    ]
    (root / "a.jsonl").write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"^--label: column 'label' holds 1 and '1', two values that would be one class"
    ):
        classes_of_draft(root, "a.jsonl")
