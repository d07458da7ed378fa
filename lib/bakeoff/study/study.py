"""The predictions behind a collection of records, ready to be compared."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.errors import RecordError
from bakeoff.metrics.classification import metric_named
from bakeoff.metrics.metric import Metric
from bakeoff.runs.predictions import GROUP_COLUMN, read_logits, read_predictions
from bakeoff.runs.record import Record
from bakeoff.stats.inputs import Contender
from bakeoff.study.collect import Collection, Excluded, Row
from bakeoff.system.message import Message
from bakeoff.system.workspace import RunFolder, Workspace

__all__ = ["with_predictions"]


def with_predictions(collection: Collection, workspace: Workspace) -> tuple[Collection, list[Contender]]:
    """Return the collection without the runs whose predictions cannot be used, and a contender per remaining row."""
    rows: list[Row] = []
    contenders: list[Contender] = []
    excluded: list[Excluded] = []
    metric = metric_named(collection.experiment.compare.metric)
    for row in collection.rows:
        frames, bad = _frames(row, workspace, experiment=collection.experiment.name, metric=metric)
        excluded += bad
        kept = replace(row, records=tuple(run for run in row.records if run.run_id in frames))
        lost = tuple(run.seed for run in row.records if run.run_id not in frames)
        rows.append(replace(kept, unusable=lost))
        if kept.records:
            contenders.append(_contender(kept, frames, logits=metric.needs_logits))
    found = replace(collection, rows=tuple(rows), excluded=(*collection.excluded, *excluded))
    if any(one.groups is None for one in contenders):  # some runs are older than the numbers of groups in their files
        contenders = [replace(one, groups=None) for one in contenders]
    return found, contenders


def _frames(
    row: Row, workspace: Workspace, *, experiment: str, metric: Metric
) -> tuple[dict[str, pd.DataFrame], list[Excluded]]:
    """Read a row's predictions; runs of one row have to be about the same items."""
    frames: dict[str, pd.DataFrame] = {}
    excluded = []
    for run in row.records:
        try:
            folder = workspace.run_folder(experiment, run.run_id)
            frame = _measurable(read_predictions(run, folder), run, folder, metric)
        except RecordError as error:
            excluded.append(Excluded(run.run_id, error.reason))
            continue
        first = next(iter(frames.values()), frame)
        if frame[["item_id", "gold"]].equals(first[["item_id", "gold"]]):
            frames[run.run_id] = frame
        else:
            excluded.append(Excluded(run.run_id, Message("predictions for other texts than the method's other runs")))
    return frames, excluded


def _measurable(frame: pd.DataFrame, run: Record, folder: RunFolder, metric: Metric) -> pd.DataFrame:
    """Add the logits where the metric needs them; raises RecordError where they do not give it."""
    if not metric.needs_logits:
        return frame
    logits = read_logits(run, folder)
    if logits is None:
        raise RecordError(
            folder.predictions, Message("predictions without the scores that {metric} needs", metric=metric.label)
        )
    if math.isnan(metric(frame["gold"].to_numpy(), logits)):
        raise RecordError(
            folder.predictions, Message("test texts for which {metric} is not defined", metric=metric.label)
        )
    return frame.assign(logits=list(logits))


def _contender(row: Row, frames: dict[str, pd.DataFrame], *, logits: bool) -> Contender:
    ordered: list[Any] = [frames[run.run_id] for run in row.records]
    known = all(frame[GROUP_COLUMN].notna().all() for frame in ordered)
    return Contender(
        name=row.name,
        seeds=row.seeds,
        item_ids=ordered[0]["item_id"].to_numpy(),
        gold=ordered[0]["gold"].to_numpy(),
        predicted=np.stack([frame["predicted"].to_numpy() for frame in ordered]),
        trained=row.any.trained,
        deterministic=row.any.deterministic,
        comparability=row.any.inputs.comparability_sha256 if row.any.inputs else "",
        groups=ordered[0][GROUP_COLUMN].to_numpy(dtype=np.int64) if known else None,
        logits=np.stack([np.stack(frame["logits"].tolist()) for frame in ordered]) if logits else None,
    )
