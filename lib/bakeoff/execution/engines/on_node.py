"""What a node of a cluster does for one run: reads the experiment, checks that it is the same run here, executes it."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from bakeoff.errors import InputError, StoreFailed
from bakeoff.execution.attempt import ORPHAN_S, Attempt, Outcome
from bakeoff.execution.engines.parcel import lay_out
from bakeoff.execution.state import Item
from bakeoff.execution.warm import warm_kernels
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.runs.run import Run, resolve
from bakeoff.storage.address import open_store
from bakeoff.storage.mirror import Mirror
from bakeoff.storage.runs import StoredRuns
from bakeoff.system.atomic import own, scratch_folder
from bakeoff.system.workspace import AS_READ, RunFolder, Workspace

__all__ = ["Order", "execute_order"]


PATIENCE_S = 120.0
"""How long a run waits for its folder: a shared file system takes a while to see that a lost node holds no lock."""
POLL_S = 0.25
_KERNELS: list[ExitStack] = []


@dataclass(frozen=True)
class Order:
    """A run to execute, as it travels to a node: nothing in it needs code of the user's own to be read.

    file: the experiment's, changes: to it; limit_s: time its kernel may take; settings: environment variables of
    whoever asked, the file's text as that read it among them; store: address of one, where nodes do not see the
    workspace
    """

    item: Item
    run: Run
    file: Path
    changes: tuple[str, ...]
    root: Path
    limit_s: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    store: str | None = None


def execute_order(order: Order, files: Mapping[str, bytes], *, node: str) -> Outcome | str:
    """Execute a run here; return how it ended, or in a line why it cannot be done on this node.

    files: of the workspace, for an order with a store; node: what this one is called
    A KeyboardInterrupt ends its kernel and leaves what the next attempt goes on from.
    """
    os.environ.pop(AS_READ, None)
    os.environ.update(order.settings)
    here = f"node {platform.node()} ({node})"
    _keep_imports()
    try:
        if order.store is None:
            return _at(order, here, node)
        with scratch_folder() as scratch:
            root = lay_out(files, scratch.resolve()).root
            return _at(replace(order, root=root, file=root / order.file.relative_to(order.root)), here, node)
    except (InputError, StoreFailed) as error:
        return f"{here} cannot execute runs: {error}"


def _at(order: Order, here: str, node: str) -> Outcome | str:
    """Execute a run in the workspace that an order names."""
    if not order.file.is_file():
        hint = "put the workspace on a folder that all nodes see under this path, or its runs into a --store"
        return f"{here} does not see {order.file}: {hint}"
    workspace = Workspace(order.root)
    shown = workspace.relative(order.file)
    experiment = load_experiment(order.file, shown_as=shown, changes=order.changes, root=order.root)
    if resolve(order.run.request, experiment, workspace=workspace).run_id != order.run.run_id:
        return f"{here} would make another run than {order.run.run_id}: packages, code or data differ there"
    stored = _brought(order, experiment, workspace) if order.store else None
    _sign(workspace.run_folder(experiment.name, order.run.run_id), node)
    outcome = _attempted(order, experiment, workspace, stored)
    if stored:
        stored.publish(order.run.run_id)
    return outcome


def _brought(order: Order, experiment: Experiment, workspace: Workspace) -> StoredRuns:
    """Bring what a store has of a run: its end or its last epoch, and what sweeps chose."""
    mirror = Mirror(open_store(order.store or ""), experiment.name, workspace)
    for name in mirror.objects.names("choices"):
        mirror.bring_choice(name)
    if not mirror.runs.bring(order.run.run_id, models=False):
        mirror.runs.bring_checkpoint(order.run.run_id)
    return mirror.runs


def _attempted(order: Order, experiment: Experiment, workspace: Workspace, stored: StoredRuns | None) -> Outcome:
    """Execute a run to its end, each whole epoch in the store as soon as that takes it."""
    attempt = Attempt(
        order.item,
        order.run,
        experiment=experiment,
        workspace=workspace,
        limit_s=order.limit_s,
        jobs=1,
        patience_s=PATIENCE_S,
    )
    try:
        while (outcome := attempt.look()) is None:
            attempt.wait(POLL_S)
            if stored:
                _keep_epoch(stored, order.run.run_id)
    except BaseException:  # KeyboardInterrupt is how a task is cancelled
        attempt.kill()
        attempt.wait(ORPHAN_S)
        if stored:
            _keep_epoch(stored, order.run.run_id)
        raise
    return outcome


def _keep_epoch(stored: StoredRuns, run_id: str) -> None:
    with suppress(StoreFailed, OSError):  # the next epoch has just taken its place, or will be sent
        stored.publish_checkpoint(run_id)


def _keep_imports() -> None:
    """Let kernels be forked for as long as this process lives, which the next run finds ready."""
    if not _KERNELS:
        _KERNELS.append(ExitStack())
        _KERNELS[0].enter_context(warm_kernels())


def _sign(folder: RunFolder, node: str) -> None:
    """Write into a run's log which node takes it."""
    folder.path.mkdir(parents=True, exist_ok=True)
    with own(folder.log).open("a", encoding="utf-8", newline="\n") as log:
        log.write(f"# on node {node} ({platform.node()})\n")
