"""What a sweep chose: the best trial on validation, locked in a file before any seed is spent on it.

Test scores play no part: trials do not even predict the test texts. A tie goes to the value that stands first in
the experiment file, so a file that lists values from cheap to dear gets the cheaper one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from bakeoff.errors import RunFailed
from bakeoff.experiment import Experiment, MethodEntry
from bakeoff.record import Record, Sweep, atomic_path
from bakeoff.run import Request, resolve
from bakeoff.workspace import Workspace

__all__ = ["Choice", "Trial", "choose", "current_choice", "grid_points", "label", "lock_choice", "read_choice"]


@dataclass(frozen=True)
class Trial:
    """One point of a sweep's grid and what became of it; record is None where it has not been run."""

    point: Mapping[str, Any]
    run_id: str
    record: Record | None

    @property
    def finished(self) -> bool:
        """Whether it has a result."""
        return self.record is not None and self.record.status == "ok"


class Choice(BaseModel):
    """The locked result of a sweep.

    grid: what was tried; validation: "rank=8" -> the metric on validation, in grid order; trials: run ids of the
    whole grid; left_out: trials without a result, with the reason; tied: others with the same best score;
    at_edge: numbers chosen at the smallest or largest value tried
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    metric: str
    grid: dict[str, tuple[Any, ...]]
    chosen: dict[str, Any]
    validation: dict[str, float]
    trials: tuple[str, ...]
    left_out: dict[str, str] = {}
    tied: tuple[str, ...] = ()
    at_edge: tuple[str, ...] = ()

    def stands_for(self, trials: Sequence[Trial]) -> bool:
        """Say whether this is still the choice from these trials: the same runs, and none finished since."""
        scored = all(label(trial.point) in self.validation for trial in trials if trial.finished)
        return self.trials == tuple(trial.run_id for trial in trials) and scored

    def sweep(self) -> Sweep:
        """Return the part of a record that tells how its hyperparameters were chosen."""
        return Sweep(
            metric=self.metric,
            grid=self.grid,
            chosen=self.chosen,
            validation=self.validation,
            at_edge=self.at_edge,
            trials=self.trials,
        )


def grid_points(sweep: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return every combination of a sweep's values, the last key varying fastest."""
    return [dict(zip(sweep, values, strict=True)) for values in product(*sweep.values())]


def label(point: Mapping[str, Any]) -> str:
    """Spell a point of a grid the way a person reads it: "rank=8, alpha=16"."""
    return ", ".join(f"{key}={value}" for key, value in point.items())


def choose(experiment: Experiment, entry: MethodEntry, trials: Sequence[Trial]) -> Choice:
    """Choose the best finished trial on validation; raises RunFailed where no trial has a result."""
    metric = experiment.compare.metric
    scores = {label(trial.point): _score(trial, metric) for trial in trials if trial.finished}
    left_out = {label(trial.point): _why(trial) for trial in trials if not trial.finished}
    if not scores:
        reasons = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        raise RunFailed(entry.name, kind="SweepFailed", message=f"no trial of its sweep has a result ({reasons})")
    best = max(scores.values())
    winner, *tied = [name for name, score in scores.items() if score == best]
    chosen = next(dict(trial.point) for trial in trials if label(trial.point) == winner)
    return Choice(
        method=entry.name,
        metric=metric,
        grid=entry.sweep,
        chosen=chosen,
        validation=scores,
        trials=tuple(trial.run_id for trial in trials),
        left_out=left_out,
        tied=tuple(tied),
        at_edge=tuple(key for key, value in chosen.items() if _at_edge(value, entry.sweep[key])),
    )


def _score(trial: Trial, metric: str) -> float:
    quality = trial.record.validation if trial.record else None
    if quality is None or metric not in quality.metrics:
        raise RunFailed(trial.run_id, kind="SweepFailed", message=f"its record holds no {metric} on validation")
    return quality.metrics[metric]


def _why(trial: Trial) -> str:
    failure = trial.record.error if trial.record else None
    return f"{failure.type}: {failure.message}" if failure else "no record"


def _at_edge(value: Any, tried: Sequence[Any]) -> bool:
    """Only numbers have an edge beyond which a better value could lie."""
    if len(tried) < 2 or any(isinstance(item, bool) or not isinstance(item, int | float) for item in tried):  # noqa: PLR2004
        return False
    return bool(value in (min(tried), max(tried)))


def lock_choice(choice: Choice, experiment: str, *, workspace: Workspace) -> None:
    """Write a choice whole or not at all."""
    with atomic_path(workspace.choice_file(experiment, choice.method)) as scratch:
        scratch.write_text(choice.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read_choice(experiment: Experiment, method: str, *, workspace: Workspace) -> Choice | None:
    """Return what was locked for a method's sweep as the experiment file has it now, else None.

    A choice from another grid or metric is none; whether its trials are current is for `Choice.stands_for`.
    """
    entry = experiment.methods.get(method)
    try:
        content = workspace.choice_file(experiment.name, method).read_bytes()
        choice = Choice.model_validate_json(content)
    except (FileNotFoundError, ValidationError):
        return None
    same = entry is not None and choice.grid == entry.sweep and choice.metric == experiment.compare.metric
    return choice if same else None


def current_choice(experiment: Experiment, method: str, *, workspace: Workspace) -> Choice | None:
    """Return what a sweep chose if its trials are the runs that the experiment asks for now, else None."""
    choice = read_choice(experiment, method, workspace=workspace)
    if choice is None:
        return None
    seed = experiment.seeds[0]
    wanted = [Request(method=method, seed=seed, role="sweep", overrides=p) for p in grid_points(choice.grid)]
    trials = tuple(resolve(request, experiment, workspace=workspace).run_id for request in wanted)
    return choice if trials == choice.trials else None
