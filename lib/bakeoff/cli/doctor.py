"""`bakeoff doctor`: whether this machine and environment will do."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bakeoff.cli.command import DEFAULT, Command, console, say
from bakeoff.errors import InputError, MissingFile, shown

if TYPE_CHECKING:
    from bakeoff.doctor.finding import Finding
    from bakeoff.execution.plan import Plan
    from bakeoff.system.workspace import Workspace

__all__ = ["DOCTOR"]


UNFIT = 3
"""Exit status where runs would fail, the one of files that cannot be written."""


def _doctor(options: argparse.Namespace) -> int:
    to, faults = console(), 0
    for finding in _findings(options):
        faults += finding.fault
        say(f"{finding.state:<6}{finding.about:<20}{finding.said}")
        if finding.todo:
            say(f"{'':<26}{finding.todo}")
    to.print("runs would fail: see what to do above" if faults else "runs can be made", highlight=False)
    return UNFIT if faults else 0


def _findings(options: argparse.Namespace) -> Iterator[Finding]:
    workspace = _workspace()
    plan = _plan(workspace, options.experiment)
    for name in ("python", "packages", "devices", "cores", "memory"):
        yield from _look("machine", name)
    yield from _look("places", "home", workspace)
    yield from _look("places", "folders", workspace)
    yield from _look("places", "disk", workspace, plan)
    yield from _look("places", "hub", reach=not options.no_hub)
    for name in ("fonts", "kernels"):
        yield from _look("machine", name)


def _look(module: str, name: str, *given: Any, **named: Any) -> Iterator[Finding]:
    """Take one look; whatever keeps it from being taken, a broken library say, is found as well."""
    from bakeoff.doctor.finding import Finding

    try:
        yield from getattr(import_module(f"bakeoff.doctor.{module}"), name)(*given, **named)
    except Exception as error:  # noqa: BLE001
        said = f"{type(error).__name__}: {shown(error, limit=200)}"
        yield Finding(name, said, "install bakeoff again, in an environment of its own", fault=True)


def _workspace() -> Workspace | None:
    from bakeoff.system.workspace import find_workspace

    try:
        return find_workspace()
    except MissingFile:
        return None


def _plan(workspace: Workspace | None, name: str | None) -> Plan | None:
    """Return the plan of an experiment, or of the example where that is there and can be planned."""
    from bakeoff.execution.plan import plan
    from bakeoff.experiment.load import load_experiment
    from bakeoff.system.workspace import find_workspace

    if workspace is None:
        if name:
            find_workspace()  # says that there is none
        return None
    try:
        file = workspace.experiment_file(name or DEFAULT)
        return plan(load_experiment(file, shown_as=workspace.relative(file), root=workspace.root), workspace)
    except InputError:
        if name:
            raise
        return None


def _arguments(parser: argparse.ArgumentParser) -> None:
    told = f"experiment file whose runs the disk is held against (default: {DEFAULT}, where it is there)"
    parser.add_argument("experiment", nargs="?", help=told)
    parser.add_argument("--no-hub", action="store_true", help="do not ask the hub whether it answers")


DOCTOR = Command(_doctor, arguments=_arguments)
