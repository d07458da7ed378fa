"""What executes runs, as the loop over a plan sees it: something that says how many at a time, and starts one."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from bakeoff.execution.attempt import Outcome
from bakeoff.execution.plan import Plan
from bakeoff.execution.state import Item
from bakeoff.experiment.model import Experiment
from bakeoff.runs.run import Run
from bakeoff.system.workspace import RunFolder, Workspace

__all__ = ["Attempting", "Engine"]


class Attempting(Protocol):
    """One run being executed somewhere: `look` until it returns an outcome."""

    item: Item
    run: Run
    folder: RunFolder

    @property
    def seconds(self) -> float:
        """Time since it was started."""

    def wait(self, seconds: float) -> None:
        """Wait that long at most, less where it ends before."""

    def kill(self) -> None:
        """End it now, without waiting for the end; what it has written stays, and so does the way to go on."""

    def look(self) -> Outcome | None:
        """Take the next step if it is time for it; return how the run ended, None while it goes on."""


class Engine(Protocol):
    """A place for runs, entered before the first and left after the last.

    It starts runs and tells how they ended; the next run, choices of sweeps and what is shown are not its business.
    """

    def __enter__(self) -> Self:
        """Get ready."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of everything."""

    def places(self, found: Plan) -> int:
        """Return how many runs of a plan to keep going at a time; raises InputError where one can never have room."""

    def start(
        self, item: Item, run: Run, *, experiment: Experiment, workspace: Workspace, limit_s: float | None
    ) -> Attempting:
        """Start a run, of which the kernel may take `limit_s` seconds."""
