"""This machine as the engine: each run in a kernel process of its own, forked where that can be."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from bakeoff.execution.attempt import Attempt
from bakeoff.execution.engines.engine import Attempting
from bakeoff.execution.plan import Plan
from bakeoff.execution.resources import this_many
from bakeoff.execution.state import Item
from bakeoff.execution.warm import warm_kernels
from bakeoff.experiment.model import Experiment
from bakeoff.runs.run import Run
from bakeoff.system.workspace import Workspace

__all__ = ["Here"]


class Here:
    """This machine; see `Engine`.

    jobs: runs at a time (default: as many as have cores of their own)
    """

    def __init__(self, *, jobs: int | None = None) -> None:
        self._jobs = jobs
        self._kernels = ExitStack()

    def __enter__(self) -> Self:
        self._kernels.enter_context(warm_kernels())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kernels.close()

    def places(self, found: Plan) -> int:
        """Return how many runs go side by side."""
        self._jobs = self._jobs or this_many(found.to_do)
        return self._jobs

    def start(
        self, item: Item, run: Run, *, experiment: Experiment, workspace: Workspace, limit_s: float | None
    ) -> Attempting:
        """Start a run's kernel as soon as its folder is free."""
        jobs = self._jobs or 1
        return Attempt(item, run, experiment=experiment, workspace=workspace, limit_s=limit_s, jobs=jobs)
