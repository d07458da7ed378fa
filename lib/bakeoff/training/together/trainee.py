"""Runs of methods that are trained by several processes of this machine together.

The notebook's own process prepares the run and predicts; in between the others train, and leave a checkpoint of the
last epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from typing_extensions import override

from bakeoff.data.splits import Splits
from bakeoff.errors import BadValue
from bakeoff.runs.run import Run
from bakeoff.system.own import look_in, looked_in
from bakeoff.system.workspace import RunFolder
from bakeoff.training.checkpoint import latest
from bakeoff.training.cost import combined
from bakeoff.training.fit import Fitted
from bakeoff.training.learner import Evaluate
from bakeoff.training.neural import NeuralTrainee
from bakeoff.training.progress import OnProgress
from bakeoff.training.together.launch import launch
from bakeoff.training.together.team import Team

__all__ = ["SharedTrainee"]


@dataclass(frozen=True)
class _Trained:
    """What the processes tell of their training; weights are in the checkpoint that `context` opens."""

    fitted: Fitted
    context: dict[str, Any]
    meter: dict[str, dict[str, Any]]
    kept_layers: int | None


class SharedTrainee(NeuralTrainee):
    """A base model, a method's changes to it, and the one fit loop in several processes."""

    def __init__(self, run: Run, splits: Splits) -> None:
        wanted, there = run.params["processes"], torch.cuda.device_count()
        if torch.cuda.is_available() and there < wanted:
            reason = f"{wanted} cannot be used: each computes on a GPU of its own, and {there} can be seen here"
            raise BadValue("processes", reason)
        super().__init__(run, splits)

    @override
    def _fitted(self, folder: RunFolder, evaluate: Evaluate, on_progress: OnProgress | None, show_bar: bool) -> Fitted:
        self.model.to("cpu")  # the first process has the same GPU
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        given = {
            "run": self.run,
            "splits": self.splits,
            "folder": folder,
            "evaluate": evaluate,
            "own_code_in": looked_in(),
        }
        trained: _Trained = launch(_train, self.processes, given=given, on_progress=on_progress, show_bar=show_bar)
        self.model.to(self.device)
        self.kept_layers = trained.kept_layers
        self.meter.take(trained.meter)
        found, task = latest(folder, context=trained.context), self._task(evaluate)
        if found is None:
            raise RuntimeError("the processes that trained left no checkpoint that can be read")
        with task.rows or nullcontext():
            task.restore(found.tensors())
        return trained.fitted


def _train(
    *,
    joined: Callable[[], Team],
    on_progress: OnProgress | None,
    run: Run,
    splits: Splits,
    folder: RunFolder,
    evaluate: Evaluate,
    own_code_in: Path | None,
) -> _Trained:
    """Be one of the processes: prepare the same run, and train it with the others."""
    if own_code_in:
        look_in(own_code_in)
    trainee = _Member(run, splits)
    trainee.team = joined()
    trainee.fit(folder, evaluate, on_progress=on_progress, show_bar=False)
    return trainee.told()


class _Member(NeuralTrainee):
    """The run as one of the processes has it."""

    context: dict[str, Any]

    @override
    def _task(self, evaluate: Evaluate) -> Any:
        task = super()._task(evaluate)
        self.context = task.context
        return task

    def told(self) -> _Trained:
        """Return what the notebook's own process has to know."""
        assert self.fitted is not None  # noqa: S101
        meter = combined(self.team.gathered(self.meter.state()))
        return _Trained(self.fitted, self.context, meter, self.kept_layers)
