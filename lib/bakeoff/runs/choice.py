"""A sweep's choice on disk: its trials, the chosen values, and whether it is locked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from bakeoff.experiment.cells import searched_in, seat
from bakeoff.experiment.halving import Rung
from bakeoff.experiment.model import Experiment
from bakeoff.metrics.classification import metric_named
from bakeoff.runs.fingerprint import metric_sha256
from bakeoff.runs.record import Record, Sweep
from bakeoff.runs.run import Request, resolve
from bakeoff.system.digests import bytes_of
from bakeoff.system.workspace import Workspace

__all__ = ["Choice", "Trial", "current_choice", "label", "read_choice", "trial_requests"]


MISREAD = re.compile(r"[\[({\"'\s]|[+-]?(?:\.?\d|inf|nan|NaN)|(?:None|True|False|)$|.*(?:, |=|\s$)", re.DOTALL)
"""Texts that, spelled as they are, could be read as a value of another kind or as more than one setting."""


@dataclass(frozen=True)
class Trial:
    """One point of a sweep's grid and what became of it; record is None where it has not been run."""

    point: Mapping[str, Any]
    run_id: str
    record: Record | None

    @property
    def finished(self) -> bool:
        """Whether it has a result, be it of a part of its epochs."""
        return self.record is not None and self.record.status == "ok"

    @property
    def whole(self) -> bool:
        """Whether it has the result of all its epochs."""
        return self.record is not None and self.finished and self.record.stopped_after is None


class Choice(BaseModel):
    """The locked result of a sweep.

    metric_sha256: of the source of a metric of the user's own; grid: what was tried, drawn: point by point rather than
    every combination; validation: "rank=8" -> the metric on validation, in that order; trials: run ids of all that was
    tried; left_out: trials without a result or a score, with the reason; undefined: those of them whose metric is not
    defined on validation; tied: others with the same best score; at_edge: numbers chosen at the smallest or
    largest value tried; rungs: of a search by halving; stopped: "rank=8" -> epochs of a trial that it stopped, which is
    not among those of validation
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    metric: str
    metric_sha256: str | None = None
    grid: dict[str, tuple[Any, ...]]
    drawn: bool = False
    chosen: dict[str, Any]
    validation: dict[str, float]
    trials: tuple[str, ...]
    left_out: dict[str, str] = {}
    undefined: tuple[str, ...] | None = None
    tied: tuple[str, ...] = ()
    at_edge: tuple[str, ...] = ()
    rungs: tuple[Rung, ...] = ()
    stopped: dict[str, int] = {}

    def stands_for(self, trials: Sequence[Trial]) -> bool:
        """Return whether this is still the choice from these trials: the same runs, and none finished since."""
        known = self.validation.keys() | self.stopped.keys() | set(self.undefined or ())
        scored = all(label(trial.point) in known for trial in trials if trial.finished)
        return self.trials == tuple(trial.run_id for trial in trials) and scored

    def holds(self) -> bool:
        """Return whether what was chosen is the first of the best, as it was when it was locked."""
        find = max if metric_named(self.metric).higher_is_better else min
        best = next((name for name, score in self.validation.items() if score == find(self.validation.values())), None)
        return best == label(self.chosen)

    def sweep(self) -> Sweep:
        """Return the part of a record that tells how its hyperparameters were chosen."""
        return Sweep(
            metric=self.metric,
            grid=self.grid,
            drawn=self.drawn,
            chosen=self.chosen,
            validation=self.validation,
            at_edge=self.at_edge,
            trials=self.trials,
            stopped=self.stopped,
        )


def trial_requests(experiment: Experiment, method: str) -> list[Request]:
    """Return the trials of a method's sweep: one per point, with the seed that is not compared."""
    points, seed = experiment.methods[method].points, experiment.sweep_seed
    return [Request(method=method, seed=seed, role="sweep", overrides=point) for point in points]


def label(point: Mapping[str, Any]) -> str:
    """Spell a point of a grid the way a person reads it: "rank=8, alpha=16"; a text like a number as '"8"'."""
    return ", ".join(f"{key}={_spelled(value)}" for key, value in point.items())


def _spelled(value: Any) -> str:
    """Spell a setting so that no other value is spelled like it."""
    misread = isinstance(value, str) and MISREAD.match(value)
    return json.dumps(value, ensure_ascii=False) if misread else str(value)


def read_choice(experiment: Experiment, method: str, *, workspace: Workspace) -> Choice | None:
    """Return what was locked for a method's sweep as the experiment file has it now, else None.

    A choice from another grid or metric is none; whether its trials are current is for `Choice.stands_for`.
    """
    entry = experiment.methods.get(method)
    try:
        content = bytes_of(workspace.choice_file(experiment.name, method, seat(experiment, method)))
        choice = Choice.model_validate_json(content)
    except (OSError, ValidationError):
        return None
    asked = experiment.compare.metric
    how = (entry.sweep, entry.tuning is not None, entry.rungs) if entry else None
    same = (choice.grid, choice.drawn, choice.rungs) == how and choice.metric == asked
    return choice if same and choice.metric_sha256 == metric_sha256(asked) and choice.holds() else None


def current_choice(experiment: Experiment, method: str, *, workspace: Workspace) -> Choice | None:
    """Return what a sweep chose if its trials are the runs that the experiment asks for now, else None."""
    choice = read_choice(experiment, method, workspace=workspace)
    if choice is None:
        return None
    wanted, searched = trial_requests(experiment, method), searched_in(experiment)
    trials = tuple(resolve(request, searched, workspace=workspace).run_id for request in wanted)
    return choice if trials == choice.trials else None
