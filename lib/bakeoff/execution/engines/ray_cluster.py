"""Runs as tasks of Ray, on this machine's own cluster or on one that is there: each executes its notebook on its node.

All nodes see the workspace under the same path, and have the same packages: a run whose identity differs on its node
leaves no record of the run that was asked for. A run whose node is lost goes on from its last whole epoch on another.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from bakeoff.errors import BadValue
from bakeoff.execution.attempt import ORPHAN_S, Attempt, Outcome, failed_record, left_behind
from bakeoff.execution.plan import Plan
from bakeoff.execution.resources import Needs, needs_of
from bakeoff.execution.state import Item
from bakeoff.execution.warm import warm_kernels
from bakeoff.experiment.model import Experiment
from bakeoff.runs.record import Failure, Record, write_record
from bakeoff.runs.run import Run
from bakeoff.system.cores import available_cores
from bakeoff.system.own import look_in
from bakeoff.system.workspace import RunFolder, Workspace

__all__ = ["RayCluster"]


LOSSES = 20
"""Nodes that a run may lose before it counts as what kills them."""
PATIENCE_S = 120.0
"""How long a run waits for its folder: a shared file system takes a while to see that a lost node holds no lock."""
POLL_S = 0.25
STORE_BYTES = 100 * 2**20  # for outcomes alone; Ray would take a third of the memory
PASSED_ON = ("BAKEOFF_", "HF_", "TRANSFORMERS_")
_KERNELS: list[ExitStack] = []


class RayCluster:
    """A cluster of Ray; see `Engine`.

    address: host:port of its client server; empty for a cluster of this machine's own, or the one of $RAY_ADDRESS
    jobs: runs at a time (default: as many as the cluster has processors for)
    """

    def __init__(self, address: str = "", *, jobs: int | None = None) -> None:
        if importlib.util.find_spec("ray") is None:
            raise BadValue("--on", "ray is not installed", hint="pip install 'bakeoff[ray]' brings it")
        host, _, port = address.rpartition(":")
        if address and not (host and port.isdecimal()):
            hint = "for example ray://head.example.org:10001, where `ray start --head` runs"
            raise BadValue("--on", f"ray://{address} is no host and port", hint=hint)
        self._address, self._jobs = address, jobs
        self._records: list[Record] = []
        self._gpus = 0.0

    def __enter__(self) -> Self:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers
        import ray

        quiet = {"log_to_driver": False, "configure_logging": False}
        try:
            if self._address:
                ray.init(f"ray://{self._address}", **quiet)
            elif os.environ.get("RAY_ADDRESS"):
                ray.init(**quiet)
            else:
                own: Any = {"num_cpus": available_cores(), "object_store_memory": STORE_BYTES}
                ray.init("local", include_dashboard=False, **own, **quiet)
        except (ConnectionError, TimeoutError) as error:
            where = f"ray://{self._address}" if self._address else os.environ.get("RAY_ADDRESS", "ray")
            raise BadValue("--on", f"no cluster answers at {where}", hint="`ray status` says what runs") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import ray

        ray.shutdown()

    def places(self, found: Plan) -> int:
        """Return how many runs go at a time; raises BadValue where no node has what one of them needs."""
        import ray

        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        self._gpus = max((node.get("GPU", 0) for node in nodes), default=0)
        self._records = [item.record for item in found.items if item.record]
        wanted = {self._needs(item, found.experiment) for item in found.items if item.to_do or item.run is None}
        for needs in wanted:
            if not any(_fits(needs, node) for node in nodes):
                hint = "less of it under `resources`, or a node that has it before this starts"
                raise BadValue("resources", f"no node of the cluster has {_spoken(needs)} for a run", hint=hint)
        cores = sum(node.get("CPU", 0) for node in nodes)
        return self._jobs or max(1, int(cores // min((needs.cpus for needs in wanted), default=1)))

    def start(
        self, item: Item, run: Run, *, experiment: Experiment, workspace: Workspace, limit_s: float | None
    ) -> RayAttempt:
        """Hand a run to the cluster, which starts it where there is room for what it needs."""
        needs = self._needs(item, experiment)
        given = (replace(item, record=None), run, experiment, workspace, limit_s)
        return RayAttempt(item, run, given, needs=needs, learnt=self._records)

    def _needs(self, item: Item, experiment: Experiment) -> Needs:
        return needs_of(item, experiment, self._records, gpus=min(1.0, self._gpus))


class RayAttempt:
    """One run in the hands of a cluster, see `Attempting`; `learnt` takes its record in the end."""

    def __init__(self, item: Item, run: Run, given: tuple[Any, ...], *, needs: Needs, learnt: list[Record]) -> None:
        self.item, self.run = item, run
        self._given, self._needs, self._learnt = given, needs, learnt
        self._experiment, self._workspace = given[2], given[3]
        self.folder = self._workspace.run_folder(self._experiment.name, run.run_id)
        self._begun = time.monotonic()
        self._lost = 0
        self._task = self._submit()

    @property
    def seconds(self) -> float:
        """Time since it was handed over."""
        return time.monotonic() - self._begun

    def wait(self, seconds: float) -> None:
        """Wait that long at most, less where it ends before."""
        import ray

        ray.wait([self._task], timeout=seconds)

    def kill(self) -> None:
        """Have it cancelled: its task ends the kernel, or is never started."""
        import ray

        ray.cancel(self._task, force=False)

    def look(self) -> Outcome | None:
        """Return how the run ended, None while it goes on; one whose node was lost is handed over again."""
        import ray
        from ray.exceptions import OutOfMemoryError, RayError, RayTaskError, TaskCancelledError

        if not ray.wait([self._task], timeout=0)[0]:
            return None
        try:
            outcome: Outcome | str = ray.get(self._task)
        except (RayTaskError, TaskCancelledError):
            raise
        except OutOfMemoryError:
            return self._given_up(Failure(type="OutOfMemory", message="its node ran out of memory", kind="memory"))
        except RayError as error:
            self._lost += 1
            if self._lost > LOSSES:
                why = f"{self._lost} nodes were lost while they worked on it ({type(error).__name__})"
                return self._given_up(Failure(type="NodeLost", message=why, kind="killed"))
            self._task = self._submit()
            return None
        if isinstance(outcome, str):
            raise BadValue("--on", outcome, hint="put the workspace on a folder that all nodes see under this path")
        if outcome.record:
            self._learnt.append(outcome.record)
        return replace(outcome, item=self.item)

    def _submit(self) -> Any:
        import ray

        asked: dict[str, Any] = {"num_cpus": self._needs.cpus, "num_gpus": self._needs.gpus, "max_retries": 0}
        if self._needs.memory_gb:
            asked["memory"] = int(self._needs.memory_gb * 2**30)
        settings = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
        return ray.remote(_execute).options(name=self.item.name, **asked).remote(settings, *self._given)

    def _given_up(self, failure: Failure) -> Outcome:
        """See to it that a record tells of the end; the run itself may have left one before its node was lost."""
        record = left_behind(self.run, self.folder)
        if isinstance(record, Failure):
            record = failed_record(self.run, failure, experiment=self._experiment, workspace=self._workspace)
            self.folder.path.mkdir(parents=True, exist_ok=True)
            write_record(record, self.folder.record)
        why = f"{record.error.type}: {record.error.message}" if record.error else ""
        return Outcome(self.item, record.status, self.seconds, why, record)


def _execute(
    settings: Mapping[str, str],
    item: Item,
    run: Run,
    experiment: Experiment,
    workspace: Workspace,
    limit_s: float | None,
) -> Outcome | str:
    """Do a run on this node, whichever it is; return how it ended, or why it cannot be done here.

    settings: environment variables of whoever asked
    """
    os.environ.update(settings)
    if not experiment.file.is_file():
        return f"a node does not see {experiment.file}"
    look_in(workspace.root)
    if not _KERNELS:  # and kept for the next run on this worker
        _KERNELS.append(ExitStack())
        _KERNELS[0].enter_context(warm_kernels())
    _sign(workspace.run_folder(experiment.name, run.run_id))
    attempt = Attempt(
        item, run, experiment=experiment, workspace=workspace, limit_s=limit_s, jobs=1, patience_s=PATIENCE_S
    )
    try:
        while (outcome := attempt.look()) is None:
            attempt.wait(POLL_S)
    except BaseException:  # KeyboardInterrupt is how Ray cancels
        attempt.kill()
        attempt.wait(ORPHAN_S)
        raise
    return outcome


def _sign(folder: RunFolder) -> None:
    """Write into a run's log which node takes it."""
    import ray

    folder.path.mkdir(parents=True, exist_ok=True)
    with folder.log.open("a", encoding="utf-8", newline="\n") as log:
        log.write(f"# on node {ray.get_runtime_context().get_node_id()} ({platform.node()})\n")


def _fits(needs: Needs, node: Mapping[str, float]) -> bool:
    memory = (needs.memory_gb or 0) * 2**30
    return needs.cpus <= node.get("CPU", 0) and needs.gpus <= node.get("GPU", 0) and memory <= node.get("memory", 0)


def _spoken(needs: Needs) -> str:
    told = [f"{needs.cpus} cpus"] + [f"{needs.gpus:g} gpus"] * (needs.gpus > 0)
    return ", ".join(told + [f"{needs.memory_gb:g} GB"] * (needs.memory_gb is not None))
