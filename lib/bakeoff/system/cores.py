"""What a process settles for itself: which cores it uses, and how often it looks for cycles of objects to free.

The first has to be settled before torch is loaded; so this module does not import it.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = [
    "JOBS",
    "KERNEL_START",
    "THREAD_SETTINGS",
    "available_cores",
    "collect_seldom",
    "kernel_settings",
    "runs_at_a_time",
    "uncollected",
    "wait_without_spinning",
]


# Left alone, OpenMP threads spin while they wait for each other. That gains nothing here, and as soon as another
# process wants a core a spinning thread keeps the one it waits for from running: steps take ten times as long.
THREAD_SETTINGS = {"OMP_WAIT_POLICY": "PASSIVE"}
POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
JOBS = "BAKEOFF_JOBS"
"""Variable that says in a kernel how many go on at a time."""
MOST_CORES = "LOKY_MAX_CPU_COUNT"
"""Variable by which joblib is told how many cores to use."""
KERNEL_START = "BAKEOFF_KERNEL_START"
"""Variable that says in a kernel how it started, where that was not cold: what memory it holds hangs on it."""


def wait_without_spinning() -> None:
    """Set what the user has not set; without effect once torch is loaded."""
    for name, value in THREAD_SETTINGS.items():
        os.environ.setdefault(name, value)


def available_cores() -> int:
    """Return the physical cores this process may use, at least one; a container's share of the machine counts."""
    import joblib
    import psutil

    if not os.environ.get(MOST_CORES, "1").isdecimal():  # empty outside of a job, say: joblib would end with it
        os.environ.pop(MOST_CORES)
    allowed: int = joblib.cpu_count()
    return min(psutil.cpu_count(logical=False) or allowed, allowed)


def kernel_settings(threads: int | None, *, jobs: int) -> dict[str, str]:
    """Return the environment variables a kernel gets beyond its parent's.

    threads: of its run, for every pool a library makes; None leaves them as they are; jobs: kernels at a time
    """
    unset = {name: value for name, value in THREAD_SETTINGS.items() if name not in os.environ}
    pools = dict.fromkeys(POOLS, str(threads)) if threads else {}
    return {**unset, **pools, JOBS: str(jobs)}


def runs_at_a_time() -> int:
    """Return how many kernels whoever started this one keeps going; 1 where nobody says."""
    said = os.environ.get(JOBS, "")
    return max(1, int(said)) if said.isdecimal() else 1


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles of objects while many records are read and planned, which are all kept and have none.

    Python looks again each time that a few hundred objects have been made, and at all of them each time that a quarter
    are new: two thirds of the time that reading ten thousand records takes.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def collect_seldom() -> None:
    """Look for cycles of objects a hundred times less often: what a command makes is kept until it ends, mostly."""
    gc.set_threshold(70_000, 20, 20)
