"""What a run left behind: its own record, or one that says why it has none."""

from __future__ import annotations

from datetime import UTC, datetime

from bakeoff.commands import command
from bakeoff.errors import RecordError
from bakeoff.experiment import Experiment
from bakeoff.record import Failure, Record, read_record
from bakeoff.run import Run, about
from bakeoff.workspace import RunFolder, Workspace

__all__ = ["failed_record", "left_behind"]


def failed_record(run: Run, failure: Failure, *, experiment: Experiment, workspace: Workspace) -> Record:
    """Return the record of a run that ended without one of its own."""
    return Record(
        **about(run, command=command(run, workspace.relative(experiment.file))),
        compare=experiment.compare.model_dump(mode="json"),
        status="diverged" if "Diverged" in failure.type else "failed",
        error=failure,
        environment={"finished_at": datetime.now(UTC).isoformat(timespec="seconds")},
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
        reason = "the experiment file or the code may have changed while it ran"
        return Failure(type="NoRecord", message=f"the notebook ended without a record of {run.run_id}; {reason}")
    if record.run_id != run.run_id:
        return Failure(type="BadRecord", message=f"the record names another run, {record.run_id}")
    return record
