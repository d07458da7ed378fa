"""The costs in the summary table, and what lets a reader of the HTML set limits on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.labels import TIME, TRAINABLE, memory
from bakeoff.report.text.language import msg, tr
from bakeoff.report.text.numbers import duration, score, size
from bakeoff.stats.compare import Comparison
from bakeoff.study.collect import Collection, Row, mean
from bakeoff.study.sweeps import search_seconds

__all__ = ["Column", "costs", "limits_script", "milliseconds"]


_HINTS = {
    "trainable": msg("Parameters that training may change, the classification head included."),
    "time": msg("Time of one training, mean over the seeds, without loading and validation."),
    "search": msg("Time of one training and of all trials of the search for its settings."),
    "memory": msg("Largest memory that the run's process held in training."),
    "saved": msg("Files that have to be kept to use the result; for an adapter without its base model."),
    "predict": msg("Time to predict one test text, mean over the seeds."),
}


@dataclass(frozen=True)
class Column:
    """A cost: its heading, what a terminal with room for it calls it, how it is written, a row's value, what it means.

    field: of `Cost`, the mean of which it is; searched: whether the trials' whole sum is in it as well
    limited: whether a reader can set a limit on it; drawn: whether bars stand beside its values
    """

    heading: str
    short: str | None
    form: Callable[[float | None], str]
    of: Callable[[Row], float | None]
    hint: str
    field: str
    searched: bool = False
    limited: bool = True
    drawn: bool = True


def costs(collection: Collection) -> list[Column]:
    """Return the costs in the order of their columns; the search is one where a method had one."""
    peak = memory(collection)
    searched = any(search_seconds(collection, row) for row in collection.rows)
    whole = Column(
        tr("with search"),
        None,
        duration,
        lambda row: _with_search(collection, row),
        tr(_HINTS["search"]),
        TIME.field,
        searched=True,
    )
    return [  # one cost a line
        Column(
            tr("parameters"),
            tr("trainable"),
            TRAINABLE.form,
            _mean(TRAINABLE.field),
            tr(_HINTS["trainable"]),
            TRAINABLE.field,
            limited=False,
            drawn=False,
        ),
        Column(
            tr("training"),
            tr("time"),
            duration,
            _mean(TIME.field),
            tr(_HINTS["time"]),
            TIME.field,
            limited=not searched,
        ),
        *([whole] if searched else []),
        Column(peak.heading, tr("memory"), size, _mean(peak.field), tr(_HINTS["memory"]), peak.field),
        Column(tr("saved"), tr("saved"), size, _mean("artifact_bytes"), tr(_HINTS["saved"]), "artifact_bytes"),
        Column(
            tr("a text"),
            None,
            milliseconds,
            _mean("inference_ms_per_item"),
            tr(_HINTS["predict"]),
            "inference_ms_per_item",
            drawn=False,
        ),
    ]


def _mean(name: str) -> Callable[[Row], float | None]:
    return lambda row: mean(row.cost(name))


def milliseconds(value: float | None) -> str:
    """Write a time that is measured in milliseconds."""
    return duration(None if value is None else value / 1000)


def _with_search(collection: Collection, row: Row) -> float | None:
    once, search = mean(row.cost(TIME.field)), search_seconds(collection, row)
    return None if once is None or search is None else once + search


def limits_script(collection: Collection, comparison: Comparison, rows: Sequence[Row]) -> dict[str, object]:
    """Return what the page needs to answer under limits: words, and of each cost its values by row and its steps.

    Nothing where fewer than two rows have a score. Steps are the values themselves, as the table writes them.
    """
    scores = [mean(row.quality(comparison.metric)) for row in rows]
    if sum(value is not None for value in scores) < 2:  # noqa: PLR2004
        return {}
    limits = []
    for column in costs(collection):
        values = [column.of(row) for row in rows]
        known = sorted({value for value in values if value is not None})
        if column.limited and len(known) > 1:
            steps = [[value, column.form(value)] for value in known]
            limits.append({"name": column.heading, "values": values, "steps": steps})
    return {
        "limits": limits,
        "names": [row.name for row in rows],
        "scores": [MISSING if value is None else score(value) for value in scores],
        "ask": tr("What if I have only"),
        "any": tr("any"),
        "most": tr("up to {value}"),
        "best": tr("Within these limits: {name}, {score}."),
        "next": tr("Next: {name}, {score}."),
        "none": tr("Nothing stays within these limits."),
    }
