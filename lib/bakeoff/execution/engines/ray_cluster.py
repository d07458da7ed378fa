"""Runs as tasks of Ray, on this machine's own cluster or on one that is there: each executes its notebook on its node.

All nodes have the same packages. They see the workspace under the same path; or its runs are kept in a store, and each
node has a working copy. A run whose node is lost goes on from its last whole epoch on another.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from bakeoff.errors import BadValue, one_line
from bakeoff.execution.attempt import Outcome, failed_record, left_behind
from bakeoff.execution.engines.on_node import Order, execute_order
from bakeoff.execution.engines.parcel import pack
from bakeoff.execution.plan import Plan
from bakeoff.execution.resources import Needs, needs_of
from bakeoff.execution.state import Item
from bakeoff.experiment.model import Experiment
from bakeoff.runs.record import Failure, Record, write_record
from bakeoff.runs.run import Run
from bakeoff.storage.mirror import Mirror
from bakeoff.system.cores import available_cores
from bakeoff.system.workspace import Workspace

__all__ = ["RayCluster"]


LOSSES = 20
"""Nodes that a run may lose before it counts as what kills them."""
STARTS = 3
"""Attempts at a cluster of one's own: Ray gives its processes fifteen seconds, which a busy machine exceeds."""
STORE_BYTES = 100 * 2**20  # for outcomes alone; Ray would take a third of the memory
PASSED_ON = ("BAKEOFF_", "HF_", "TRANSFORMERS_")
ANSWER_S = 15.0
NODE_WAIT = "BAKEOFF_NODE_WAIT"
WAIT_S = 600.0
"""How long a run waits for a node that has what it needs once the last one is lost; the variable says otherwise."""
LOOK_S = 5.0
HANDLED = ("SIGINT", "SIGTERM", "SIGBREAK")


class RayCluster:
    """A cluster of Ray; see `Engine`.

    address: host:port of its client server; empty for a cluster of this machine's own, or the one of $RAY_ADDRESS
    jobs: runs at a time (default: as many as the cluster has processors for); mirror: of a store that runs are kept in
    """

    def __init__(self, address: str = "", *, jobs: int | None = None, mirror: Mirror | None = None) -> None:
        if importlib.util.find_spec("ray") is None:
            raise BadValue("--on", "ray is not installed", hint="`pip install 'bakeoff[ray]'` brings it")
        host, _, port = address.rpartition(":")
        if address and not (host and port.isdecimal()):
            hint = "for example ray://head.example.org:10001, where `ray start --head` runs"
            raise BadValue("--on", f"ray://{address} is no host and port", hint=hint)
        self._address, self._jobs, self._mirror = address, jobs, mirror
        self._records: list[Record] = []
        self._gpus = 0.0

    def __enter__(self) -> Self:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers
        logging.getLogger("ray").setLevel(logging.ERROR)
        with _signals_kept():
            there = f"ray://{self._address}" if self._address else os.environ.get("RAY_ADDRESS", "")
            if there:
                _begin(there, hint="`ray status` says what runs there; RAY_AUTH_TOKEN or RAY_AUTH_MODE as it has them")
            else:
                os.environ.setdefault("RAY_worker_niceness", "0")  # as runs are measured without Ray
                own = {"num_cpus": available_cores(), "object_store_memory": STORE_BYTES, "include_dashboard": False}
                _begin("local", starts=STARTS, hint="the machine may be too busy; /tmp/ray/session_latest/logs", **own)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import ray

        with _signals_kept():
            ray.shutdown()

    def places(self, found: Plan) -> int:
        """Return how many runs go at a time; raises BadValue where no node has what one of them needs."""
        nodes = _nodes()
        self._gpus = max((node.get("GPU", 0) for node in nodes), default=0)
        self._records = [item.record for item in found.items if item.record]
        wanted = {self._needs(item, found.experiment) for item in found.items if item.to_do or item.run is None}
        for needs in wanted:
            if not any(_fits(needs, node) for node in nodes):
                hint = "ask for less under `resources`, or start a node that has it first"
                raise BadValue("resources", f"no node of the cluster has {needs} for a run", hint=hint)
        cores = sum(node.get("CPU", 0) for node in nodes)
        return self._jobs or max(1, int(cores // min((needs.cpus for needs in wanted), default=1)))

    def start(
        self, item: Item, run: Run, *, experiment: Experiment, workspace: Workspace, limit_s: float | None
    ) -> RayAttempt:
        """Hand a run to the cluster, which starts it where there is room for what it needs."""
        settings = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
        order = Order(
            item=replace(item, record=None),
            run=run,
            file=experiment.file.resolve(),
            changes=experiment.changes,
            root=workspace.root.resolve(),
            limit_s=limit_s,
            settings={**settings, **experiment.as_read},
            store=self._mirror.objects.address.removesuffix(f"/{experiment.name}") if self._mirror else None,
        )
        return RayAttempt(
            item,
            order,
            needs=self._needs(item, experiment),
            learnt=self._records,
            experiment=experiment,
            workspace=workspace,
            mirror=self._mirror,
        )

    def _needs(self, item: Item, experiment: Experiment) -> Needs:
        return needs_of(item, experiment, self._records, gpus=min(1.0, self._gpus))


class RayAttempt:
    """One run in the hands of a cluster, see `Attempting`; `learnt` takes its record in the end."""

    def __init__(
        self,
        item: Item,
        order: Order,
        *,
        needs: Needs,
        learnt: list[Record],
        experiment: Experiment,
        workspace: Workspace,
        mirror: Mirror | None = None,
    ) -> None:
        self.item, self.run = item, order.run
        self.folder = workspace.run_folder(experiment.name, order.run.run_id)
        self._order, self._needs, self._learnt = order, needs, learnt
        self._experiment, self._workspace, self._mirror = experiment, workspace, mirror
        self._files = pack(order.run, experiment, workspace) if mirror else {}
        self._begun = self._looked = self._fitted = time.monotonic()
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
        from ray.exceptions import OutOfMemoryError, RayError, RayTaskError

        if not ray.wait([self._task], timeout=0)[0]:
            return self._stranded()
        try:
            outcome: Outcome | str = ray.get(self._task)
        except OutOfMemoryError:
            return self._given_up(Failure(type="OutOfMemory", message="its node ran out of memory", kind="memory"))
        except RayTaskError as error:
            said = one_line(str(error.cause or error))
            hint = "all nodes need the same packages, those of 'bakeoff[ray]' and 'bakeoff[train]'"
            raise BadValue("--on", f"a node cannot execute runs: {said}", hint=hint) from error
        except RayError as error:
            self._lost += 1
            if self._lost > LOSSES:
                why = f"{self._lost} nodes were lost while they worked on it ({type(error).__name__})"
                return self._given_up(Failure(type="NodeLost", message=why, kind="killed"))
            self._task = self._submit()
            return None
        if isinstance(outcome, str):
            raise BadValue("--on", outcome)
        if self._mirror:
            self._mirror.runs.bring(self.run.run_id, models=bool(self._experiment.tests))
        if outcome.record:
            self._learnt.append(outcome.record)
        return replace(outcome, item=self.item)

    def _stranded(self) -> Outcome | None:
        """Return the end of a run for which no node has been up for too long; Ray itself would wait for ever."""
        now, patience = time.monotonic(), os.environ.get(NODE_WAIT, "")
        if now < self._looked + LOOK_S:
            return None
        self._looked = now
        if any(_fits(self._needs, node) for node in _nodes()):
            self._fitted = now
        limit = float(patience) if patience.isdecimal() else WAIT_S
        if now < self._fitted + limit:
            return None
        self.kill()
        message = f"no node of the cluster has had {self._needs} for {limit:g} s"
        return self._given_up(Failure(type="NoNode", message=message, kind="killed"))

    def _submit(self) -> Any:
        import ray

        asked: dict[str, Any] = {"num_cpus": self._needs.cpus, "num_gpus": self._needs.gpus, "max_retries": 0}
        if self._needs.memory_gb:
            asked["memory"] = int(self._needs.memory_gb * 2**30)
        return ray.remote(_executed).options(name=self.item.name, **asked).remote(self._order, self._files)

    def _given_up(self, failure: Failure) -> Outcome:
        """See to it that a record tells of the end; the run itself may have left one before its node was lost."""
        record = left_behind(self.run, self.folder)
        if isinstance(record, Failure):
            record = failed_record(self.run, failure, experiment=self._experiment, workspace=self._workspace)
            self.folder.path.mkdir(parents=True, exist_ok=True)
            write_record(record, self.folder.record)
        why = f"{record.error.type}: {record.error.message}" if record.error else ""
        return Outcome(self.item, record.status, self.seconds, why, record)


def _executed(order: Order, files: Mapping[str, bytes]) -> Outcome | str:
    """Execute a run on the node whose task this is."""
    import ray

    return execute_order(order, files, node=ray.get_runtime_context().get_node_id())


def _begin(address: str, *, hint: str, starts: int = 1, **own: Any) -> None:
    """Connect to a cluster, or start one; raises BadValue where none answers or comes up.

    own: settings of one that is started
    """
    import ray

    for left in reversed(range(starts)):
        try:
            _knock(address)
            ray.init(address, log_to_driver=False, configure_logging=False, **own)
        except Exception as error:
            with suppress(Exception):
                ray.shutdown()
            if left:
                continue
            what = "Ray does not start on this machine" if address == "local" else f"no cluster answers at {address}"
            raise BadValue("--on", f"{what} ({one_line(str(error), limit=200)})", hint=hint) from error
        return


def _knock(address: str) -> None:
    """Raise OSError where nothing listens at an address: Ray asks for ever there."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_S).close()


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Leave signals with whoever handles them before: Ray takes SIGTERM for itself."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in HANDLED if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)


def _nodes() -> list[dict[str, float]]:
    """Return what each node that is up has."""
    import ray

    cluster: Any = ray  # which has no types for this
    return [node["Resources"] for node in cluster.nodes() if node["Alive"]]


def _fits(needs: Needs, node: Mapping[str, float]) -> bool:
    memory = (needs.memory_gb or 0) * 2**30
    return needs.cpus <= node.get("CPU", 0) and needs.gpus <= node.get("GPU", 0) and memory <= node.get("memory", 0)
