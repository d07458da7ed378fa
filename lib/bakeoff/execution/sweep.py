"""Choosing a sweep's values on validation, and locking the choice."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bakeoff.errors import RunFailed
from bakeoff.experiment.entries import MethodEntry
from bakeoff.experiment.model import Experiment
from bakeoff.metrics.classification import METRICS, metric_named
from bakeoff.runs.choice import Choice, Trial, label
from bakeoff.runs.fingerprint import metric_sha256
from bakeoff.runs.rungs import score_of
from bakeoff.system.atomic import atomic_path
from bakeoff.system.workspace import Workspace

__all__ = ["choose", "decide", "in_words", "lock_choice"]


def choose(
    experiment: Experiment, entry: MethodEntry, trials: Sequence[Trial], *, workspace: Workspace | None = None
) -> Choice:
    """Choose the best trial on validation of those trained whole; raises RunFailed where none has a score.

    workspace: where the trials' predictions lie, from which a metric of the user's own is computed
    """
    metric = experiment.compare.metric
    if workspace is not None:
        runs = workspace.runs_folder(experiment.name)
        trials = [_measured(one, runs, metric) for one in trials]
    whole = {label(trial.point): score_of(trial.record, metric) for trial in trials if trial.whole}
    scores = {name: score for name, score in whole.items() if score is not None}
    undefined = tuple(name for name, score in whole.items() if score is None)
    left_out = {label(trial.point): _why(trial) for trial in trials if not trial.finished}
    left_out |= dict.fromkeys(undefined, f"{metric} is not defined on its validation predictions")
    stopped = {label(one.point): one.record.stopped_after for one in trials if one.record and one.record.stopped_after}
    if not scores:
        told = (f"{name}: {why}" for name, why in left_out.items())
        reasons = "; ".join(told) or f"{metric} is not defined on validation"
        raise RunFailed(entry.name, kind="SweepFailed", message=f"no trial of its sweep has a result ({reasons})")
    best = max(scores.values(), key=lambda score: metric_named(metric).sign * score)
    winner, *tied = [name for name, score in scores.items() if score == best]
    chosen = next(dict(trial.point) for trial in trials if label(trial.point) == winner)
    return Choice(
        method=entry.name,
        metric=metric,
        metric_sha256=metric_sha256(metric),
        grid=entry.sweep,
        drawn=entry.tuning is not None,
        chosen=chosen,
        validation=scores,
        trials=tuple(trial.run_id for trial in trials),
        left_out=left_out,
        undefined=undefined or None,
        tied=tuple(tied),
        at_edge=tuple(key for key, value in chosen.items() if _at_edge(value, entry.sweep[key])),
        rungs=entry.rungs,
        stopped=stopped,
    )


def _measured(trial: Trial, runs: Path, metric: str) -> Trial:
    if trial.record is None or metric in METRICS:
        return trial
    from bakeoff.runs.predictions import with_more_metrics

    return replace(trial, record=with_more_metrics(trial.record, runs, [metric]))


def _why(trial: Trial) -> str:
    failure = trial.record.error if trial.record else None
    return f"{failure.type}: {failure.message}" if failure else "no record"


def _at_edge(value: Any, tried: Sequence[Any]) -> bool:
    """Only numbers have an edge beyond which a better value could lie."""
    if len(tried) < 2 or any(isinstance(item, bool) or not isinstance(item, int | float) for item in tried):  # noqa: PLR2004
        return False
    return bool(value in (min(tried), max(tried)))


def lock_choice(choice: Choice, experiment: str, *, workspace: Workspace, cell: str = "") -> None:
    """Write a choice whole or not at all; a folder in its place is removed. cell: of a grid, that it was made in."""
    file = workspace.choice_file(experiment, choice.method, cell)
    if file.is_dir():
        shutil.rmtree(file)
    with atomic_path(file) as scratch:
        scratch.write_text(choice.model_dump_json(indent=1, exclude_none=True) + "\n", encoding="utf-8", newline="\n")


def decide(experiment: Experiment, method: str, trials: Sequence[Trial], *, workspace: Workspace, cell: str) -> Choice:
    """Choose among the trials of a method, lock the choice and let go of what only trials need; raises RunFailed."""
    choice = choose(experiment, experiment.methods[method], trials, workspace=workspace)
    lock_choice(choice, experiment.name, workspace=workspace, cell=cell)
    for trial in trials:  # kept for the next rung, and there is none
        shutil.rmtree(workspace.run_folder(experiment.name, trial.run_id).checkpoint, ignore_errors=True)
    return choice


def in_words(choice: Choice, cell: str) -> str:
    """Say what was chosen, and of how many. cell: of a grid, that it was chosen in."""
    tied = f" (tied with {', '.join(choice.tied)}; the first in the file is taken)" if choice.tied else ""
    edge = f"; {' and '.join(choice.at_edge)} at the edge of the grid" if choice.at_edge else ""
    best, stopped = choice.validation[label(choice.chosen)], len(choice.stopped)
    early = f"; {stopped} of {len(choice.trials)} trials were stopped early" if stopped else ""
    name = f"{choice.method}, {cell}" if cell else choice.method
    return f"{name}: chose {label(choice.chosen)} on validation, {choice.metric} {best:.3f}{tied}{edge}{early}"
