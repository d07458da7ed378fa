"""The predictions of finished runs, checked against their records and put in order for `verdicts.compare`.

A run whose predictions cannot be used is left out with the reason; it stops nothing. Only `reporting` imports this.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyarrow.parquet import read_schema

from bakeoff.errors import RecordError
from bakeoff.record import Record
from bakeoff.reporting.collect import Collection, Excluded, Row
from bakeoff.reporting.language import tr
from bakeoff.reporting.metrics import probabilities
from bakeoff.reporting.verdicts import Contender
from bakeoff.workspace import RunFolder, Workspace

__all__ = ["read_chances", "read_predictions", "with_predictions"]

_COLUMNS = ["split", "item_id", "gold", "predicted"]
_GROUP = "group"
_ROUNDING = 1e-9


def read_predictions(record: Record, folder: RunFolder) -> pd.DataFrame:
    """Return item_id, gold, predicted and group of a run's test texts, by item id; group is NA where there is none.

    Raises RecordError where the file is missing, unreadable, or gives another accuracy than the record.
    """
    try:
        known = {_GROUP} & set(read_schema(folder.predictions).names)  # not kept by the first versions of bakeoff
        frame = pd.read_parquet(folder.predictions, columns=[*_COLUMNS, *known])
    except FileNotFoundError:
        raise RecordError(folder.predictions, tr("no predictions beside the record")) from None
    except Exception as error:  # whatever is wrong inside the file, its run alone is left out
        raise RecordError(
            folder.predictions, tr("unreadable predictions ({error})", error=type(error).__name__)
        ) from error
    test = frame[frame["split"] == "test"].sort_values("item_id", ignore_index=True)
    found = float((test["gold"] == test["predicted"]).mean()) if len(test) else None
    told = record.test.metrics.get("accuracy") if record.test else None
    if found is None or told is None or abs(found - told) > _ROUNDING:
        raise RecordError(folder.predictions, tr("predictions that do not give the accuracy of the record"))
    return test.reindex(columns=[*_COLUMNS[1:], _GROUP])


def read_chances(record: Record, folder: RunFolder) -> npt.NDArray[np.float64] | None:
    """Return the probabilities (N, C) a run gave the classes of its test texts, by item id; None where it kept none."""
    try:
        frame = pd.read_parquet(folder.predictions, columns=["split", "item_id", "logits"])
    except Exception:  # noqa: BLE001  no such column, or a file that `read_predictions` has refused already
        return None
    test = frame[frame["split"] == "test"].sort_values("item_id", ignore_index=True)
    return probabilities(np.stack(test["logits"].tolist())) if record.test and len(test) else None


def with_predictions(collection: Collection, workspace: Workspace) -> tuple[Collection, list[Contender]]:
    """Return the collection without the runs whose predictions cannot be used, and a contender per remaining row."""
    rows: list[Row] = []
    contenders: list[Contender] = []
    excluded: list[Excluded] = []
    for row in collection.rows:
        frames, bad = _frames(row, workspace, experiment=collection.experiment.name)
        excluded += bad
        kept = replace(row, records=tuple(run for run in row.records if run.run_id in frames))
        lost = tuple(run.seed for run in row.records if run.run_id not in frames)
        rows.append(replace(kept, unusable=lost))
        if kept.records:
            contenders.append(_contender(kept, frames))
    found = replace(collection, rows=tuple(rows), excluded=(*collection.excluded, *excluded))
    if any(one.groups is None for one in contenders):  # some runs are older than the numbers of groups in their files
        contenders = [replace(one, groups=None) for one in contenders]
    return found, contenders


def _frames(row: Row, workspace: Workspace, *, experiment: str) -> tuple[dict[str, pd.DataFrame], list[Excluded]]:
    """Read a row's predictions; runs of one row have to be about the same items."""
    frames: dict[str, pd.DataFrame] = {}
    excluded = []
    for run in row.records:
        try:
            frame = read_predictions(run, workspace.run_folder(experiment, run.run_id))
        except RecordError as error:
            excluded.append(Excluded(run.run_id, error.reason))
            continue
        first = next(iter(frames.values()), frame)
        if frame[["item_id", "gold"]].equals(first[["item_id", "gold"]]):
            frames[run.run_id] = frame
        else:
            excluded.append(Excluded(run.run_id, tr("predictions for other texts than the method's other runs")))
    return frames, excluded


def _contender(row: Row, frames: dict[str, pd.DataFrame]) -> Contender:
    ordered: list[Any] = [frames[run.run_id] for run in row.records]
    known = all(frame[_GROUP].notna().all() for frame in ordered)
    return Contender(
        name=row.name,
        seeds=row.seeds,
        item_ids=ordered[0]["item_id"].to_numpy(),
        gold=ordered[0]["gold"].to_numpy(),
        predicted=np.stack([frame["predicted"].to_numpy() for frame in ordered]),
        trained=row.any.trained,
        deterministic=row.any.deterministic,
        comparability=row.any.inputs.comparability_sha256 if row.any.inputs else "",
        groups=ordered[0][_GROUP].to_numpy(dtype=np.int64) if known else None,
    )
