"""All records and all predictions of a study as two flat tables, for other programs; units in the names of columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.errors import RecordError
from bakeoff.metrics.classification import probabilities
from bakeoff.runs.predictions import GROUP_COLUMN, read_logits, read_predictions
from bakeoff.runs.record import Record
from bakeoff.study.collect import Collection, Row
from bakeoff.system.atomic import atomic_path
from bakeoff.system.workspace import Workspace

__all__ = ["predictions_frame", "records_frame", "write_parquet"]


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


def predictions_frame(collection: Collection, workspace: Workspace) -> pd.DataFrame:
    """Return one row per run and test text: gold and predicted class by name, probabilities (C,), group; no texts.

    confidence: the probability of the predicted class; both are missing where a run kept no scores
    """
    rows: Iterable[Row] = (*collection.rows, *collection.additional)
    found = [_predicted(row, run, workspace) for row in rows for run in row.records]
    frames = [frame for frame in found if frame is not None]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"method": [], "run_id": []})


def _predicted(row: Row, run: Record, workspace: Workspace) -> pd.DataFrame | None:
    folder = workspace.run_folder(run.experiment, run.run_id)
    try:
        frame = read_predictions(run, folder)
    except RecordError:  # an additional run, which is in no comparison, or one whose file has gone meanwhile
        return None
    names = np.array(run.inputs.label_names if run.inputs else (), dtype=object)
    logits = read_logits(run, folder)
    chances = None if logits is None else probabilities(logits)
    answers = frame["predicted"].to_numpy()
    return pd.DataFrame(
        {
            "method": row.name,
            "run_id": run.run_id,
            "seed": run.seed,
            "item_id": frame["item_id"].to_numpy(),
            "gold": names[frame["gold"].to_numpy()],
            "predicted": names[answers],
            "right": frame["gold"].to_numpy() == answers,
            "confidence": np.nan if chances is None else chances[np.arange(len(answers)), answers],
            "probabilities": None if chances is None else list(chances.astype(np.float32)),
            "group": frame[GROUP_COLUMN].astype("Int32"),
        }
    )


def write_parquet(frame: pd.DataFrame, file: Path) -> None:
    """Write a table whole or not at all; the same table gives the same bytes."""
    with atomic_path(file) as scratch:
        frame.to_parquet(scratch, index=False, compression="zstd")
