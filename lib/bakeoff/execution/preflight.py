"""What can be known to be wrong before a first kernel starts.

The data are read once: columns, labels, rows to keep, sizes of splits. Every method that has something to run is tried
on the outline of its base model, without weights.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from bakeoff.data.sources import locate_data
from bakeoff.errors import BadValue, InputError, shown
from bakeoff.execution.attempt import import_ahead
from bakeoff.execution.kernels import IMPORTS
from bakeoff.execution.plan import Plan, plan
from bakeoff.execution.records import KeptRecords
from bakeoff.experiment.cells import cells_of, seat_of, selected
from bakeoff.experiment.model import Experiment
from bakeoff.methods.base import GivenMethod, NeuralMethod
from bakeoff.methods.config import EvaluationConfig
from bakeoff.methods.registry import method
from bakeoff.metrics.classification import metric_named
from bakeoff.runs.base_files import check_base
from bakeoff.runs.further import declared_tests, read_test
from bakeoff.runs.run import Run
from bakeoff.system.names import too_long
from bakeoff.system.packages import check_training
from bakeoff.system.workspace import Workspace

if TYPE_CHECKING:
    from bakeoff.data.schema import Data
    from bakeoff.data.splits import Splits

__all__ = ["check_where", "preflight"]


def preflight(
    experiment: Experiment,
    workspace: Workspace,
    *,
    only: str | Collection[str] = (),
    here: bool = True,
    kept: KeptRecords | None = None,
) -> None:
    """Look at data and methods if there is anything to run; raises InputError, and nothing is written.

    here: runs are to be executed on this machine, where kernels that will be forked begin their imports beside this
    kept: as of `plan`
    """
    check_where(experiment, workspace)
    found = plan(experiment, workspace, only=only, kept=kept)
    if not found.to_do:
        return
    check_training()
    file = workspace.relative(experiment.file)
    _check_places(found, workspace)
    first = next((item.run for item in found.to_do if item.run), None)
    if here and first:
        import_ahead(first, experiment)
    with IMPORTS:
        _check_data(experiment, workspace, file, only=only)
        _check_methods(found, file)


def _check_places(found: Plan, workspace: Workspace) -> None:
    """Raise BadValue where files of a run would have longer names than this system takes."""
    name = found.experiment.name
    run_ids = [item.run.run_id for item in found.to_do if item.run]
    over, run_id = max(((too_long(workspace.run_folder(name, one).path), one) for one in run_ids), default=(0, ""))
    if over:
        reason = f"paths below it are {over} characters too long for Windows (the run {run_id})"
        hint = "a workspace nearer to the drive's root, shorter names, or long paths switched on (LongPathsEnabled)"
        raise BadValue(str(workspace.reports), reason, hint=hint)


def check_where(experiment: Experiment, workspace: Workspace) -> None:
    """Raise BadValue for a `where` of the data that no data would make a condition; reads no data.

    Reports and states of runs made with an expression of an earlier version do without: their records stay readable.
    """
    from bakeoff.data.where import parsed

    for cell in cells_of(experiment):
        try:
            if cell.experiment.data.where is not None:
                parsed(cell.experiment.data.where)
        except BadValue as error:
            error.setting = cell.experiment.spelled(error.setting)
            error.where = shown(experiment.place(error.setting, file=workspace.relative(experiment.file)), limit=100)
            raise


def _check_data(experiment: Experiment, workspace: Workspace, file: str, *, only: str | Collection[str]) -> None:
    from bakeoff.data.splits import load_splits
    from bakeoff.runs.slices import cuts_of

    swept = any(entry.sweep for entry in experiment.methods.values())
    seen: list[Data] = []
    for cell in selected(experiment, only).cells:
        data = cell.experiment.data
        if data in seen:
            continue
        seen.append(data)
        try:
            splits = load_splits(data, locate_data(data.source, workspace=workspace, config=data.config, where=file))
            for seed in (*experiment.seeds, *((experiment.sweep_seed,) if swept else ())):
                splits.for_seed(seed)
            _check_metric(experiment.compare.metric, splits)
            if not cell.name or experiment.cell:
                for declared in declared_tests(experiment, workspace=workspace).values():
                    read_test(declared, splits.label_names, experiment=experiment, file=file)
                if experiment.slices:
                    cuts_of(cell.experiment, workspace=workspace)
        except InputError as error:
            if experiment.train_sizes and (cell.name or error.setting.startswith("data.split")):
                raise _of_size(error, cell.experiment, file) from error
            _of_data_set(error, cell.experiment)
            error.where = error.where or shown(experiment.place(error.setting, file=file), limit=100)
            raise


def _of_data_set(error: InputError, experiment: Experiment) -> None:
    """Say of which data set of a grid an error is."""
    setting = experiment.spelled(error.setting)
    if experiment.data_set and setting == error.setting:
        error.reason = f"data set {experiment.data_set}: {error.reason}"
    error.setting = setting


def _of_size(error: InputError, experiment: Experiment, file: str) -> BadValue:
    """Return what is wrong with one of `train_sizes`: which it is, and why."""
    hint = "list sizes between the number of classes and the texts that validation and test leave"
    place = shown(experiment.place("train_sizes", file=file), limit=100)
    return BadValue("train_sizes", f"{experiment.data.split.train}: {error.reason}", where=place, hint=hint)


def _check_metric(name: str, splits: Splits) -> None:
    """Raise BadValue for a metric that these texts do not give, were they answered right."""
    metric, gold = metric_named(name), splits.test["label"].to_numpy()
    logits = np.eye(len(splits.label_names))[gold]
    try:
        value = metric(gold, logits if metric.needs_logits else gold)
    except BadValue as error:
        raise BadValue("compare.metric", f"{name} {error.reason}") from error
    if not math.isfinite(value):
        seen = len(np.unique(gold))
        of = f", which are all of {shown(splits.label_names[gold[0]])!r}" if seen == 1 else ""
        raise BadValue("compare.metric", f"{name} is not defined for these test texts{of}")


def _check_methods(found: Plan, file: str) -> None:
    """Raise BadValue for a method that cannot work on its base model."""
    runs = {(item.run.params_sha256, str(item.run.data)): item.run for item in found.to_do if item.run}
    for run in runs.values():
        if issubclass(method(run.kind), NeuralMethod):
            _check_method(run, found.experiment, file)
        elif issubclass(method(run.kind), GivenMethod):
            _check_given(run, found.experiment, file)


def _check_method(run: Run, experiment: Experiment, file: str) -> None:
    from bakeoff.methods.compatibility import refusal

    try:
        if run.located_model:
            check_base(run.located_model)
    except InputError as unusable:
        _place(unusable, run, experiment, file)
        raise
    config = method(run.kind).Config(**run.params)
    longest = config.max_length or run.data.max_length if isinstance(config, EvaluationConfig) else None
    error = refusal(run.kind, config, run.located_model, max_length=longest) if run.located_model else None
    if error is not None:
        _place(error, run, experiment, file)
        raise error
    _check_classes(run, config, experiment, file)


def _check_classes(run: Run, config: Any, experiment: Experiment, file: str) -> None:
    """Raise InputError where a method's settings do not fit the classes there are; the data are read only for those."""
    from bakeoff.data.splits import load_splits

    found: Any = method(run.kind)
    if found.check_classes is NeuralMethod.check_classes:
        return
    try:
        found().check_classes(load_splits(run.data, run.located_data).label_names, config)
    except InputError as error:
        _place(error, run, experiment, file)
        raise


def _check_given(run: Run, experiment: Experiment, file: str) -> None:
    """Raise InputError where the answers in a file are not those to the test texts, each once."""
    from bakeoff.data.splits import load_splits

    found: Any = method(run.kind)
    try:
        if swept := next(iter(experiment.entry(run.method).sweep), None):
            hint = "each file of answers is a method of its own: `first: {kind: imported, file: ...}`"
            raise BadValue(swept, "nothing is trained here, so there is nothing to choose", hint=hint)
        splits = load_splits(run.data, run.located_data)
        config = found.Config(**run.params)
        found().answers(run.located_file, config, splits=splits, data=run.data, located=run.located_data)
    except InputError as error:
        _place(error, run, experiment, file)
        raise


def _place(error: InputError, run: Run, experiment: Experiment, file: str) -> None:
    """Say which key of the experiment file an error of a run's method is about, and on which data set of a grid."""
    entry, cell = f"methods.{run.method}", seat_of(experiment, run.method, run.identity)
    of_file = f"models.{cell.rpartition('/')[2]}" if experiment.models and cell else "model"
    above = {"model": f"{entry}.model" if experiment.entry(run.method).model else of_file, "method": entry}
    if experiment.datasets and cell:
        error.reason = f"data set {cell.partition('/')[0]}: {error.reason}"
    if error.setting.startswith("data."):  # such as the length of texts, of which this method takes a part
        error.reason = f"for {run.method}, {error.reason}"
    own = {name: f"{entry}.{name}" for name in run.params}
    error.setting = {**above, **own}.get(error.setting, error.setting)
    error.where = experiment.place(error.setting, file=file)
