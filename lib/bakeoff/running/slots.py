"""How many runs fit on this machine at a time."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bakeoff.method import method
from bakeoff.running.state import Item
from bakeoff.threads import available_cores

__all__ = ["jobs_that_fit", "this_many", "threads_of"]

GPUS = (Path("/dev/nvidia0"), Path("/dev/kfd"))
"""What the drivers of NVIDIA and AMD (ROCm) leave; asking torch would mean to load it."""

CONTAINER_MEMORY = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux keeps the limit of a container, in version 2 and 1 of control groups."""

ROOM_BYTES = 4 * 2**30
"""Memory left to each run: full fine-tuning of a small encoder takes half of it, of a base-size one nearly all."""


def this_many(items: Iterable[Item]) -> int:
    """Return how many of these runs to keep going at a time: as many as have cores of their own, one on a GPU."""
    return jobs_that_fit(
        [threads_of(item) for item in items],
        cores=available_cores(),
        gpu=any(path.exists() for path in GPUS),
        memory_bytes=_memory_bytes(),
    )


def _memory_bytes() -> int:
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
    """Return the threads a run takes; a method that is no network takes one."""
    if item.run is None or not method(item.run.kind).neural:
        return 1
    threads: int | None = item.run.params.get("threads")
    return threads
