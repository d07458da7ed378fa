"""Which numbers a report shows of a row, and what it calls them, so that tables and figures cannot disagree.

Reads rows of a collection; only `reporting` imports this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bakeoff.record import Record
from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.language import msg, tr
from bakeoff.reporting.notation import duration, parameters, size
from bakeoff.reporting.verdicts import Pair, Verdict

__all__ = [
    "METRIC_NAMES",
    "PRETRAINED",
    "QUALITY_NAMES",
    "TIME",
    "TRAINABLE",
    "Quantity",
    "base_model",
    "costless",
    "from_scratch",
    "full_parameters",
    "mean",
    "memory",
    "metric_name",
    "pretrained_words",
    "shown_name",
    "verdict_words",
]

METRIC_NAMES = {"accuracy": "accuracy", "macro_f1": "macro-F1"}
QUALITY_NAMES = {
    **METRIC_NAMES,
    "weighted_f1": msg("weighted F1"),
    "mcc": "MCC",
    "auroc": "AUROC",
    "average_precision": msg("average precision"),
    "log_loss": "log loss",
    "brier": "Brier",
    "ece": "ECE",
}
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


_VERDICTS = {
    Verdict.BETTER: msg("better"),
    Verdict.BETTER_NEGLIGIBLE: msg("better, negligibly"),
    Verdict.EQUIVALENT: msg("equivalent"),
    Verdict.INCONCLUSIVE: msg("not settled"),
    Verdict.NOT_COMPARABLE: msg("not comparable"),
}
_WORSE = {Verdict.BETTER: msg("worse"), Verdict.BETTER_NEGLIGIBLE: msg("worse, negligibly")}
_MIB = 2.0**20
_MEMORY_TICKS = tuple(256 * _MIB * step for step in range(33))
TRAINABLE = Quantity("params_trainable", msg("trainable parameters"), parameters, tuple(10.0**n for n in range(13)))
_TIME_TICKS = (0.001, 0.01, 0.1, 1, 3, 10, 30, 60, 180, 600, 1800, 7200, 36_000, 360_000)
TIME = Quantity("train_s", msg("training time"), duration, _TIME_TICKS)
_HOST = Quantity(
    "peak_rss_train_bytes", msg("peak memory in training"), size, _MEMORY_TICKS, logarithmic=False,
    short=msg("peak memory"),
)  # fmt: skip
_GPU = Quantity(
    "gpu_peak_allocated_train_bytes", msg("peak GPU memory in training"), size, _MEMORY_TICKS, logarithmic=False,
    short=msg("peak GPU memory"),
)  # fmt: skip


def memory(collection: Collection) -> Quantity:
    """Return the peak memory a report shows: the GPU's as soon as one run used a GPU, else the process's."""
    rows = (*collection.rows, *collection.additional)
    return _GPU if any(row.cost(_GPU.field) for row in rows) else _HOST


def metric_name(metric: str) -> str:
    """Return what a metric is called in a sentence."""
    return tr(QUALITY_NAMES.get(metric, metric))


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, None of nothing."""
    return sum(values) / len(values) if values else None


def from_scratch(row: Row) -> bool:
    """Whether the row's model started from random weights rather than a pretrained model."""
    runs = (*row.records, *row.failures)
    return any(run.trained and run.inputs is not None and run.inputs.model_pretrained is False for run in runs)


def base_model(run: Record) -> str | None:
    """Return the base model a run started from, None where its method reads the texts alone."""
    return run.inputs.model_id if run.inputs else None


def pretrained_words(run: Record) -> str | None:
    """Return whether the base model's weights were pretrained, in a word or two; None without a base model."""
    if base_model(run) is None or run.inputs is None:
        return None
    return tr(PRETRAINED[run.inputs.model_pretrained])


def shown_name(row: Row) -> str:
    """Return a row's name with what a reader must not miss about it."""
    return tr("{name} (from scratch)", name=row.name) if from_scratch(row) else row.name


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
    worse = pair.better == pair.second
    text = _WORSE.get(pair.verdict, _VERDICTS[pair.verdict]) if worse else _VERDICTS[pair.verdict]
    return tr("{verdict}, as trained", verdict=tr(text)) if pair.scope == "models" and pair.difference else tr(text)
