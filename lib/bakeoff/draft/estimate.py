"""What an experiment would cost on this machine, from a short calibration in as many processes as runs go at a time."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

import pandas as pd

from bakeoff.draft.calibrate import Timing, measure
from bakeoff.errors import InputError
from bakeoff.execution.plan import Plan
from bakeoff.execution.resources import this_many
from bakeoff.execution.state import Item
from bakeoff.methods.registry import method
from bakeoff.runs.run import Run
from bakeoff.system.cores import available_cores, kernel_settings

if TYPE_CHECKING:
    from bakeoff.data.splits import Splits

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


@dataclass(frozen=True)
class Untimed:
    """Why a method has no timing. refused: this model cannot do it, so that a run would fail as well."""

    reason: str
    refused: bool = False


DIED = Untimed("a process of the calibration died, as one does where memory runs out")


def calibrate(plan: Plan, splits: Splits) -> tuple[dict[str, Timing], dict[str, str], dict[str, str]]:
    """Time every method of a plan on a sample.

    Returns the timings, for methods that this model cannot do the reason, and for those whose timing failed the reason.
    """
    jobs, runs = this_many(plan.items), _one_of_each(plan.items)
    sample = _sample(splits.train)
    small = replace(splits, train=sample, validation=sample.head(1), test=sample.head(1))
    found: dict[str, Timing | Untimed] = dict.fromkeys(runs, DIED)
    with (
        suppress(BrokenProcessPool),
        ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        waiting = {name: pool.submit(_child, run, small, jobs) for name, run in runs.items()}
        for name, future in waiting.items():
            with suppress(BrokenProcessPool):  # which ends all that were waiting, and none that were done
                found[name] = future.result()
    timings = {name: one for name, one in found.items() if isinstance(one, Timing)}
    start = fmean([timing.start for timing in timings.values() if timing.start is not None] or [0.0])
    refused, untimed = (
        {name: one.reason for name, one in found.items() if isinstance(one, Untimed) and one.refused is wanted}
        for wanted in (True, False)
    )
    return {name: replace(timing, start=start) for name, timing in timings.items()}, refused, untimed


def _sample(train: pd.DataFrame) -> pd.DataFrame:
    """Draw texts to time with, one of each class first: what is fitted to the head of them sees every class."""
    mixed = train.sample(frac=1.0, random_state=0)
    again = mixed["label"].duplicated()
    return pd.concat([mixed[~again], mixed[again]]).head(SAMPLE).reset_index(drop=True)


def _child(run: Run, splits: Splits, jobs: int) -> Timing | Untimed:
    """Return the timing, or why there is none: errors of ours do not travel between processes."""
    import psutil

    threads = run.params.get("threads") if method(run.kind).neural else 1
    try:
        return measure(run, splits, kernel_settings(threads, jobs=jobs), psutil.Process().create_time())
    except InputError as error:
        return Untimed(f"{error.what}: {error.reason}", refused=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, an estimate does not cost the draft
        said = str(error).partition("\n")[0]
        return Untimed(f"{type(error).__name__}: {said}" if said else type(error).__name__)


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
