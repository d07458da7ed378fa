"""How long runs take, learnt from the ones that have ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from statistics import fmean

from bakeoff.record import Record
from bakeoff.running.outcome import Outcome
from bakeoff.running.state import Item

__all__ = ["Durations"]


class Durations:
    """How long runs take, learnt from the ones that have ended."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
        for record in records:
            took = _seconds_of(record)
            if took:
                self._seconds[record.method, record.role].append(took)

    def add(self, outcome: Outcome) -> None:
        """Learn from a run that has just ended."""
        if outcome.status == "ok":
            request = outcome.item.request
            self._seconds[request.method, request.role].append(outcome.seconds)

    def left(self, current: Collection[tuple[Item, float]], others: Collection[Item], *, jobs: int = 1) -> float | None:
        """Return the seconds still to go; None before anything is known.

        current: runs that go on, each with the seconds since it started; others: still to come; jobs: at a time
        """
        if not self._seconds:
            return None
        under_way = [max(self._of(item) - elapsed, 0.0) for item, elapsed in current]
        work = sum(under_way) + sum(self._of(item) for item in others)
        return max([work / max(1, min(jobs, len(current) + len(others))), *under_way])

    def _of(self, item: Item) -> float:
        method = item.request.method
        same = self._seconds.get((method, item.request.role))
        near = [s for (name, _), times in self._seconds.items() if name == method for s in times]
        anything = [s for times in self._seconds.values() for s in times]
        return fmean(same or near or anything)


def _seconds_of(record: Record) -> float:
    cost = record.cost
    if cost is None or record.status != "ok":
        return 0.0
    parts = (cost.load_s, cost.tokenize_s, cost.train_s, cost.validation_s, cost.test_s)
    return sum(part for part in parts if part)
