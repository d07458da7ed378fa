"""All records and all predictions of a study as two flat tables, for other programs; units in the names of columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.parquet import write_table

from bakeoff.errors import RecordError
from bakeoff.metrics.classification import probabilities
from bakeoff.runs.predictions import GROUP_COLUMN, WHOLE_GROUPS, read_test, scores_of
from bakeoff.runs.record import Record
from bakeoff.study.collect import Collection, Row
from bakeoff.system.atomic import atomic_path
from bakeoff.system.workspace import Workspace

__all__ = ["predictions_table", "records_frame", "write_parquet"]


_TRAINING = (
    "epochs", "steps", "samples_seen", "tokens_real", "truncated_share", "effective_batch", "max_length", "dtype",
    "pooling", "converged",
)  # fmt: skip
_INPUTS = ("data_id", "data_sha256", "model_id", "base_weights_sha256", "max_length", "comparability_sha256")
_MACHINE = ("python", "cpu_model", "logical_cores", "device", "device_name", "finished_at")


def records_frame(collection: Collection) -> pd.DataFrame:
    """Return one row per run that a report knows: compared, failed, additional, trial of a search.

    part: compared, additional or trial; `test_*`, `validation_*`: metrics (fractions); `param_*`: hyperparameters, as
    JSON where their kinds differ from run to run
    """
    rows = [_record(name, part, run) for name, part, run in _runs(collection)]
    names = dict.fromkeys(name for row in rows for name in row)
    return pd.DataFrame({name: _one_kind([row.get(name) for row in rows]) for name in names})


def _runs(collection: Collection) -> Iterator[tuple[str, str, Record]]:
    for part, rows in (("compared", collection.rows), ("additional", collection.additional)):
        yield from ((row.name, part, run) for row in rows for run in (*row.records, *row.failures))
    yield from ((name, "trial", run) for name, trials in collection.sweeps.items() for run in trials)


def _record(name: str, part: str, run: Record) -> dict[str, Any]:
    scores = {
        f"{split}_{metric}": value
        for split, quality in (("test", run.test), ("validation", run.validation))
        for metric, value in (quality.metrics if quality else {}).items()
    }
    return {
        "method": name, "part": part, "run_id": run.run_id, "kind": run.kind, "role": run.role, "seed": run.seed,
        "status": run.status, "error": f"{run.error.type}: {run.error.message}" if run.error else None,
        "trained": run.trained, "deterministic": run.deterministic,
        **scores,
        **(run.cost.model_dump() if run.cost else {}),
        **({key: getattr(run.training, key, None) for key in _TRAINING} if run.training else {}),
        **({key: getattr(run.inputs, key) for key in _INPUTS} if run.inputs else {}),
        **{key: run.environment.get(key) for key in _MACHINE},
        "command": run.command,
        **{f"param_{key}": value for key, value in run.params.items()},
    }  # fmt: skip


def _one_kind(column: Sequence[Any]) -> pd.Series[Any]:
    """Return a column that one type holds: numbers, booleans or texts; JSON where values are of several kinds."""
    known = [value for value in column if not _missing(value)]
    for kind, dtype in ((bool, "boolean"), (int, "Int64"), (float, "Float64"), (str, "string")):
        if all(type(value) is kind or (kind is float and type(value) is int) for value in known):
            return pd.Series([None if _missing(value) else value for value in column], dtype=dtype)
    return pd.Series([None if _missing(value) else json.dumps(value) for value in column], dtype="string")


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


_PREDICTED = pa.schema(
    {
        "method": pa.string(), "run_id": pa.string(), "seed": pa.int64(), "item_id": pa.string(), "gold": pa.string(),
        "predicted": pa.string(), "right": pa.bool_(), "confidence": pa.float64(),
        "probabilities": pa.list_(pa.float32()), GROUP_COLUMN: pa.int32(),
    },
    WHOLE_GROUPS,
)  # fmt: skip


def predictions_table(collection: Collection, workspace: Workspace) -> pa.Table:
    """Return one row per run and test text: gold and predicted class by name, probabilities (C,), group; no texts.

    confidence: the probability of the predicted class; both are missing where a run kept no scores
    """
    rows: Iterable[Row] = (*collection.rows, *collection.additional)
    found = [_predicted(row, run, workspace) for row in rows for run in row.records]
    return pa.concat_tables([table for table in found if table is not None] or [_PREDICTED.empty_table()])


def _predicted(row: Row, run: Record, workspace: Workspace) -> pa.Table | None:
    folder = workspace.run_folder(run.experiment, run.run_id)
    try:
        test = read_test(run, folder, scored=True)
    except RecordError:  # an additional run, which is in no comparison, or one whose file has gone meanwhile
        return None
    names = pa.array(run.inputs.label_names if run.inputs else (), pa.string())
    columns: Mapping[str, Any] = {
        "method": pa.repeat(row.name, len(test)),
        "run_id": pa.repeat(run.run_id, len(test)),
        "seed": pa.repeat(run.seed, len(test)),
        "item_id": test["item_id"],
        "gold": names.take(test["gold"].combine_chunks()),
        "predicted": names.take(test["predicted"].combine_chunks()),
        "right": pc.equal(test["gold"], test["predicted"]),
        **_chances(test),
        GROUP_COLUMN: test[GROUP_COLUMN],
    }
    return pa.table(columns, schema=_PREDICTED)


def _chances(test: pa.Table) -> dict[str, pa.Array]:
    """Return confidence and probabilities of predictions, missing where they hold no scores."""
    logits = scores_of(test)
    if logits is None:
        return {name: pa.nulls(len(test), _PREDICTED.field(name).type) for name in ("confidence", "probabilities")}
    chances = probabilities(logits)
    texts, classes = chances.shape
    ends = pa.array(np.arange(0, texts * classes + 1, classes, dtype=np.int32))
    return {
        "confidence": pa.array(chances[np.arange(texts), test["predicted"].to_numpy()], from_pandas=True),
        "probabilities": pa.ListArray.from_arrays(ends, pa.array(chances.ravel().astype(np.float32))),
    }


def write_parquet(table: pa.Table, file: Path) -> None:
    """Write a table whole or not at all; the same table gives the same bytes."""
    with atomic_path(file) as scratch:
        write_table(table, scratch, compression="zstd")
