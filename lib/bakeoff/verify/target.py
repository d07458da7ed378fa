"""What is to be checked: a report's folder, the experiment as the report was made of it, and its runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakeoff.errors import BadValue, InputError, MissingFile, UnknownName
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.report.state import STATE
from bakeoff.runs.record import Record, read_records
from bakeoff.study.study import StudyData
from bakeoff.system.digests import bytes_of, from_json
from bakeoff.system.workspace import Workspace

__all__ = ["Target", "chosen_runs", "find_target"]


@dataclass(frozen=True)
class Target:
    """A report and what it was made of. folder: its own; state: what report.json holds, empty without one."""

    experiment: Experiment
    workspace: Workspace
    folder: Path
    state: dict[str, Any]

    def loaded(self, changes: Sequence[str]) -> Experiment:
        """Read the experiment file with other changes than the report's; raises InputError."""
        return _loaded(self.experiment.file, self.workspace, changes)


def find_target(name: str, workspace: Workspace) -> Target:
    """Find a report by its folder or its experiment file; raises InputError."""
    folder = next((path for path in (Path.cwd() / name, workspace.root / name) if path.is_dir()), None)
    if folder is None and name.endswith(".zip") and Path(name).exists():
        raise BadValue(name, "a zip is no folder of a report", hint="unpack it into reports/ of a workspace")
    if folder is None:
        file = workspace.experiment_file(name)
        home = workspace.report_folder(_loaded(file, workspace, ()).name)
    else:
        file, home = None, Path(os.path.abspath(folder))  # noqa: PTH100  under its name where it is a link
        if home.parent.resolve() != workspace.reports.resolve():
            reason = "not the folder of a report in this workspace"
            raise BadValue(name, reason, hint=f"reports are in {workspace.relative(workspace.reports)}/")
    state = _state(home)
    file = file or _file_of(home.name, state, workspace)
    changes = state.get("changes")
    wanted = [str(change) for change in changes] if isinstance(changes, list) else []
    return Target(_loaded(file, workspace, wanted), workspace, home, state)


def _loaded(file: Path, workspace: Workspace, changes: Sequence[str]) -> Experiment:
    return load_experiment(file, shown_as=workspace.relative(file), changes=changes, root=workspace.root)


def _state(folder: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        found = from_json(bytes_of(folder / STATE))
        return found if isinstance(found, dict) else {}
    return {}


def _file_of(name: str, state: dict[str, Any], workspace: Workspace) -> Path:
    """Return the experiment file that a report names, else the one whose experiment is called so."""
    told = state.get("experiment")
    if isinstance(told, str) and (workspace.root / told).is_file():
        return workspace.root / told
    for file in sorted((workspace.root / "params").glob("*.y*ml")):
        with suppress(InputError):
            if _loaded(file, workspace, ()).name == name:
                return file
    raise MissingFile(f"reports/{name}", "no experiment file in params/ is called so", hint="name the experiment file")


def chosen_runs(target: Target, names: Iterable[str]) -> list[Record]:
    """Return the runs to check: those that the report shows, or those that are named; raises UnknownName.

    names: run ids or their beginnings (`lora-s41`), or method@seed; of runs that are called so the report's come first
    """
    study = StudyData.of(target.experiment, workspace=target.workspace).collection
    rows = [run for row in (*study.rows, *study.additional) for run in row.records]
    told = [*rows, *(trial for trials in study.sweeps.values() for trial in trials if trial.status == "ok")]
    kept = read_records(target.folder / "runs", unreadable=lambda _: None)
    # As they were written: a study has added metrics that no run records, of an order or of one's own.
    written = {run.run_id: run for run in kept}
    shown = [written.get(run.run_id, run) for run in told]
    wanted = list(names)
    if not wanted:
        return shown
    found: dict[str, Record] = {}
    for name in wanted:
        mine = [run for run in shown if _called(run, name)] or [run for run in kept if _called(run, name)]
        if not mine:
            raise UnknownName("--runs", name, {run.run_id for run in kept}, kind="run")
        found |= {run.run_id: run for run in mine}
    return list(found.values())


def _called(run: Record, name: str) -> bool:
    return bool(name) and (run.run_id.startswith(name) or f"{run.method}@{run.seed}" == name)
