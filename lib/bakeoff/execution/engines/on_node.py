"""What a node of a cluster does for one run: reads the experiment, checks that it is the same run here, executes it."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bakeoff.errors import InputError
from bakeoff.execution.attempt import ORPHAN_S, Attempt, Outcome
from bakeoff.execution.state import Item
from bakeoff.execution.warm import warm_kernels
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.runs.run import Run, resolve
from bakeoff.system.workspace import AS_READ, RunFolder, Workspace

__all__ = ["Order", "execute_order"]


PATIENCE_S = 120.0
"""How long a run waits for its folder: a shared file system takes a while to see that a lost node holds no lock."""
POLL_S = 0.25
_KERNELS: list[ExitStack] = []


@dataclass(frozen=True)
class Order:
    """A run to execute, as it travels to a node: nothing in it needs code of the user's own to be read.

    file: the experiment's; changes: to it; limit_s: time its kernel may take; settings: environment variables of
    whoever asked, the file's text as that read it among them
    """

    item: Item
    run: Run
    file: Path
    changes: tuple[str, ...]
    root: Path
    limit_s: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def execute_order(order: Order, *, node: str) -> Outcome | str:
    """Execute a run here; return how it ended, or in a line why it cannot be done on this node.

    node: what it is called
    A KeyboardInterrupt ends its kernel and leaves what the next attempt goes on from.
    """
    os.environ.pop(AS_READ, None)
    os.environ.update(order.settings)
    workspace, here = Workspace(order.root), f"node {platform.node()} ({node})"
    if not order.file.is_file():
        return f"{here} does not see {order.file}: put the workspace on a folder that all nodes see under this path"
    try:
        shown = workspace.relative(order.file)
        experiment = load_experiment(order.file, shown_as=shown, changes=order.changes, root=order.root)
        same = resolve(order.run.request, experiment, workspace=workspace).run_id == order.run.run_id
    except InputError as error:
        return f"{here} cannot execute runs: {error}"
    if not same:
        return f"{here} would make another run than {order.run.run_id}: packages, code or data differ there"
    _keep_imports()
    _sign(workspace.run_folder(experiment.name, order.run.run_id), node)
    return _attempted(order, experiment, workspace)


def _attempted(order: Order, experiment: Experiment, workspace: Workspace) -> Outcome:
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
    except BaseException:  # KeyboardInterrupt is how a task is cancelled
        attempt.kill()
        attempt.wait(ORPHAN_S)
        raise
    return outcome


def _keep_imports() -> None:
    """Let kernels be forked for as long as this process lives, which the next run finds ready."""
    if not _KERNELS:
        _KERNELS.append(ExitStack())
        _KERNELS[0].enter_context(warm_kernels())


def _sign(folder: RunFolder, node: str) -> None:
    """Write into a run's log which node takes it."""
    folder.path.mkdir(parents=True, exist_ok=True)
    with folder.log.open("a", encoding="utf-8", newline="\n") as log:
        log.write(f"# on node {node} ({platform.node()})\n")
