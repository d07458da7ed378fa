"""Finds the finished run that a person means: by run id, the beginning of one, or method@seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bakeoff.errors import BadValue, UnknownName
from bakeoff.runs.record import Record, read_record
from bakeoff.system.workspace import RunFolder, Workspace

__all__ = ["Finished", "find_run"]


LISTED = 8


@dataclass(frozen=True)
class Finished:
    """A finished run with a model. folder: its files; record: what it measured."""

    folder: RunFolder
    record: Record


def find_run(name: str, workspace: Workspace, *, bring: Callable[[Record], object] | None = None) -> Finished:
    """Find a run among all experiments; raises UnknownName or BadValue with near names, RecordError.

    name: run id or its beginning, method@seed, each with `experiment/` before it where several have one
    bring: called for a run whose model is not here, to bring it
    """
    files = sorted(workspace.reports.glob("*/runs/*/record.json"))
    runs = {f"{path.parents[2].name}/{path.parent.name}": path for path in files}
    short = {run: run.partition("/")[2] for run in runs}
    if not runs:
        raise BadValue("RUN_ID", f"{name!r}: no run has finished yet", hint="`bakeoff run` makes runs")
    found = [run for run in runs if name in (run, short[run])]
    if not found and "@" in name:
        found = _of_method(name, runs)
    elif not found:
        found = [run for run in runs if name and (run.startswith(name) or short[run].startswith(name))]
    if not found:
        raise UnknownName("RUN_ID", name, short.values(), kind="run")
    if len(found) > 1:
        some = ", ".join(sorted(found)[:LISTED]) + (", ..." if len(found) > LISTED else "")
        raise BadValue("RUN_ID", f"{name!r} could be {len(found)} runs", hint=f"name one of {some}")
    folder = RunFolder(runs[found[0]].parent)
    record = read_record(folder.record)
    if record.status != "ok":
        why = f": {record.error.type}" if record.error else ""
        raise BadValue("RUN_ID", f"{record.run_id} ended without a model ({record.status}{why})")
    if record.cost is None:
        raise BadValue("RUN_ID", f"{record.run_id} has no model: its answers were made elsewhere")
    if not folder.model.is_dir() and bring:
        bring(record)
    if not folder.model.is_dir():
        away = folder.stored.is_file()
        reason = "left its model in the store that it came from" if away else "has no model/ any more"
        hint = "--store ADDRESS brings it" if away else "delete its record and run it again"
        raise BadValue("RUN_ID", f"{record.run_id} {reason}", hint=hint)
    return Finished(folder, record)


def _of_method(name: str, runs: Mapping[str, Path]) -> list[str]:
    """Return the runs of a method with a seed; a sweep's trials only where there is nothing else."""
    method, _, seed = name.rpartition("@")
    found: list[tuple[str, Record]] = []
    for run, path in runs.items():
        beginning = f"{method}-s{seed}-"
        if run.startswith(beginning) or run.partition("/")[2].startswith(beginning):
            record = read_record(path)
            if method in (record.method, f"{record.experiment}/{record.method}") and str(record.seed) == seed:
                found.append((run, record))
    meant = [run for run, record in found if record.role != "sweep"]
    return meant or [run for run, _ in found]
