"""What commands need where an experiment's runs lie in a store: its address, and working copies of what is in it."""

from __future__ import annotations

import argparse
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bakeoff.cli.command import DEFAULT, experiment_arguments, open_experiment, say
from bakeoff.errors import BadValue, MissingFile, UnknownName, shown

if TYPE_CHECKING:
    from collections.abc import Collection

    from bakeoff.execution.plan import Plan
    from bakeoff.execution.status import RunStatus
    from bakeoff.experiment.model import Experiment
    from bakeoff.storage.mirror import Mirror
    from bakeoff.storage.objects import Objects
    from bakeoff.storage.shared import SharedPlan
    from bakeoff.system.workspace import Workspace

__all__ = ["brought", "elsewhere", "open_mirrored", "share", "store_argument", "stored_arguments", "told_of_look"]


def store_argument(parser: argparse.ArgumentParser) -> None:
    """Declare `--store`."""
    told = "keep runs and reports in shared storage: s3://BUCKET/PREFIX, gs://, az:// or file:///FOLDER"
    parser.add_argument("--store", metavar="ADDRESS", help=told)


def stored_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that `open_mirrored` reads."""
    experiment_arguments(parser)
    store_argument(parser)


def open_mirrored(
    options: argparse.Namespace, *, named: str = "experiment"
) -> tuple[Experiment, Workspace, Mirror | None]:
    """Read the experiment that a command line names and, with a store, bring what is in it; raises InputError.

    named: the option that names the experiment
    With `--store` a folder that is no workspace becomes one, and an experiment file that is not here comes from the
    store.
    """
    from bakeoff.storage.address import open_store
    from bakeoff.storage.mirror import Mirror

    objects = open_store(options.store) if options.store else None
    if objects:
        objects.check()
        options.experiment = _experiment_here(getattr(options, named), objects)
        options.changes = getattr(options, "changes", [])
    experiment, workspace = open_experiment(options)
    if objects is None and experiment.store:
        objects = open_store(experiment.store, setting="store")
        objects.check()
    if objects is None:
        return experiment, workspace, None
    mirror = Mirror(objects, experiment.name, workspace, told=say)
    mirror.bring(models=bool(experiment.tests))
    return experiment, workspace, mirror


def share(mirror: Mirror, experiment: Experiment, *, alone: bool = False) -> SharedPlan:
    """Put what is here into the store, and return this driver's part in the plan. alone: of one run: its file only."""
    from bakeoff.storage.mirror import EXPERIMENT
    from bakeoff.storage.shared import SharedPlan

    if alone:
        mirror.objects.write(EXPERIMENT, experiment.file.read_bytes())
    else:
        mirror.publish(experiment.file)
    return SharedPlan(mirror, told=say, models=bool(experiment.tests))


def brought(mirror: Mirror, found: Plan) -> bool:
    """Bring the runs of a plan that the store did not list yet; return whether there was one."""
    asked = [item.run.run_id for item in found.to_do if item.run]
    return sum(mirror.runs.bring(run_id, models=False) for run_id in asked) > 0


def elsewhere(mirror: Mirror, known: Collection[RunStatus]) -> list[RunStatus]:
    """Return the runs that other drivers work on now, of those that have not ended."""
    from bakeoff.execution.status import RunStatus

    ended = {one.run_id for one in known if one.state == "done"}
    found = mirror.leases.held_by_others().items()
    return [
        RunStatus(run_id, "running", f"by {shown(lease.owner)}, its lease until {_clock(lease.expires)}")
        for run_id, lease in found
        if run_id not in ended
    ]


def told_of_look(mirror: Mirror) -> None:
    """Put the look that a report took into the store; where that may only be read, say that it is not counted there."""
    from bakeoff.errors import StoreFailed

    try:
        mirror.publish_looks()
    except StoreFailed as error:
        say(f"this look at the runs is not written down in the store, and not counted by others: {error}")


def _clock(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S} UTC"


def _experiment_here(name: str, objects: Objects) -> str:
    """Return the experiment file that a name is about, brought from the store where it is not here.

    The current folder becomes a workspace, once there is an experiment to be in it, unless it lies in one.
    """
    from bakeoff.storage.mirror import EXPERIMENT, experiments
    from bakeoff.system.atomic import atomic_path
    from bakeoff.system.starter import NOTEBOOKS, make_workspace
    from bakeoff.system.workspace import Workspace

    here = Path.cwd()
    places = (folder for folder in (here, *here.parents) if (folder / NOTEBOOKS[1]).is_file())
    root = next((folder for folder in places if (folder / "params").is_dir()), None)
    with suppress(MissingFile):
        found = str(Workspace(root or here).experiment_file(name))
        if root is None:
            make_workspace(here, files=NOTEBOOKS)
        return found
    there = experiments(objects)
    wanted = there[0] if name == DEFAULT and len(there) == 1 else Path(name).stem
    if wanted not in there:
        if name == DEFAULT and there:
            raise BadValue("experiment", "none is named", hint=f"name one of the store's: {', '.join(there)}")
        raise UnknownName("experiment", name, there, kind="experiment in the store")
    if root is None:
        make_workspace(here, files=NOTEBOOKS)
    file = (root or here) / "params" / f"{wanted}.yaml"
    with atomic_path(file) as scratch:
        scratch.write_bytes(objects.read(f"{wanted}/{EXPERIMENT}") or b"")
    return str(file)
