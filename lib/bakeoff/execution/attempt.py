"""One attempt at one run, from its start to what it left behind."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

from bakeoff.errors import RecordError
from bakeoff.execution.kernels import Execution
from bakeoff.execution.state import Item, checkpointed_epoch
from bakeoff.execution.warm import forge_for
from bakeoff.experiment.model import Experiment
from bakeoff.methods.registry import method
from bakeoff.runs.commands import command
from bakeoff.runs.files import FROM_RECORD, check_files
from bakeoff.runs.further import WITHOUT_TESTS, Declared, declared_tests, lacking
from bakeoff.runs.record import Failure, Record, read_record, write_record
from bakeoff.runs.run import Run, about
from bakeoff.system.atomic import named, own
from bakeoff.system.cores import kernel_settings
from bakeoff.system.locks import free
from bakeoff.system.workspace import RunFolder, Workspace

__all__ = ["ORPHAN_S", "Attempt", "Outcome", "Summary", "failed_record", "import_ahead", "left_behind"]


ORPHAN_S = 10.0
"""How long to wait for a run whose orchestrator was killed: its kernel notices within two seconds."""


class Attempt:
    """One run being executed: `look` until it returns an outcome.

    limit_s: time its kernel may take; jobs: how many go on at a time; patience_s: how long to wait for its folder
    """

    def __init__(
        self,
        item: Item,
        run: Run,
        *,
        experiment: Experiment,
        workspace: Workspace,
        limit_s: float | None,
        jobs: int,
        patience_s: float = ORPHAN_S,
    ) -> None:
        self.item, self.run = item, run
        self.folder = workspace.run_folder(experiment.name, run.run_id)
        self._experiment, self._workspace, self._limit_s, self._jobs = experiment, workspace, limit_s, jobs
        self._patience_s = patience_s
        self._begun = self._launched = time.monotonic()
        self._execution: Execution | None = None

    @property
    def seconds(self) -> float:
        """Time since its kernel was started, or since it waits for its folder."""
        return time.monotonic() - self._launched

    def wait(self, seconds: float) -> None:
        """Wait that long at most, less where it ends before."""
        if self._execution is None:
            time.sleep(seconds)
        else:
            self._execution.wait(seconds)

    def kill(self) -> None:
        """End its kernel now; what it has written stays, and so does the way to go on from it."""
        if self._execution is not None:
            self._execution.kill()

    def look(self) -> Outcome | None:
        """Take the next step if it is time for it; return how the run ended, None while it goes on."""
        if self._execution is None:
            if free(self.folder):
                record = left_behind(self.run, self.folder)
                if isinstance(record, Record) and self._whole(record):
                    return Outcome(self.item, "ok", 0.0, "finished by another process", record)
                self._launch()
            elif self.seconds > self._patience_s:
                return Outcome(self.item, "busy", 0.0, "another process is working on it")
            return None
        if self._execution.wait(0):
            return self._ended(self._execution.failure)
        if self._limit_s is not None and self.seconds > self._limit_s:
            self._execution.kill()
            self._execution.wait(ORPHAN_S)
            message = f"stopped after {self._limit_s:g} s, its time limit"
            return self._ended(Failure(type="TimeLimit", message=message, kind="time"))
        return None

    def _stands(self, record: Record) -> bool:
        """Return whether what another process left is this run's result; one ahead of its sweep's choice is not."""
        sweep = self._experiment.entry(self.run.method).sweep
        try:
            check_files(record, self.folder)
        except RecordError:
            return False
        kept = self.folder.model.is_dir() or not self._untested(record)
        return record.status == "ok" and not record.ahead_of(sweep) and kept

    def _whole(self, record: Record) -> bool:
        """Return whether there is nothing to do but to take what another process left."""
        return self._stands(record) and not self.folder.attempt.exists() and not self._untested(record)

    def _untested(self, record: Record) -> list[str]:
        """Return the further test sets that it has still to predict."""
        return [] if self.item.cell else lacking(record, self.folder, self._tests)

    @cached_property
    def _tests(self) -> dict[str, Declared]:
        return declared_tests(self._experiment, workspace=self._workspace)

    def _launch(self) -> None:
        folder, run, root = self.folder, self.run, self._workspace.root
        folder.path.mkdir(parents=True, exist_ok=True)
        record = left_behind(run, folder)
        whole = isinstance(record, Record) and self._stands(record)
        if not whole and not _of_rung(run, folder):  # which counts until this one has ended
            for path in (folder.record, folder.predictions, folder.notebook):
                if path.is_dir():  # where a file belongs, which could not be put in its place
                    shutil.rmtree(path)
            folder.record.unlink(missing_ok=True)
        folder.progress.unlink(missing_ok=True)
        own(folder.attempt).touch()
        given: dict[str, Any] = {
            "params": self._workspace.relative(self._experiment.file),
            "method": run.method,
            "seed": run.seed,
            "role": run.role,
            **run.request.overrides,
        }
        if run.request.stop_after is not None:
            given["stop_after"] = run.request.stop_after
        if run.changes:
            given["changes"] = list(run.changes)
        _head(folder, given)
        settings = _settings(run, self._experiment, jobs=self._jobs)
        if whole:
            settings[FROM_RECORD] = run.run_id
        if self.item.cell:
            settings[WITHOUT_TESTS] = "yes"
        notebook = self._workspace.notebook("train")
        self._execution = Execution(notebook, folder.notebook, given, root=root, log=folder.log, settings=settings)
        self._launched = time.monotonic()
        self._execution.start()

    def _ended(self, failure: Failure | None) -> Outcome:
        """See to it that a record tells how the run ended; failure: why its notebook did not reach its end.

        Raises OSError where the disk was to blame: the run is left as it is, to be gone on with when that is mended.
        """
        seconds = time.monotonic() - self._begun
        if self._execution and (trouble := self._execution.trouble):
            raise trouble
        if failure and failure.type == "RunBusy":
            return Outcome(self.item, "busy", seconds, failure.message)
        record = left_behind(self.run, self.folder)
        if isinstance(record, Failure):
            reason = failure or record
            record = failed_record(
                self.run, reason, experiment=self._experiment, workspace=self._workspace, jobs=self._jobs
            )
            write_record(record, self.folder.record)
        self.folder.progress.unlink(missing_ok=True)
        if failure is None or failure.type not in ("KernelDied", "TimeLimit") or record.status != "ok":
            self.folder.attempt.unlink(missing_ok=True)
        why = f"{record.error.type}: {record.error.message}" if record.error else ""
        if failure and record.status == "ok":
            what = f"a later cell failed ({failure.where}: " if failure.where else "its notebook is not ("
            why = f"its result is whole; {what}{failure.type}: {failure.message})"
        return Outcome(self.item, record.status, seconds, why, record)


def import_ahead(run: Run, experiment: Experiment) -> None:
    """Let the process that kernels like this run's are forked from begin its imports, where there is to be one."""
    forge_for({**os.environ, **_settings(run, experiment, jobs=1)})


def _settings(run: Run, experiment: Experiment, *, jobs: int) -> dict[str, str]:
    """Return the environment variables that a run's kernel gets beyond those of this process."""
    threads = run.params.get("threads") if method(run.kind).neural else 1
    return {**kernel_settings(threads, jobs=jobs), **experiment.as_read}


def _head(folder: RunFolder, given: dict[str, Any]) -> None:
    """Open a new part of the log; an earlier attempt's stays above it."""
    epoch = checkpointed_epoch(folder)
    goes_on = f", goes on after epoch {epoch}" if epoch else ""
    with named(folder.log), own(folder.log).open("a", encoding="utf-8", newline="\n") as log:
        log.write(f"# {datetime.now(UTC).isoformat(timespec='seconds')} {given}{goes_on}\n")


def failed_record(run: Run, failure: Failure, *, experiment: Experiment, workspace: Workspace, jobs: int = 1) -> Record:
    """Return the record of a run that ended without one of its own. jobs: how many went on at a time."""
    return Record(
        **about(run, command=command(run, workspace.relative(experiment.file))),
        compare=experiment.compare.model_dump(mode="json"),
        status="diverged" if failure.kind == "diverged" else "failed",
        error=failure,
        environment={"finished_at": datetime.now(UTC).isoformat(timespec="seconds"), "jobs": jobs},
    )


def left_behind(run: Run, folder: RunFolder) -> Record | Failure:
    """Return the record a kernel wrote for this run, or why there is none that can be used.

    A record stands even where a cell after it failed: the result was whole before, only its display is not.
    """
    try:
        record = read_record(folder.record)
    except RecordError as error:
        if folder.record.exists():
            return Failure(type="BadRecord", message=error.reason)
        reason = "experiment file, data, model or code may have changed while it ran"
        return Failure(type="NoRecord", message=f"the notebook ended without a record of {run.run_id}; {reason}")
    if record.run_id != run.run_id:
        return Failure(type="BadRecord", message=f"the record names another run, {record.run_id}")
    if not record.reaches(run.request.stop_after):
        message = f"the notebook ended without going on after epoch {record.stopped_after}"
        return Failure(type="NoRecord", message=message)
    return record


def _of_rung(run: Run, folder: RunFolder) -> bool:
    """Return whether what lies in a trial's folder is its result at an earlier rung of a search."""
    try:
        record = read_record(folder.record)
    except RecordError:
        return False
    return record.run_id == run.run_id and not record.reaches(run.request.stop_after)


@dataclass(frozen=True)
class Outcome:
    """How one run ended.

    status: busy where another process was working on it, which leaves it as it was; reason: why it has no result
    """

    item: Item
    status: Literal["ok", "failed", "diverged", "busy"]
    seconds: float
    reason: str = ""
    record: Record | None = None


@dataclass
class Summary:
    """How a whole execution ended.

    finished, total: runs of the plan with a result, and all of them; without_result: name -> reason;
    interrupted: somebody stopped it
    """

    outcomes: list[Outcome] = field(default_factory=list)
    finished: int = 0
    total: int = 0
    without_result: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def executed(self) -> int:
        """How many runs were executed, a trial that went on from rung to rung once."""
        return len({outcome.item.run.run_id for outcome in self.outcomes if outcome.item.run})

    @property
    def exit_status(self) -> int:
        """0 where every run has a result, 130 after an interrupt, else 1."""
        if self.interrupted:
            return 130
        return 0 if self.finished == self.total else 1
