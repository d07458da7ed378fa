"""The limits that an experiment file declares, and what runs took of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bakeoff.experiment.model import Constraints
from bakeoff.report.text import slots
from bakeoff.report.text.labels import memory
from bakeoff.runs.record import Cost
from bakeoff.study.collect import Collection, Row

__all__ = ["MACHINE_LIMITS", "Limit", "all_limits", "declared_limits", "shown_limits", "values_of", "within"]


_UNITS = {
    "train_minutes": 60.0, "peak_memory_gb": 2.0**30, "trainable_share": 1.0, "artifact_mb": 2.0**20,
    "inference_ms": 1.0,
}  # fmt: skip
"""From the unit of a limit's name to that of records: seconds, bytes, a fraction, milliseconds."""

_GPU_MEMORY = "peak_gpu_memory_gb"
"""What `peak_memory_gb` is called where the memory measured is the GPU's."""

MACHINE_LIMITS = {
    "train_minutes": "train_s", "peak_memory_gb": "peak_rss_train_bytes", _GPU_MEMORY: "gpu_peak_allocated_train_bytes",
    "inference_ms": "inference_ms_per_item",
}  # fmt: skip
"""Limits on what the machine has a say in, with the field of `Cost` behind each."""


@dataclass(frozen=True)
class Limit:
    """A declared limit. most: in the unit of records; of: what a run's cost has to hold against it."""

    key: str
    most: float
    of: Callable[[Cost], float | None]

    def values(self, row: Row) -> list[float | None]:
        """Return what each run of a row took, None where it was not measured."""
        return [self.of(run.cost) if run.cost else None for run in row.records]

    def worst(self, row: Row) -> float | None:
        """Return the largest value over the row's runs; None where one of them was not measured."""
        values = self.values(row)
        known = [value for value in values if value is not None]
        return max(known) if known and len(known) == len(values) else None


def all_limits(collection: Collection) -> dict[str, Limit]:
    """Return every limit there can be, by its name in an experiment file, none of them ever reached."""
    peak = memory(collection).field
    read: Mapping[str, Callable[[Cost], float | None]] = {
        "train_minutes": lambda cost: cost.train_s,
        "peak_memory_gb": lambda cost: getattr(cost, peak),
        "trainable_share": _share,
        "artifact_mb": lambda cost: cost.artifact_bytes,
        "inference_ms": lambda cost: cost.inference_ms_per_item,
    }
    called = {"peak_memory_gb": _GPU_MEMORY} if peak.startswith("gpu") else {}
    return {key: Limit(called.get(key, key), math.inf, of) for key, of in read.items()}


def declared_limits(asked: Constraints, collection: Collection) -> list[Limit]:
    """Return the limits that are declared, in the order of the experiment file's reference."""
    given = asked.model_dump(exclude_none=True)
    known = all_limits(collection)
    return [replace(limit, most=_UNITS[key] * given[key]) for key, limit in known.items() if key in given]


def _share(cost: Cost) -> float | None:
    trainable, total = cost.params_trainable, cost.params_total
    return trainable / total if trainable is not None and total else None


def within(row: Row, limits: Sequence[Limit]) -> bool:
    """Return whether every run of a row was measured and stays within all limits."""
    return all((worst := limit.worst(row)) is not None and worst <= limit.most for limit in limits)


def values_of(row: Row, limits: Sequence[Limit]) -> tuple[slots.Measured, ...]:
    """Return key, smallest and largest value of the row's runs for each limit, where one was measured."""
    found = []
    for limit in limits:
        known = [value for value in limit.values(row) if value is not None]
        if known:
            found.append(slots.Measured(limit.key, min(known), max(known)))
    return tuple(found)


def shown_limits(limits: Sequence[Limit]) -> slots.Limits:
    """Return a slot that names limits."""
    return slots.Limits(tuple((limit.key, limit.most) for limit in limits))
