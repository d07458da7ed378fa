"""Level 0: the report rendered again from the same records, in another folder, has the same bytes."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path

from bakeoff.errors import MissingFile
from bakeoff.report.build import render
from bakeoff.report.inputs import inputs_of
from bakeoff.report.outputs import FIGURES, FORMATS, is_output, outputs_of
from bakeoff.report.state import STATE
from bakeoff.runs.verified import Check, Level
from bakeoff.system.atomic import scratch_folder
from bakeoff.system.digests import sha256_of
from bakeoff.system.locks import report_held
from bakeoff.verify.target import Target

__all__ = ["here", "rerender"]


def here() -> dict[str, str]:
    """Return what a check hangs on: interpreter, machine, bakeoff."""
    return {"bakeoff": version("bakeoff"), "python": platform.python_version(), "platform": platform.platform()}


def rerender(target: Target) -> Level:
    """Render the report once more and hold each of its files against the one that is there; raises MissingFile.

    What is there stays as it is, and this is no further look at the experiment.
    """
    experiment, workspace = target.experiment, target.workspace
    if not (target.folder / STATE).is_file():
        shown = workspace.relative(target.folder)
        raise MissingFile(shown, "no report yet", hint=f"`bakeoff report {workspace.relative(experiment.file)}`")
    told = target.state.get("made_again")
    again = told if isinstance(told, dict) else {}
    with report_held(workspace.report_lock(experiment.name), to_read=True), scratch_folder() as scratch:
        changed = _changed(target)
        formats = _formats(target)
        made = render(experiment, workspace, scratch, again=again, formats=formats)
        outputs = target.state.get("outputs")
        listed = [name for name in outputs if is_output(name, experiment)] if isinstance(outputs, dict) else []
        names = dict.fromkeys([*outputs_of(experiment, formats), *listed, *made.files])
        checks = [_held(name, target, scratch, changed) for name in names]
    return Level(checks=tuple(checks), where=here())


def _formats(target: Target) -> list[str]:
    """Return the formats that the report has: report.json may tell of fewer than there are files of."""
    told = target.state.get("formats", FORMATS)
    files = [*(target.folder / name for name in outputs_of(target.experiment)), *target.folder.glob(f"{FIGURES}/*")]
    there = {path.suffix[1:] for path in files if path.exists()}
    return [one for one in FORMATS if one in there or not isinstance(told, list | tuple) or one in told]


def _changed(target: Target) -> list[str]:
    """Return what the report was made from and is not the same any more."""
    before, now = target.state.get("inputs"), inputs_of(target.experiment, target.workspace)
    if not isinstance(before, Mapping):
        return ["what it was made from"]
    return [name for name, sha256 in now.items() if before.get(name) != sha256]


def _held(name: str, target: Target, scratch: Path, changed: list[str]) -> Check:
    there, made = target.folder / name, scratch / name
    if not there.is_file():
        return Check(name=name, result="DIVERGED", stage="report", why="it is not there")
    if not made.is_file() and not changed:
        return Check(name=name, result="DIVERGED", stage="rendering", why="rendered again there is no such file")
    if made.is_file() and there.read_bytes() == made.read_bytes():
        return Check(name=name, result="IDENTICAL")
    outputs = target.state.get("outputs")
    if not isinstance(outputs, Mapping) or outputs.get(name) != sha256_of(there):
        return Check(name=name, result="DIVERGED", stage="report", why="not the file that was written")
    if changed:
        why = f"changed or left out since the report was written: {', '.join(changed)}"
        return Check(name=name, result="NOT_COMPARABLE", stage=changed[0], why=why)
    return Check(name=name, result="DIVERGED", stage="rendering", why=_where(there.read_bytes(), made.read_bytes()))


def _where(before: bytes, after: bytes) -> str:
    """Say where two files part."""
    lines = zip_longest(before.split(b"\n"), after.split(b"\n"))
    number = next(number for number, (one, other) in enumerate(lines, 1) if one != other)
    return f"rendered again it differs from line {number} on"
