"""An experiment's records, choices and predictions, read from disk, and their comparison."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from bakeoff.data.sources import locate_data
from bakeoff.errors import InputError, RecordError, UnknownName
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.metrics.classification import metric_named
from bakeoff.metrics.metric import Metric
from bakeoff.runs.choice import read_choice
from bakeoff.runs.predictions import GROUP_COLUMN, read_predictions, read_test, scores_of
from bakeoff.runs.record import Record, Sweep, read_records
from bakeoff.stats.compare import Comparison, compare
from bakeoff.stats.inputs import Contender
from bakeoff.stats.sequential import Account, Look, account
from bakeoff.study.beside import Calibration, Facing, calibration, recalls
from bakeoff.study.collect import Collection, Excluded, Row, collect
from bakeoff.study.flips import Texts
from bakeoff.study.frames import runs_frame, summary_values
from bakeoff.study.looks import look_at, read_looks
from bakeoff.system.message import Message
from bakeoff.system.own import look_in
from bakeoff.system.workspace import RunFolder, Workspace, find_workspace

__all__ = ["StudyData", "with_predictions"]


class StudyData:
    """What an experiment's runs left on disk, and the comparison declared in its file.

    experiment: as its file declares it; collection: its runs by method, without those whose predictions are unusable
    contenders: the predictions (S, N) of each method with a result; texts: where to find the test texts
    """

    def __init__(self, collection: Collection, *, workspace: Workspace, texts: Texts = lambda _: {}) -> None:
        self.workspace, self.texts = workspace, texts
        self.experiment, self.language = collection.experiment, collection.experiment.report.language
        self.collection, self.contenders = with_predictions(collection, workspace)

    @classmethod
    def open(cls, params: str | Path, *, workspace: Workspace | None = None, changes: Sequence[str] = ()) -> Self:
        """Read every record of the experiment that `params` names; changes: as for `--set`.

        Raises InputError where there is no such experiment or its file cannot be used.
        """
        workspace = workspace or find_workspace(of=params)
        file = workspace.experiment_file(params)
        experiment = load_experiment(file, shown_as=workspace.relative(file), changes=changes, root=workspace.root)
        return cls.of(experiment, workspace=workspace)

    @classmethod
    def of(cls, experiment: Experiment, *, workspace: Workspace) -> Self:
        """Read every record of an experiment, which may be one of several that its file names."""
        unreadable: list[RecordError] = []
        records = read_records(workspace.runs_folder(experiment.name), unreadable=unreadable.append)
        locked = {name: read_choice(experiment, name, workspace=workspace) for name in experiment.methods}
        choices = {name: choice.sweep() for name, choice in locked.items() if choice}
        found = collect(experiment, records, workspace=workspace, choices=choices, unreadable=unreadable)
        return cls(found, workspace=workspace, texts=partial(_test_texts, experiment, workspace))

    def __getattribute__(self, name: str) -> Any:
        """Look for code of the user's own in this study's workspace, whichever was looked in since for another."""
        if not name.startswith("_") and name != "workspace":
            look_in(self.workspace.root)
        return super().__getattribute__(name)

    @cached_property
    def look(self) -> Look | None:
        """What a report on this study sees, to be written down; None while nothing has finished."""
        return look_at(self.experiment, self.contenders)

    @cached_property
    def account(self) -> Account | None:
        """What the claims are held to after the reports that were made before."""
        before = read_looks(self.workspace.report_folder(self.experiment.name))
        return account(self.look, before, alpha=self.experiment.compare.alpha) if self.look else None

    @cached_property
    def comparison(self) -> Comparison:
        """Verdicts on every pair of the declared methods that have a result."""
        asked = self.experiment.compare
        return compare(
            self.contenders,
            metric=asked.metric,
            reference=asked.reference,
            alpha=self.account.level if self.account else asked.alpha,
            margin=asked.equivalence_margin,
            dropped=len(self.account.dropped) if self.account else 0,
        )

    @cached_property
    def searched(self) -> bool:
        """Whether settings of some method are chosen by trials."""
        return any(entry.sweep for entry in self.experiment.methods.values())

    @cached_property
    def calibration(self) -> Calibration:
        """How good the probabilities of each method are, and each against the reference."""
        return calibration(self.collection, self.contenders, self.comparison, workspace=self.workspace)

    @cached_property
    def recalls(self) -> tuple[Facing, ...]:
        """The recall of each class of each trained candidate against the reference's."""
        return recalls(self.collection, self.contenders, self.comparison)

    @property
    def records(self) -> list[Record]:
        """The finished runs of the declared methods, by method and seed."""
        return [record for row in self.collection.rows for record in row.records]

    @property
    def choices(self) -> dict[str, Sweep]:
        """What the sweep of each method chose on validation, where it has."""
        return dict(self.collection.choices)

    def predictions(self, run_id: str) -> pd.DataFrame:
        """Return item_id, gold, predicted and group of a finished run's test texts; UnknownName for another run."""
        found = {record.run_id: record for record in self.records}
        if run_id not in found:
            raise UnknownName("predictions", run_id, found, kind="run")
        return read_predictions(found[run_id], self.workspace.run_folder(self.experiment.name, run_id))

    def summary(self) -> pd.DataFrame:
        """Return one row per declared method: scores, difference to the reference, verdict, costs; units in names."""
        return summary_values(self.collection, self.comparison)

    def runs(self) -> pd.DataFrame:
        """Return one row per finished run: method, seed, metrics on test and validation, costs."""
        return runs_frame(self.collection)

    def pairs(self) -> pd.DataFrame:
        """Return one row per pair: estimate, low, high (in units of the metric), p_holm, verdict, better, and more."""
        return self.comparison.to_frame()


def _test_texts(experiment: Experiment, workspace: Workspace, comparability_sha256: str) -> dict[str, str]:
    """Return item id -> text of the test; nothing where the data are not here, or are not those of the runs."""
    from bakeoff.data.splits import load_splits

    data = experiment.data
    try:
        splits = load_splits(data, locate_data(data.source, workspace=workspace, config=data.config))
    except InputError:
        return {}
    same = splits.comparability_sha256() == comparability_sha256
    return dict(zip(splits.test["item_id"], splits.test["text"], strict=True)) if same else {}


def with_predictions(collection: Collection, workspace: Workspace) -> tuple[Collection, list[Contender]]:
    """Return the collection without the runs whose predictions cannot be used, and a contender per remaining row."""
    rows: list[Row] = []
    contenders: list[Contender] = []
    excluded: list[Excluded] = []
    metric = metric_named(collection.experiment.compare.metric)
    for row in collection.rows:
        tables, bad = _tables(row, workspace, experiment=collection.experiment.name, metric=metric)
        excluded += bad
        kept = replace(row, records=tuple(run for run in row.records if run.run_id in tables))
        lost = tuple(run.seed for run in row.records if run.run_id not in tables)
        rows.append(replace(kept, unusable=lost))
        if kept.records:
            contenders.append(_contender(rows[-1], tables, logits=metric.needs_logits))
    found = replace(collection, rows=tuple(rows), excluded=(*collection.excluded, *excluded))
    if any(one.groups is None for one in contenders):  # some runs are older than the numbers of groups in their files
        contenders = [replace(one, groups=None) for one in contenders]
    return found, contenders


def _tables(
    row: Row, workspace: Workspace, *, experiment: str, metric: Metric
) -> tuple[dict[str, pa.Table], list[Excluded]]:
    """Read a row's predictions; runs of one row have to be about the same items."""
    tables: dict[str, pa.Table] = {}
    excluded = []
    for run in row.records:
        try:
            folder = workspace.run_folder(experiment, run.run_id)
            table = _measurable(read_test(run, folder, scored=metric.needs_logits), folder, metric)
        except RecordError as error:
            excluded.append(Excluded(run.run_id, error.reason))
            continue
        first = next(iter(tables.values()), table)
        if table.select(["item_id", "gold"]).equals(first.select(["item_id", "gold"])):
            tables[run.run_id] = table
        else:
            excluded.append(Excluded(run.run_id, Message("predictions for other texts than the method's other runs")))
    return tables, excluded


def _measurable(table: pa.Table, folder: RunFolder, metric: Metric) -> pa.Table:
    """Return predictions that give a metric and tell of others; raises RecordError where they do not."""
    groups = pc.count_distinct(table[GROUP_COLUMN]).as_py()
    if len(table) <= 1 or (groups == 1 and not table[GROUP_COLUMN].null_count):
        raise RecordError(folder.predictions, Message("a single test text or group, which tells nothing of others"))
    if metric.items is not None and metric.items.counts:
        return table  # shares of right answers are always defined
    given = scores_of(table) if metric.needs_logits else table["predicted"].to_numpy()
    if given is None:
        raise RecordError(
            folder.predictions,
            Message("predictions without the scores that {metric} needs", metric=Message(metric.label)),
        )
    if not math.isfinite(metric(table["gold"].to_numpy(), given)):
        raise RecordError(
            folder.predictions, Message("test texts for which {metric} is not defined", metric=Message(metric.label))
        )
    return table


def _contender(row: Row, tables: dict[str, pa.Table], *, logits: bool) -> Contender:
    ordered = [tables[run.run_id] for run in row.records]
    scores = [one for table in ordered if (one := scores_of(table)) is not None] if logits else []
    known = not any(table[GROUP_COLUMN].null_count for table in ordered)
    return Contender(
        name=row.name,
        seeds=row.seeds,
        item_ids=ordered[0]["item_id"].to_numpy(),
        gold=ordered[0]["gold"].to_numpy(),
        predicted=np.stack([table["predicted"].to_numpy() for table in ordered]),
        trained=row.any.trained,
        deterministic=row.any.deterministic,
        declared=row.wanted,
        baseline=row.any.role == "baseline",
        comparability=row.any.inputs.comparability_sha256 if row.any.inputs else "",
        groups=ordered[0][GROUP_COLUMN].to_numpy().astype(np.int64) if known else None,
        logits=np.stack(scores) if logits else None,
    )
