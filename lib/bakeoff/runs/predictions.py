"""A run's predictions on disk: written by its kernel, read by reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.parquet import ParquetFile

from bakeoff.errors import RecordError
from bakeoff.metrics.classification import metric_named, probabilities
from bakeoff.runs.files import check_predictions
from bakeoff.runs.record import Record
from bakeoff.system.message import Message
from bakeoff.system.workspace import RunFolder

if TYPE_CHECKING:
    from bakeoff.data.splits import Splits

__all__ = [
    "GROUP_COLUMN",
    "SCORES_COLUMN",
    "WHOLE_GROUPS",
    "read_chances",
    "read_logits",
    "read_predictions",
    "read_scored",
    "read_split_logits",
    "read_test",
    "scores_of",
    "with_more_metrics",
    "write_predictions",
]


GROUP_COLUMN = "group"
SCORES_COLUMN = "logits"
WHOLE_GROUPS = pa.Schema.from_pandas(pd.DataFrame({GROUP_COLUMN: pd.array([], "Int32")}), preserve_index=False).metadata
"""By which pandas reads group numbers as whole ones where some are missing."""
_TEST = pa.schema(
    {"item_id": pa.string(), "gold": pa.int64(), "predicted": pa.int64(), GROUP_COLUMN: pa.int32()}, WHOLE_GROUPS
)
"""Whatever version of bakeoff has written a file."""
_ROUNDING = 1e-9


def read_predictions(record: Record, folder: RunFolder) -> pd.DataFrame:
    """Return item_id, gold, predicted and group of a run's test texts, by item id; group is NA where there is none.

    Raises RecordError where the file is missing, unreadable, or not what the record tells of.
    """
    frame: pd.DataFrame = read_test(record, folder).to_pandas()
    return frame


def read_test(record: Record, folder: RunFolder, *, scored: bool = False) -> pa.Table:
    """Return what `read_predictions` does as columns of Arrow, which many runs are read by in a third of the time.

    scored: with the logits (C,) of each text, where the run kept them
    """
    check_predictions(record, folder)
    try:
        with ParquetFile(folder.predictions) as file:
            names = set(file.schema_arrow.names)
            wanted = [GROUP_COLUMN, *([SCORES_COLUMN] if scored else [])]  # neither is in every file
            read = _test_of(file.read(columns=["split", *_TEST.names[:-1], *names.intersection(wanted)]))
        if GROUP_COLUMN not in names:
            read = read.append_column(GROUP_COLUMN, pa.nulls(len(read), pa.int32()))
        test = read.select(_TEST.names).cast(_TEST)
        found = pc.mean(pc.equal(test["gold"], test["predicted"])).as_py()
        if scored and SCORES_COLUMN in names:
            test = test.append_column(SCORES_COLUMN, read[SCORES_COLUMN])
    except Exception as error:  # whatever is wrong inside the file, its run alone is left out
        raise RecordError(
            folder.predictions, Message("unreadable predictions ({error})", error=type(error).__name__)
        ) from error
    told = record.test.metrics.get("accuracy") if record.test else None
    if found is None or told is None or abs(found - told) > _ROUNDING:
        raise RecordError(folder.predictions, Message("predictions that do not give the accuracy of the record"))
    return test


def read_logits(record: Record, folder: RunFolder) -> npt.NDArray[np.floating[Any]] | None:
    """Return the logits (N, C) of a run's test texts, by item id; None where it kept none."""
    try:
        test = _test_of(_columns(folder, "split", "item_id", SCORES_COLUMN))
        return _rows_of(test[SCORES_COLUMN]) if record.test and len(test) else None
    except Exception:  # noqa: BLE001  no such column, or a file that `read_predictions` has refused already
        return None


def _columns(folder: RunFolder, *names: str) -> pa.Table:
    """Read some columns; without what `read_table` does for folders of files, which takes as long again.

    Raises KeyError where one is not there.
    """
    with ParquetFile(folder.predictions) as file:
        return file.read(columns=list(names)).select(names)


def _test_of(table: pa.Table) -> pa.Table:
    """Return the rows of the test, by item id."""
    return table.filter(pc.equal(table["split"], "test")).sort_by("item_id")


def _rows_of(lists: pa.ChunkedArray) -> npt.NDArray[np.floating[Any]]:
    """Return a column of lists as rows (N, C), without a Python object for each; ValueError for other lengths."""
    wide = pc.unique(pc.list_value_length(lists)).to_pylist()
    if len(wide) != 1 or not wide[0]:
        raise ValueError(f"lists of {wide} numbers")
    numbers: npt.NDArray[np.floating[Any]] = pc.list_flatten(lists).to_numpy()
    return numbers.reshape(len(lists), wide[0])


def scores_of(test: pa.Table) -> npt.NDArray[np.floating[Any]] | None:
    """Return the logits (N, C) among columns that `read_test` gave; None without any, or not as many for each text."""
    try:
        return _rows_of(test[SCORES_COLUMN])
    except (KeyError, ValueError, NotImplementedError):  # the last of Arrow's, for what is no column of lists
        return None


def read_scored(folder: RunFolder) -> dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.floating[Any]]]]:
    """Return gold (N,) and logits (N, C) of each split a run predicted, by item id; nothing where it kept no logits."""
    try:
        table = _columns(folder, "split", "item_id", "gold", SCORES_COLUMN).sort_by("item_id")
        splits = pc.unique(table["split"]).to_pylist()
        parts = {str(split): table.filter(pc.equal(table["split"], split)) for split in splits}
        return {split: (part["gold"].to_numpy(), _rows_of(part[SCORES_COLUMN])) for split, part in parts.items()}
    except Exception:  # noqa: BLE001  no such column, or a file that `read_predictions` has refused already
        return {}


def read_split_logits(folder: RunFolder) -> dict[str, npt.NDArray[np.float32]]:
    """Return the logits (N, C) of each split a run predicted, in the split's order.

    Where it kept none, the answer has one and all other classes have zero.
    """
    frame = pd.read_parquet(folder.predictions)
    if "logits" not in frame:
        shown = np.eye(1 + int(frame[["gold", "predicted"]].to_numpy().max()), dtype=np.float32)
        frame["logits"] = list(shown[frame["predicted"].to_numpy()])
    return {str(split): np.stack(part["logits"].tolist()) for split, part in frame.groupby("split", sort=False)}


def read_chances(record: Record, folder: RunFolder) -> npt.NDArray[np.float64] | None:
    """Return the probabilities (N, C) a run gave the classes of its test texts, by item id; None where it kept none."""
    logits = read_logits(record, folder)
    return None if logits is None else probabilities(logits)


def with_more_metrics(record: Record, runs: Path, metrics: Sequence[str]) -> Record:
    """Return a record with metrics that no run records, computed from its predictions.

    runs: the folder of the experiment's runs. A record stays as it is without predictions; a metric that is not defined
    is left out.
    """
    if not metrics or record.status != "ok":
        return record
    try:
        frame = pd.read_parquet(runs / record.run_id / RunFolder(runs).predictions.name)
    except Exception:  # noqa: BLE001  whatever is wrong with the file is said where predictions are compared
        return record
    found = {}
    for split in ("validation", "test"):
        quality, part = getattr(record, split), frame[frame["split"] == split]
        if quality is not None and len(part):
            found[split] = quality.model_copy(update={"metrics": {**quality.metrics, **_scores(part, metrics)}})
    return record.model_copy(update=found)


def _scores(part: pd.DataFrame, metrics: Sequence[str]) -> dict[str, float]:
    """Return those of `metrics` that the predictions of one split define."""
    given: dict[bool, Any] = {False: part["predicted"].to_numpy()}
    if "logits" in part:
        given[True] = np.stack(part["logits"].tolist())
    rows = [row for row in map(metric_named, metrics) if row.needs_logits in given]
    found = {row.name: row(part["gold"].to_numpy(), given[row.needs_logits]) for row in rows}
    return {name: value for name, value in found.items() if not np.isnan(value)}


Logits = Mapping[str, npt.NDArray[np.float32]]


def write_predictions(logits: Logits, splits: Splits, file: Path, *, scored: bool = True) -> None:
    """Write one row per predicted text: split, item_id, gold, predicted, logits (C,) where `scored`, group.

    Rows of one split with the same group number were kept together by the split; no numbers where it knows no groups.
    """
    parts = []
    for split, values in logits.items():
        frame, groups = splits[split], splits.groups.get(split)
        parts.append(
            pd.DataFrame(
                {
                    "split": split,
                    "item_id": frame["item_id"].to_numpy(),
                    "gold": frame["label"].to_numpy(),
                    "predicted": values.argmax(axis=1),
                    **({"logits": list(values)} if scored else {}),
                    "group": pd.array([pd.NA] * len(frame) if groups is None else pd.factorize(groups)[0], "Int32"),
                }
            )
        )
    pd.concat(parts, ignore_index=True).to_parquet(file, index=False)
