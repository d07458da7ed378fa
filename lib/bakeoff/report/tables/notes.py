"""Notes under tables: what a column means, and what it cannot say."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.metrics.classification import metric_named
from bakeoff.report.text.labels import TIME, memory, metric_name, pretrained_words, shown_name
from bakeoff.report.text.language import msg, tr
from bakeoff.report.text.numbers import level, range_of, share
from bakeoff.stats.compare import Comparison
from bakeoff.stats.difference import LEAST_SEEDS, POWER
from bakeoff.study.collect import Collection, Row, base_model
from bakeoff.study.comparability import TIMES, Doubt, doubt, shares
from bakeoff.study.diagnostics import converged, has_collapsed

__all__ = ["apart_note", "detectable", "few_seeds", "summary_note"]


_RANGE = msg(
    "Metrics are fractions of one: the mean over the seeds, with the smallest and the largest value. "
    "A method that no seed changes has one run."
)
_COSTS = msg(
    "Time and memory: of training alone, means over the seeds. Trainable parameters: with their share of those of "
    "full fine-tuning. Size saved: what has to be kept to use the result, for an adapter without its base model."
)
_RANK = msg("Rank: the places that are left below all methods shown to be better and above all shown to be worse.")
_GROUP = msg(
    "Group: of two methods that share a letter, neither was shown to be better than the other; of two that share none, "
    "one was."
)
_GROUP_PARTED = msg(
    "Group: two methods that share a letter were compared, and neither was shown to be better than the other; of two "
    "that share none, one was, or they could not be compared."
)
_FEW_SEEDS = msg(
    "Where two methods have fewer than {seeds} seeds in common, rank and group tell of the models trained here alone."
)
_COLLAPSED = msg("One class: a trained method that gave one class to all or nearly all texts, at least with one seed.")
_UNCONVERGED = msg(
    "Not converged: a method whose optimizer ended before its optimum, or whose {metric} on validation was still "
    "improving in its last epoch; more steps may change its numbers."
)
_SCRATCH = msg("From scratch: trained from random weights, not from a pretrained model.")


def summary_note(collection: Collection, comparison: Comparison) -> str:
    """Return the note of the table."""
    return " ".join(
        [
            tr(_RANGE),
            _difference_note(comparison),
            *_rank_note(comparison),
            tr(_COSTS),
            *_remarks(collection),
        ]
    )


def _difference_note(comparison: Comparison) -> str:
    if not comparison.against_reference:
        return tr("No difference could be computed yet.")
    row = metric_named(comparison.metric)
    if not row.higher_is_better:
        note = msg(
            "Difference: in {metric}, of which the lower value is the better, with its {level} interval and the "
            "verdict after correction for the number of comparisons; the interval is not corrected."
        )
    elif row.unit == "pp":
        note = msg(
            "Difference: in {metric}, in percentage points (pp), with its {level} interval and the verdict after "
            "correction for the number of comparisons; the interval is not corrected."
        )
    else:
        note = msg(
            "Difference: in {metric}, with its {level} interval and the verdict after correction for the number of "
            "comparisons; the interval is not corrected."
        )
    return tr(
        note,
        metric=metric_name(comparison.metric),
        level=level(1 - comparison.alpha),
    )


def _rank_note(comparison: Comparison) -> list[str]:
    if not any(one.best_rank for one in comparison.methods):
        return []
    parted = any(pair.difference is None for pair in comparison.pairs)
    few = any(pair.better and pair.scope == "models" for pair in comparison.pairs)
    return [
        tr(_RANK),
        tr(_GROUP_PARTED if parted else _GROUP),
        *([tr(_FEW_SEEDS, seeds=LEAST_SEEDS)] if few else []),
    ]


def _remarks(collection: Collection) -> list[str]:
    scratch = any(shown_name(row) != row.name for row in collection.rows)
    gone = [row.name for row in collection.rows if not row.records and not row.failures]
    failed = any(row.failures for row in collection.rows)
    fallen, metric = any(map(has_collapsed, collection.rows)), collection.experiment.compare.metric
    short = any(converged(row, metric) is False for row in collection.rows)
    return [
        *([tr(_SCRATCH)] if scratch else []),
        *_bases(collection.rows),
        *([tr("Without a result so far: {names}.", names=", ".join(gone))] if gone else []),
        *([tr("Why runs have no result stands in the table below.")] if failed else []),
        *([tr(_COLLAPSED)] if fallen else []),
        *([tr(_UNCONVERGED, metric=metric_name(metric))] if short else []),
        *apart_note(collection.rows, TIME.field, memory(collection).field),
    ]


def _bases(rows: Sequence[Row]) -> list[str]:
    """Say which methods start from which base model, where that is not the same for all."""
    found: dict[str, list[str]] = {}
    for row in rows:
        model = base_model(row.records[0]) if row.records else None
        if model:
            said = tr("{model}, weights {kind}", model=model, kind=pretrained_words(row.records[0]))
            found.setdefault(said, []).append(row.name)
    bases = [f"{model} ({', '.join(names)})" for model, names in found.items()]
    return [tr("Base models: {bases}.", bases="; ".join(bases))] if len(bases) > 1 else []


_NOTES: dict[Doubt, str] = {
    "machine": msg("Times and memory were not all measured under the same conditions; the appendix has them."),
    "unlike": msg("{times} cannot all be compared: of their processor time, the runs got between {least} and {most}."),
    "low": msg("{times} cannot be compared: of their processor time, the runs got only {range}."),
    "unknown": msg("{times} are not compared: how much processor time the runs got was not recorded."),
}


def apart_note(rows: Sequence[Row], *fields: str) -> list[str]:
    """Return what a table or figure has to say where fields of `Cost` that it shows are not comparable between rows.

    Every row is held against every other. Rows that train nothing and baselines take no part.
    """
    return list(dict.fromkeys(note for field in fields for note in _note(rows, field)))


def _note(rows: Sequence[Row], field: str) -> list[str]:
    timed = [row for row in rows if row.cost(field) and row.any.trained and row.any.role != "baseline"]
    runs = [run for row in timed for run in row.records]
    found = doubt(runs, field) if len(timed) > 1 else None
    if found is None:
        return []
    got = shares(runs, field) or [0.0]
    gaps = {"least": share(min(got)), "most": share(max(got)), "range": range_of(got, share)}
    return [tr(_NOTES[found], times=tr(TIMES.get(field, "")), **gaps)]


_DETECTABLE = msg(
    "Detectable gap: the true difference that a comparison as noisy as this one finds with a chance of {power} at "
    "the strictest step of Holm's correction."
)
_FEW_SHARED_SEEDS = msg("With fewer than {seeds} seeds in common, the choice of test texts alone is counted.")


def detectable() -> str:
    """Say what a detectable gap is."""
    return tr(_DETECTABLE, power=share(POWER))


def few_seeds() -> str:
    """Say what intervals count where seeds are too few to tell their noise."""
    return tr(_FEW_SHARED_SEEDS, seeds=LEAST_SEEDS)
