"""Cores, memory and expected durations: how many runs go side by side."""

from __future__ import annotations

import math
import os
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from bakeoff.execution.attempt import Outcome
from bakeoff.execution.state import Item
from bakeoff.experiment.model import Experiment
from bakeoff.methods.registry import method
from bakeoff.runs.record import Record
from bakeoff.system.cores import available_cores

__all__ = [
    "Budget",
    "Durations",
    "Needs",
    "gpu_there",
    "jobs_that_fit",
    "longest_first",
    "memory_there",
    "needs_of",
    "this_many",
    "threads_of",
]


GPUS = (
    Path("/dev/nvidia0"),
    Path("/dev/kfd"),
    Path("/usr/lib/wsl/lib/libcuda.so.1"),
    Path(os.environ.get("SYSTEMROOT", "/"), "System32", "nvcuda.dll"),
)
"""What the drivers of NVIDIA and AMD (ROCm) leave, on Linux, in WSL, on Windows; asking torch would mean to load it."""

CONTAINER_MEMORY = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux keeps the limit of a container, in version 2 and 1 of control groups."""

ROOM_BYTES = 4 * 2**30
"""Memory left to each run: full fine-tuning of a small encoder takes half of it, of a base-size one nearly all."""


def this_many(items: Iterable[Item]) -> int:
    """Return how many of these runs to keep going at a time: as many as have cores of their own, one on a GPU.

    Where memory ran out for one of them, half of what went on then at most.
    """
    items = list(items)
    fit = jobs_that_fit(
        [threads_of(item) for item in items],
        cores=available_cores(),
        gpu=gpu_there(),
        memory_bytes=memory_there(),
    )
    short = [jobs for item in items if (jobs := _short_of_memory(item)) is not None]
    return max(1, min([fit, *(jobs // 2 for jobs in short)]))


def _short_of_memory(item: Item) -> int | None:
    """Return how many runs went on when memory ran out for one; a kernel that was killed is taken for such a run."""
    record = item.record
    if record is None or record.error is None or record.error.kind not in ("memory", "killed"):
        return None
    return int(record.environment.get("jobs") or 1)


def gpu_there() -> bool:
    """Return whether this machine has a GPU that torch may compute on."""
    return any(path.exists() for path in GPUS)


def memory_there() -> int:
    """Return the memory this process may use; psutil tells that of the machine, a container may have less."""
    import psutil

    limits = [int(psutil.virtual_memory().total)]
    for file in CONTAINER_MEMORY:
        with suppress(OSError, ValueError):  # no such file, or "max"
            limits.append(int(file.read_text()))
    return min(limits)


def jobs_that_fit(threads: Iterable[int | None], *, cores: int, gpu: bool, memory_bytes: int) -> int:
    """Return how many runs with so many threads each go side by side; None takes every core."""
    widest = max((cores if number is None else number for number in threads), default=1)
    return 1 if gpu else max(1, min(cores // widest, memory_bytes // ROOM_BYTES))


def threads_of(item: Item) -> int | None:
    """Return the threads a run takes, in all its processes; a method that is no network takes one."""
    if item.run is None or not method(item.run.kind).neural:
        return 1
    threads: int | None = item.run.params.get("threads")
    return threads and threads * (item.run.params.get("processes") or 1)


@dataclass(frozen=True)
class Needs:
    """What a run is given where many share machines. memory_gb: of 1024 MiB each, None where nothing is known."""

    cpus: int = 1
    gpus: float = 0
    memory_gb: float | None = None

    def __str__(self) -> str:
        told = [f"{self.cpus} processor{'s' * (self.cpus > 1)}"]
        told += [f"{self.gpus:g} GPU{'s' * (self.gpus > 1)}"] if self.gpus else []
        told += [f"{self.memory_gb:g} GB of memory"] if self.memory_gb is not None else []
        return ", ".join(told)


MORE = 1.5
"""What is asked for by what the runs before took: texts of another length take more."""


def needs_of(item: Item, experiment: Experiment, records: Iterable[Record] = (), *, gpus: float = 0) -> Needs:
    """Return what a run needs: as its method says in the file, else the file for all, else what earlier runs took.

    records: of earlier runs; gpus: for a network where nothing of that is known
    Processes that train together have a GPU and threads each, and as much memory as the one that took most.
    """
    entry = experiment.entry(item.request.method)
    said = {**experiment.resources.model_dump(exclude_none=True), **entry.resources.model_dump(exclude_none=True)}
    past = [one for one in records if one.method == item.request.method and one.status == "ok" and one.cost]
    threads = entry.options.get("threads") if entry.method.neural else 1
    together = entry.options.get("processes") or 1
    known = past[-1] if past else None
    if "gpus" not in said:
        on_gpu = known.environment.get("device", "").startswith("cuda") if known else entry.method.neural and gpus > 0
        said["gpus"] = (together if together > 1 else gpus or 1) if on_gpu else 0
    if "memory_gb" not in said and known and known.cost and (peak := known.cost.peak_rss_train_bytes):
        said["memory_gb"] = round(MORE * together * max(peak, known.cost.peak_rss_eval_bytes or 0) / 2**30, 1)
    return Needs(cpus=said.get("cpus") or (threads or 1) * together, gpus=said["gpus"], memory_gb=said.get("memory_gb"))


class Durations:
    """How long runs take, learnt from the ones that have ended: on as many texts of the same data, in the same role."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._seconds: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        for record in records:
            took = _seconds_of(record)
            if took:
                self._seconds[record.method, record.role, _texts(record.identity)].append(took)

    def add(self, outcome: Outcome) -> None:
        """Learn from a run that has just ended."""
        if outcome.status == "ok":
            self._seconds[_kind(outcome.item)].append(outcome.seconds)

    def left(self, current: Collection[tuple[Item, float]], others: Collection[Item], *, jobs: int = 1) -> float | None:
        """Return the seconds still to go; None before anything is known.

        current: runs that go on, each with the seconds since it started; others: still to come; jobs: at a time
        """
        if not self._seconds:
            return None
        under_way = [max(self._of(item) - elapsed, 0.0) for item, elapsed in current]
        work = sum(under_way) + sum(self._of(item) for item in others)
        return max([work / max(1, min(jobs, len(current) + len(others))), *under_way])

    def of_method(self, item: Item) -> float | None:
        """Return the seconds that runs of its method take, None before one has ended."""
        known = {name for name, *_ in self._seconds}
        return self._of(item) if item.request.method in known else None

    def _of(self, item: Item) -> float:
        method, _, texts = kind = _kind(item)
        same = self._seconds.get(kind)
        alike = [s for (name, _, n), times in self._seconds.items() if (name, n) == (method, texts) for s in times]
        near = alike or [s for (name, *_), times in self._seconds.items() if name == method for s in times]
        anything = [s for times in self._seconds.values() for s in times]
        return fmean(same or near or anything)


def longest_first(items: Iterable[Item], *, timed: Iterable[Item]) -> list[Item]:
    """Order runs by how long those of their methods took, so that all slots are in use until the end.

    timed: runs of which those that have ended tell; methods without any stay in their order, before the others
    """
    known = Durations(item.record for item in timed if item.record)
    return sorted(items, key=lambda item: -(known.of_method(item) or math.inf))


class Budget:
    """The time a whole execution may take; it begins when this is made.

    skipped: run -> why it was not started
    """

    def __init__(self, seconds: float, durations: Durations) -> None:
        self._seconds, self._durations = seconds, durations
        self._ends = time.monotonic() + seconds
        self.skipped: dict[str, str] = {}

    def allows(self, item: Item) -> bool:
        """Return whether a run would end in time; one whose method has yet to be timed is given a chance."""
        left, needs = self._ends - time.monotonic(), self._durations.of_method(item) or 0.0
        if left > 0 and needs <= left:
            return True
        took = f"it takes about {needs:.0f} s and {max(left, 0):.0f} s were left" if needs else "they were over"
        self.skipped[item.name] = f"not started: {self._seconds / 60:g} minutes were given, and {took}"
        return False

    def add(self, outcome: Outcome) -> None:
        """Learn from a run that has just ended."""
        self._durations.add(outcome)


def _kind(item: Item) -> tuple[str, str, str]:
    return item.request.method, item.request.role, _texts(item.run.identity if item.run else {})


def _texts(identity: Mapping[str, Any]) -> str:
    """Return what a run's time depends on beside its method: data, training texts asked for, base model."""
    data, model = identity.get("data") or {}, identity.get("model") or {}
    return str((data.get("source"), data.get("split", {}).get("train"), model.get("id")))


def _seconds_of(record: Record) -> float:
    cost = record.cost
    if cost is None or record.status != "ok":
        return 0.0
    parts = (cost.load_s, cost.tokenize_s, cost.train_s, cost.validation_s, cost.test_s)
    return sum(part for part in parts if part)
