"""Under which conditions time and memory were measured, and whether two methods were measured under the same.

Plain functions of records. `economies`, `fairness` and `ledger` import it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.record import Record

__all__ = ["MACHINE", "asked_load", "loads", "measured_alike", "same_load", "unlike"]

MACHINE = ("device", "device_name", "cpu_model", "threads", "runs_at_a_time")
"""Entries of a record's environment on which time and memory depend."""

_PROCESSORS, _SHARE = 1.0, 0.25


def unlike(own: Sequence[Record], theirs: Sequence[Record]) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Return the entries of `MACHINE` that are not the same in all runs of both, with the values on each side."""
    found = []
    for key in MACHINE:
        sides = [tuple(sorted({str(run.environment.get(key) or "") for run in runs})) for runs in (own, theirs)]
        if len({*sides[0], *sides[1]}) > 1:
            found.append((key, sides[0], sides[1]))
    return tuple(found)


def measured_alike(own: Sequence[Record], theirs: Sequence[Record]) -> bool:
    """Whether time and memory of both were measured on the same machine, about equally busy."""
    return not unlike(own, theirs) and same_load(own, theirs)


def loads(records: Sequence[Record]) -> list[float]:
    """Return the load average of the last minute at the end of each run that knows it, in busy threads."""
    known = [record.environment.get("load_average") for record in records]
    return [float(entry[0]) for entry in known if entry]


def asked_load(records: Sequence[Record]) -> int:
    """Return how many threads the runs themselves keep busy at most: those of one, times the runs at a time."""
    return max((_asked(record) for record in records), default=1)


def _asked(record: Record) -> int:
    return int(record.environment.get("threads") or 1) * int(record.environment.get("runs_at_a_time") or 1)


def same_load(own: Sequence[Record], theirs: Sequence[Record]) -> bool:
    """Whether the machine was about equally busy for both; a load that nobody recorded counts as equal.

    Equal are mean loads that differ by one busy thread at most, or by a quarter of what the runs ask for.
    """
    first, second = loads(own), loads(theirs)
    if not first or not second:
        return True
    room = max(_PROCESSORS, _SHARE * asked_load([*own, *theirs]))
    return abs(sum(first) / len(first) - sum(second) / len(second)) <= room
