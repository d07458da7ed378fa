"""The small print below the summary table: what its columns mean, and what of its rows must not be missed.

Only `reporting.summary` imports this.
"""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.reporting.collapse import has_collapsed
from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.conditions import measured_alike
from bakeoff.reporting.language import msg, numeral, tr
from bakeoff.reporting.quantities import TIME, base_model, metric_name, pretrained_words, shown_name
from bakeoff.reporting.verdicts import Comparison

__all__ = ["summary_note"]

_RANGE = msg(
    "Metrics are fractions of one: the mean over the seeds, with the smallest and the largest value. "
    "A method that no seed changes has one run."
)
_COSTS = msg(
    "Time and memory: of training alone, means over the seeds. Trainable parameters: with their share of those of "
    "full fine-tuning. Size saved: what has to be kept to use the result, for an adapter without its base model."
)
_RANK = msg(
    "Rank: the ranks that no verdict between two methods rules out, corrected over all pairs; methods whose ranks "
    "overlap form a group that the data do not put in order."
)
_APART = msg("Times and memory were not all measured under the same conditions; the appendix has them.")
_COLLAPSED = msg("One class: a trained method that gave one class to all or nearly all texts, at least with one seed.")
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
    return tr(
        "Difference: in {metric}, in percentage points (pp), with its {level} interval and the verdict after "
        "correction for the number of methods; the interval is not corrected.",
        metric=metric_name(comparison.metric),
        level=numeral(f"{100 * (1 - comparison.alpha):g}\N{NO-BREAK SPACE}%"),
    )


def _rank_note(comparison: Comparison) -> list[str]:
    return [tr(_RANK)] if any(one.best_rank for one in comparison.methods) else []


def _remarks(collection: Collection) -> list[str]:
    scratch = any(shown_name(row) != row.name for row in collection.rows)
    gone = [row.name for row in collection.rows if not row.records and not row.failures]
    failed = any(row.failures for row in collection.rows)
    fallen = any(map(has_collapsed, collection.rows))
    return [
        *([tr(_SCRATCH)] if scratch else []),
        *_bases(collection.rows),
        *([tr("Without a result so far: {names}.", names=", ".join(gone))] if gone else []),
        *([tr("Why runs have no result stands in the table below.")] if failed else []),
        *([tr(_COLLAPSED)] if fallen else []),
        *([tr(_APART)] if _apart(collection.rows) else []),
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


def _apart(rows: Sequence[Row]) -> bool:
    """Whether time and memory come from more than one machine, or from one that was not equally busy."""
    timed = [row.records for row in rows if row.cost(TIME.field) and row.any.trained and row.any.role != "baseline"]
    return any(not measured_alike(timed[0], records) for records in timed)
