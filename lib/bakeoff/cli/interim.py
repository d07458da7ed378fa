"""The report while runs are still to come, written beside them by a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

from bakeoff.experiment.model import Experiment
from bakeoff.system.workspace import ON_THE_WAY, Workspace

__all__ = ["Interim"]


LEAST_S = 60.0
"""A report takes a third of that from the runs beside it: whoever gets the whole one sooner needs none before."""


class Interim:
    """Writes the report anew after a round, at a low priority; where one is still being written it goes on.

    Leaving its context gives up what is still being written: the whole report comes then, and each is written whole.

    From the third seed on a report claims something of methods, and each such report is a look that the last one pays
    for: those are left to whoever asks for them. A run that ends while the process starts ends the report, too.
    """

    def __init__(self, experiment: Experiment, workspace: Workspace) -> None:
        changes = [word for change in experiment.changes for word in ("--set", change)]
        self._command = [sys.executable, "-P", "-m", "bakeoff", "report", str(experiment.file), *changes]
        self._root, self._environment = workspace.root, {**os.environ, **experiment.as_read, ON_THE_WAY: "1"}
        self._process: subprocess.Popen[bytes] | None = None
        self._last = time.monotonic()

    def begin(self, seeds: int) -> bool:
        """Write the report while no method has more seeds than so many; return whether that has begun."""
        from bakeoff.stats.difference import LEAST_SEEDS

        busy = self._process is not None and self._process.poll() is None
        if busy or seeds >= LEAST_SEEDS or time.monotonic() - self._last < LEAST_S:
            return False
        self._last = time.monotonic()
        self._process = subprocess.Popen(
            self._command,
            cwd=self._root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with suppress(psutil.Error):  # it may have ended
            psutil.Process(self._process.pid).nice(_low_priority())
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()


def _low_priority() -> int:
    """Return the priority of its process: whatever runs beside comes first."""
    if sys.platform == "win32":
        below_normal: int = psutil.BELOW_NORMAL_PRIORITY_CLASS
        return below_normal
    return 10
