"""Whether methods were trained for long enough, as far as their last epoch tells.

Only `conclusions` imports this.
"""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.record import Record
from bakeoff.reporting.collect import Collection
from bakeoff.reporting.quantities import mean
from bakeoff.reporting.sentences import Statement, count, sentence

__all__ = ["RISING_FROM", "rising"]

RISING_FROM = 0.01
"""Gain of the declared metric in the last epoch, as a fraction, above which a method counts as still improving."""


def rising(collection: Collection) -> Iterator[Statement]:
    """Name each trained method whose declared metric on validation still rose in its last epoch, mean over the seeds.

    Methods with a run of a single epoch are left out: there is nothing to hold it against.
    """
    metric = collection.experiment.compare.metric
    for row in collection.rows:
        ends = [end for run in row.records if (end := _last_two(run, metric))]
        before, after = mean([first for first, _ in ends]), mean([last for _, last in ends])
        if before is None or after is None or len(ends) < len(row.records) or after - before <= RISING_FROM:
            continue
        said = sentence(
            "rising", a=("name", row.name), metric=("metric", metric), before=("fraction", before),
            after=("fraction", after), seeds=count(len(ends), "seed"),
        )  # fmt: skip
        yield Statement("training", (said,), tuple(run.run_id for run in row.records))


def _last_two(run: Record, metric: str) -> tuple[float, float] | None:
    """Return a run's metric on validation after its last epoch but one and after its last."""
    history = run.training.history[-2:] if run.training else ()
    values = [epoch.validation[metric] for epoch in history if metric in epoch.validation]
    return (values[0], values[1]) if len(values) == 2 else None  # noqa: PLR2004 - two epochs
