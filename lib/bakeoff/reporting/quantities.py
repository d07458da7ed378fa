"""Which numbers a report shows of a row, and what it calls them, so that tables and figures cannot disagree.

Reads rows of a collection; only `reporting` imports this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bakeoff.record import Record
from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.notation import duration, parameters, size
from bakeoff.reporting.verdicts import Pair, Verdict

__all__ = [
    "METRIC_NAMES",
    "TIME",
    "TRAINABLE",
    "Quantity",
    "costless",
    "from_scratch",
    "full_parameters",
    "mean",
    "memory",
    "metric_name",
    "shown_name",
    "verdict_words",
]

METRIC_NAMES = {"accuracy": "accuracy", "macro_f1": "macro-F1"}


@dataclass(frozen=True)
class Quantity:
    """A field of `record.Cost` with its name in a sentence and the function that writes it.

    ticks: where an axis of it may carry numbers; logarithmic: whether that axis is
    """

    field: str
    name: str
    form: Callable[[float | None], str]
    ticks: tuple[float, ...]
    logarithmic: bool = True


_MIB = 2.0**20
_MEMORY_TICKS = tuple(256 * _MIB * step for step in range(33))
TRAINABLE = Quantity("params_trainable", "trainable parameters", parameters, tuple(10.0**n for n in range(13)))
_TIME_TICKS = (0.001, 0.01, 0.1, 1, 3, 10, 30, 60, 180, 600, 1800, 7200, 36_000, 360_000)
TIME = Quantity("train_s", "training time", duration, _TIME_TICKS)
_HOST = Quantity("peak_rss_train_bytes", "peak memory in training", size, _MEMORY_TICKS, logarithmic=False)
_GPU = Quantity("gpu_peak_allocated_train_bytes", "peak GPU memory in training", size, _MEMORY_TICKS, logarithmic=False)


def memory(collection: Collection) -> Quantity:
    """Return the peak memory a report shows: the GPU's as soon as one run used a GPU, else the process's."""
    rows = (*collection.rows, *collection.additional)
    return _GPU if any(row.cost(_GPU.field) for row in rows) else _HOST


def metric_name(metric: str) -> str:
    """Return what a metric is called in a sentence."""
    return METRIC_NAMES.get(metric, metric)


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, None of nothing."""
    return sum(values) / len(values) if values else None


def from_scratch(row: Row) -> bool:
    """Whether the row's model started from random weights rather than a pretrained model."""
    runs = (*row.records, *row.failures)
    return any(run.trained and run.inputs is not None and run.inputs.model_pretrained is False for run in runs)


def shown_name(row: Row) -> str:
    """Return a row's name with what a reader must not miss about it."""
    return f"{row.name} (from scratch)" if from_scratch(row) else row.name


def costless(row: Row) -> bool:
    """Whether a row is a line to compare with rather than a point among costs.

    That is a row with nothing to train, and a baseline that gives every text the same class.
    """
    untrained = not any(run.trained for run in row.records) or not any(row.cost(TRAINABLE.field))
    return untrained or (row.any.role == "baseline" and all(map(_one_class, row.records)))


def _one_class(run: Record) -> bool:
    """Whether a run gave all test texts the same class."""
    return run.test is not None and sum(any(column) for column in zip(*run.test.confusion, strict=True)) == 1


def full_parameters(collection: Collection) -> float | None:
    """Return the trainable parameters of full fine-tuning of the experiment's model; None where nobody ran it."""
    for row in collection.rows:
        inputs = row.records[0].inputs if row.records else None
        if row.records and row.any.kind == "full" and inputs and inputs.model_id == collection.experiment.model:
            return mean(row.cost(TRAINABLE.field))
    return None


def verdict_words(pair: Pair) -> str:
    """Return what the data say of a pair's first method against its second, in a word or two."""
    words = {
        Verdict.BETTER: "better",
        Verdict.BETTER_NEGLIGIBLE: "better, negligibly",
        Verdict.EQUIVALENT: "equivalent",
        Verdict.INCONCLUSIVE: "not settled",
        Verdict.NOT_COMPARABLE: "not comparable",
    }[pair.verdict]
    if pair.better == pair.second:
        words = words.replace("better", "worse")
    return f"{words}, as trained" if pair.scope == "models" and pair.difference else words
