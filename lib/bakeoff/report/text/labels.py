"""Names and words for what a study measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bakeoff.errors import InputError
from bakeoff.metrics.classification import metric_named
from bakeoff.report.text.language import msg, tr
from bakeoff.report.text.numbers import duration, parameters, size
from bakeoff.runs.record import Record
from bakeoff.stats.compare import Pair, Relation
from bakeoff.study.collect import (
    GPU_MEMORY,
    HOST_MEMORY,
    PARAMS_TRAINABLE,
    TRAIN_TIME,
    Collection,
    Row,
    base_model,
    from_scratch,
    memory_field,
)

__all__ = [
    "HEADLINE",
    "PRETRAINED",
    "TIME",
    "TRAINABLE",
    "Quantity",
    "headline",
    "memory",
    "metric_name",
    "pretrained_words",
    "shown_name",
    "verdict_words",
]


HEADLINE = ("accuracy", "macro_f1")
"""Metrics that every table of methods shows, beside the one that they are compared by."""
PRETRAINED = {True: msg("pretrained"), False: msg("random"), None: msg("not recorded")}


@dataclass(frozen=True)
class Quantity:
    """A field of `record.Cost` with its English name (a message) and the function that writes it.

    ticks: where an axis of it may carry numbers; logarithmic: whether that axis is; short: what a table calls it
    """

    field: str
    message: str
    form: Callable[[float | None], str]
    ticks: tuple[float, ...]
    logarithmic: bool = True
    short: str | None = None

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return tr(self.message)

    @property
    def heading(self) -> str:
        """What it is called above a column of the summary."""
        return tr(self.short or self.message)


_RELATIONS: dict[Relation, str] = {
    "better": msg("better"),
    "ahead": msg("better, negligibly"),
    "equivalent": msg("equivalent"),
    "not_settled": msg("not settled"),
    "behind": msg("worse, negligibly"),
    "worse": msg("worse"),
    "not_comparable": msg("not comparable"),
}
_MIB = 2.0**20
_MEMORY_TICKS = tuple(256 * _MIB * step for step in range(33))
TRAINABLE = Quantity(PARAMS_TRAINABLE, msg("trainable parameters"), parameters, tuple(10.0**n for n in range(13)))
_TIME_TICKS = (0.001, 0.01, 0.1, 1, 3, 10, 30, 60, 180, 600, 1800, 7200, 36_000, 360_000)
TIME = Quantity(TRAIN_TIME, msg("training time"), duration, _TIME_TICKS)
_HOST = Quantity(
    HOST_MEMORY, msg("peak memory in training"), size, _MEMORY_TICKS, logarithmic=False,
    short=msg("peak memory"),
)  # fmt: skip
_GPU = Quantity(
    GPU_MEMORY, msg("peak GPU memory in training"), size, _MEMORY_TICKS, logarithmic=False,
    short=msg("peak GPU memory"),
)  # fmt: skip


def memory(collection: Collection) -> Quantity:
    """Return the peak memory a report shows: the GPU's as soon as one run used a GPU, else the process's."""
    return _GPU if memory_field(collection) == _GPU.field else _HOST


def metric_name(metric: str) -> str:
    """Return what a metric is called in a sentence; one that is not at hand any more is called as it was declared."""
    try:
        return tr(metric_named(metric).label)
    except InputError:
        return metric


def headline(metric: str) -> dict[str, str]:
    """Return name -> what it is called of the metrics in a table of methods that are compared by `metric`."""
    return {name: metric_name(name) for name in dict.fromkeys((*HEADLINE, metric))}


def pretrained_words(run: Record) -> str | None:
    """Return whether the base model's weights were pretrained, in a word or two; None without a base model."""
    if base_model(run) is None or run.inputs is None:
        return None
    return tr(PRETRAINED[run.inputs.model_pretrained])


def shown_name(row: Row) -> str:
    """Return a row's name with what a reader must not miss about it."""
    return tr("{name} (from scratch)", name=row.name) if from_scratch(row) else row.name


def verdict_words(pair: Pair) -> str:
    """Return what the data say of a pair's first method against its second, and of how few seeds, in a few words."""
    text = tr(_RELATIONS[pair.relation])
    if pair.scope == "models" and pair.difference:
        text = tr("{verdict}, as trained", verdict=text)
    if not pair.short:
        return text
    return tr("{verdict}, {seeds} of {declared} seeds", verdict=text, seeds=len(pair.seeds), declared=pair.declared)
