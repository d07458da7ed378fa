"""What an experiment would cost on this machine, from a short calibration in as many processes as runs go at a time.

Imported by `new`.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from bakeoff.errors import BadValue, InputError
from bakeoff.method import method
from bakeoff.run import Run
from bakeoff.running.plan import Plan
from bakeoff.running.slots import this_many
from bakeoff.running.state import Item
from bakeoff.starting.calibrate import Timing, measure
from bakeoff.threads import available_cores, kernel_settings

if TYPE_CHECKING:
    from bakeoff.tuning.data import Splits

__all__ = ["Estimate", "calibrate", "estimate"]

SAMPLE = 1_600
KERNEL_S = 3.0
"""What a run takes beside: papermill, the kernel's own start, figures, the record."""


@dataclass(frozen=True)
class Estimate:
    """What it would cost.

    runs: in all; jobs: side by side; seconds: on the clock; by_method: of one run each
    load: processes that wanted a processor while it was measured, those of the calibration among them; None where the
    system does not say; cores: there are
    """

    runs: int
    jobs: int
    seconds: float
    by_method: dict[str, float]
    load: float | None
    cores: int

    @property
    def disturbed(self) -> bool:
        """Whether other programs took time from the calibration, so that a quiet machine would be quicker."""
        return self.load is not None and self.load > self.cores + 1


def calibrate(plan: Plan, splits: Splits) -> tuple[dict[str, Timing], dict[str, str]]:
    """Time every method of a plan; return the timings, and for methods that this model cannot do the reason.

    Raises BadValue where a process dies, as one does where memory runs out.
    """
    jobs, runs = this_many(plan.items), _one_of_each(plan.items)
    sample = splits.train.sample(min(SAMPLE, len(splits.train)), random_state=0).reset_index(drop=True)
    small = replace(splits, train=sample, validation=sample.head(1), test=sample.head(1))
    timings: dict[str, Timing] = {}
    refused: dict[str, str] = {}
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        began = time.time()
        waiting = {name: pool.submit(_child, run, small, jobs) for name, run in runs.items()}
        for name, future in waiting.items():
            try:
                found = future.result()
            except BrokenProcessPool:
                took = time.time() - began
                raise BadValue(
                    "calibration",
                    f"the process that timed {name} died after {took:.0f} s",
                    hint="--no-calibration leaves it out",
                ) from None
            if isinstance(found, str):
                refused[name] = found
            else:
                timings[name] = found
    starts = [timing.start for timing in timings.values() if timing.start is not None]
    return {name: replace(timing, start=fmean(starts or [0.0])) for name, timing in timings.items()}, refused


def _child(run: Run, splits: Splits, jobs: int) -> Timing | str:
    """Return the timing, or why this model cannot do it: our errors do not travel between processes."""
    import psutil

    threads = run.params.get("threads") if method(run.kind).neural else 1
    try:
        return measure(run, splits, kernel_settings(threads, jobs=jobs), psutil.Process().create_time())
    except InputError as error:
        return f"{error.what}: {error.reason}"


def _one_of_each(items: Iterable[Item]) -> dict[str, Run]:
    found: dict[str, Run] = {}
    for item in items:
        if item.run is not None:
            found.setdefault(item.request.method, item.run)
    return found


def estimate(plan: Plan, timings: Mapping[str, Timing], sizes: Mapping[str, int]) -> Estimate:
    """Add up a plan's runs, each put on the processor that is free first. sizes: split -> texts."""
    jobs = this_many(plan.items)
    single = {name: KERNEL_S + timing.seconds(**sizes) for name, timing in timings.items()}
    free = [0.0] * jobs
    for item in plan.items:
        if item.request.method in single and item.state not in ("finished", "diverged"):
            first = min(range(jobs), key=free.__getitem__)
            free[first] += single[item.request.method]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return Estimate(len(plan.items), jobs, max(free), single, load=load, cores=available_cores())
