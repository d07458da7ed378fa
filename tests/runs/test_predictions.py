"""Predictions as reports read them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import sample
from bakeoff.runs.predictions import read_logits, scores_of
from bakeoff.system.workspace import RunFolder


def kept(folder: RunFolder, logits: list[list[float] | None]) -> RunFolder:
    """Write predictions of a validation text and of some test texts, the last id first."""
    folder.path.mkdir(parents=True, exist_ok=True)
    ids = [f"t{number}" for number in reversed(range(len(logits)))]
    frame = pd.DataFrame({"split": ["validation", *["test"] * len(ids)], "item_id": ["v", *ids]})
    frame.assign(logits=[[9.0, 9.0], *logits]).to_parquet(folder.predictions, index=False)
    return folder


def test_logits_are_those_of_the_test_by_item_id(tmp_path: Path) -> None:
    record = sample.record("full", seed=1)
    found = read_logits(record, kept(RunFolder(tmp_path / "whole"), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    assert np.array_equal(found, [[5.0, 6.0], [3.0, 4.0], [1.0, 2.0]])


def test_logits_of_other_lengths_are_none(tmp_path: Path) -> None:
    """Four numbers of two texts, as many as two rows of two have: they are not moved from one text to the next."""
    record = sample.record("full", seed=1)
    for name, uneven in {"uneven": [[1.0], [2.0, 3.0, 4.0]], "missing": [[1.0, 2.0], None]}.items():
        assert read_logits(record, kept(RunFolder(tmp_path / name), uneven)) is None


@pytest.mark.parametrize("logits", [None, [1.0, 2.0], ["a", "b"], [[1.0], [2.0, 3.0]], [[], []]])
def test_what_is_no_row_of_numbers_for_each_text_is_no_scores(logits: list[object] | None) -> None:
    """A file of a record without hashes may hold anything."""
    columns = {"gold": [0, 1], **({"logits": logits} if logits else {})}
    assert scores_of(pa.table(columns)) is None
    assert np.array_equal(scores_of(pa.table({"logits": [[1.0, 2.0], [3.0, 4.0]]})), [[1, 2], [3, 4]])
