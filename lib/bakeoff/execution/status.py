"""What is on disk for an experiment right now, without hashing or planning anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bakeoff.errors import RecordError
from bakeoff.execution.progress import read_progress, where_it_is
from bakeoff.execution.state import CUT_OFF, checkpointed_epoch
from bakeoff.experiment.cells import seat_of
from bakeoff.experiment.model import Experiment
from bakeoff.runs.files import read_whole
from bakeoff.runs.record import Record
from bakeoff.system.locks import free
from bakeoff.system.workspace import RunFolder, Workspace

__all__ = ["RunStatus", "statuses"]


@dataclass(frozen=True)
class RunStatus:
    """One run folder. detail: its score, its reason, or where it is."""

    run_id: str
    state: Literal["done", "failed", "diverged", "running", "stopped", "unreadable"]
    detail: str


def statuses(
    experiment: str, *, workspace: Workspace, sized: bool = False, grid: Experiment | None = None
) -> list[RunStatus]:
    """Return the state of every run folder of an experiment, by run id.

    sized: say of those that have ended how many training texts they asked for; grid: of which of its cells they are
    """
    folders = workspace.runs_folder(experiment).glob("*")
    found = (_of(RunFolder(path), sized=sized, grid=grid) for path in folders if path.is_dir())
    return sorted(found, key=lambda status: status.run_id)


def _of(folder: RunFolder, *, sized: bool, grid: Experiment | None) -> RunStatus:
    name = folder.path.name
    if not free(folder):
        return RunStatus(name, "running", where_it_is(read_progress(folder)))
    try:
        record = read_whole(folder)
        texts = record.identity["data"]["split"]["train"] if sized else None
        cell = f"{texts} texts" if texts else seat_of(grid, record.method, record.identity) if grid else ""
        ended = _ended(name, record)
        if record.status == "ok" and folder.attempt.exists():
            ended = RunStatus(name, "stopped", CUT_OFF)
        return replace(ended, detail=f"{cell}, {ended.detail}") if cell else ended
    except RecordError as error:
        if folder.record.exists():
            return RunStatus(name, "unreadable", error.reason)
    epoch = checkpointed_epoch(folder)
    return RunStatus(name, "stopped", f"can go on after epoch {epoch}" if epoch is not None else "starts over")


def _ended(name: str, record: Record) -> RunStatus:
    if record.status != "ok":
        failure = record.error
        place = f" (in {failure.where})" if failure and failure.where else ""
        return RunStatus(name, record.status, f"{failure.type}: {failure.message}{place}" if failure else "")
    # A trial has no test scores, and everything else is told by its report.
    scores = record.validation.metrics if record.validation else {}
    told = [f"validation {key} {scores[key]:.3f}" for key in ("accuracy",) if key in scores]
    if record.stopped_after:
        told.append(f"stopped after epoch {record.stopped_after} of {record.params['epochs']}")
    return RunStatus(name, "done", ", ".join(told))
