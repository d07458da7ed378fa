"""Under which conditions time and memory were measured, and whether they may be compared.

Memory depends on the machine. Time depends on the processor time that a run got as well: a load average says what the
whole machine did in the minute before it was read, and nothing about the hour in which a run was trained. What counts
is the share: the processor time of the run's process over what its threads could have used in that time. (Seen with one
thread beside other work: 46 s of training, 36 s of processor time, and 10 s of waiting for a core as the kernel counted
it.) The share does not see a processor that is slower for a while (another virtual machine, the other half of a core),
so no objection from it is no proof; and where work cannot be split between threads it is below one on an idle machine
too, so it can forbid a comparison that would hold.

Plain functions of records.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bakeoff.runs.record import Record
from bakeoff.system.message import msg

__all__ = ["LEAST_SHARE", "MACHINE", "ROOM", "Doubt", "doubt", "shares", "starts", "unlike"]


MACHINE = ("device", "device_name", "cpu_model", "threads", "processes", "runs_at_a_time")
"""Entries of a record's environment on which time and memory depend."""

ROOM = 0.9
"""Shares are alike where the smallest is at least this much of the largest.

One and the same computation takes at most one ninth longer then, for the time it takes is its processor time over its
share. `economies` asks of ranges that they lie as far apart before it says that one is less: no order of two times
that is told can come from shares alone.
"""

LEAST_SHARE = 0.5
"""A run that got less of its processor time waited for longer than it computed.

How long it waits there hangs on what else ran and when, so equal shares no longer mean equal delays.
"""

Doubt = Literal["machine", "unlike", "low", "unknown"]
"""Why measurements are not compared: other machines or threads; unlike shares; alike but low ones; shares unknown."""

_MEMORY = (
    "peak_rss_train_bytes", "peak_rss_eval_bytes", "gpu_peak_allocated_train_bytes", "gpu_peak_reserved_train_bytes",
    "gpu_peak_allocated_eval_bytes", "gpu_peak_reserved_eval_bytes",
)  # fmt: skip
TIMES = {"train_s": msg("Training times"), "inference_ms_per_item": msg("Times to predict a text")}


def unlike(own: Sequence[Record], theirs: Sequence[Record]) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Return the entries of `MACHINE` that are not the same in all runs of both, with the values on each side."""
    found = []
    for key in MACHINE:
        sides = [tuple(sorted({_entry(run, key) for run in runs})) for runs in (own, theirs)]
        if len({*sides[0], *sides[1]}) > 1:
            found.append((key, sides[0], sides[1]))
    return tuple(found)


def _entry(run: Record, key: str) -> str:
    """Return an entry of a run's environment as text; one process trained where none is recorded."""
    return str(run.environment.get(key, 1 if key == "processes" else None) or "")


def doubt(records: Sequence[Record], field: str) -> Doubt | None:
    """Return why a field of `Cost` cannot be compared between any two of these runs; None where it can.

    On a GPU the process waits for the device and its share of the processor says nothing; there the machine decides.
    """
    if field not in (*TIMES, *_MEMORY):
        return None
    if unlike(records, records) or (field in _MEMORY and len(starts(records)) > 1):
        return "machine"
    if field in _MEMORY or all(map(_accelerated, records)):
        return None
    found = shares(records, field)
    if len(found) < len(records):
        return "unknown"
    if min(found, default=1.0) < ROOM * max(found, default=1.0):
        return "unlike"
    return "low" if min(found, default=1.0) < LEAST_SHARE else None


def starts(records: Sequence[Record]) -> list[str]:
    """Return how the kernels of these runs started: what memory they held hangs on it."""
    return sorted({str(run.environment["kernel_start"]) for run in records if "kernel_start" in run.environment})


def shares(records: Sequence[Record], field: str = "train_s") -> list[float]:
    """Return the share of processor time behind a time, of each run that knows it; of a run on a GPU none is known."""
    known = [None if _accelerated(record) else _share(record, field) for record in records]
    return [value for value in known if value is not None]


def _accelerated(record: Record) -> bool:
    return record.environment.get("device") not in (None, "cpu")


def _share(record: Record, field: str) -> float | None:
    cost, threads = record.cost, int(record.environment.get("threads") or 1)
    if cost is None:
        return None
    worked, spent = cost.train_cpu_s, cost.train_s
    threads *= int(record.environment.get("processes") or 1) if field == "train_s" else 1
    if field == "inference_ms_per_item":
        texts = record.inputs.splits["test"].n if record.inputs else None
        per_text = cost.inference_ms_per_item
        worked, spent = cost.inference_cpu_s, per_text * texts / 1000 if per_text and texts else None
    return worked / (spent * threads) if worked is not None and spent else None
