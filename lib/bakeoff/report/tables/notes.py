"""Notes under tables: what a column means, and what it cannot say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bakeoff.metrics.classification import metric_named
from bakeoff.report.text.labels import TIME, memory, metric_name, pretrained_words, shown_name
from bakeoff.report.text.language import msg, msgn, tr, trn
from bakeoff.report.text.numbers import gap, level, range_of, share, whole
from bakeoff.stats.compare import Comparison, Pair
from bakeoff.stats.difference import LEAST_SEEDS, POWER, seed_multiple
from bakeoff.stats.pairs import Family
from bakeoff.study.collect import Collection, Row, base_model
from bakeoff.study.comparability import TIMES, Doubt, doubt, shares
from bakeoff.study.diagnostics import converged, has_collapsed

__all__ = ["apart_note", "corrected", "detectable", "few_seeds", "limited_by_seeds", "summary_note"]


_SORTED = msg("Sorted by {metric} on the test texts, mean over the seeds.")
_EDGE = msg("Edge: not shown to be worse than any method, or by no more than the margin.")
_BAND = msg("Band: differences of up to {margin}, declared not to matter.")
_BASELINES = msg("Grey: baselines.")
_FINDING = msg(
    "In brackets: the {level} interval, which is not corrected; findings against {reference} are corrected for "
    "{comparisons} comparisons."
)
_SHARED = msg(
    "A difference to {reference} is over the seeds that both have, and need not be that of the means beside it."
)
_FINDING_ONE = msg("In brackets: the {level} interval.")
_LOWER = msg("Of {metric}, the lower value is the better.")
_COLLAPSED = msg("One class: a trained method that gave one class to all or nearly all texts, at least with one seed.")
_UNCONVERGED = msg(
    "Not converged: the optimizer ended before its optimum, or {metric} on validation was still improving in the "
    "last epoch. More steps may change its numbers."
)
_UNMEASURED = msg("What it took is not measured here: {names}.")
_SCRATCH = msg("From scratch: trained from random weights, not from a pretrained model.")


def summary_note(collection: Collection, comparison: Comparison, *, drawn: bool = True) -> str:
    """Return the note of the table; drawn: whether edges, bands and greys are seen."""
    yardsticks = any(row.records and row.any.role == "baseline" for row in collection.rows)
    metric = metric_named(comparison.metric)
    looks = [tr(_EDGE), tr(_BAND, margin=gap(comparison.margin)), *([tr(_BASELINES)] if yardsticks else [])]
    return " ".join(
        [
            tr(_SORTED, metric=metric_name(comparison.metric)),
            *([] if metric.higher_is_better else [tr(_LOWER, metric=metric_name(comparison.metric))]),
            *(looks if drawn and comparison.against_reference else []),
            _difference_note(comparison),
            *_shared(comparison),
            *_remarks(collection),
        ]
    )


def _difference_note(comparison: Comparison) -> str:
    if all(pair.difference is None for pair in comparison.against_reference):
        return tr("No difference could be computed yet.")
    shown, number = level(1 - comparison.alpha), comparison.corrected_for("reference")
    if number <= 1:  # none where the reference was held against baselines alone
        return tr(_FINDING_ONE, level=shown)
    return tr(_FINDING, level=shown, comparisons=whole(number), reference=str(comparison.reference))


def _shared(comparison: Comparison) -> list[str]:
    """Say that differences are over fewer runs than means, where they are."""
    seeds = {one.name: one.seeds for one in comparison.methods if not one.fixed}
    pairs = [pair for pair in comparison.against_reference if pair.difference and pair.seeds]
    parted = any(
        set(pair.seeds) != set(seeds.get(name, pair.seeds)) for pair in pairs for name in (pair.first, pair.second)
    )
    return [tr(_SHARED, reference=str(comparison.reference))] if parted else []


def _remarks(collection: Collection) -> list[str]:
    scratch = any(shown_name(row) != row.name for row in collection.rows)
    gone = [row.name for row in collection.rows if not row.records and not row.failures]
    elsewhere = [row.name for row in collection.rows if row.records and all(run.cost is None for run in row.records)]
    failed = any(row.failures for row in collection.rows)
    fallen, metric = any(map(has_collapsed, collection.rows)), collection.experiment.compare.metric
    short = any(converged(row, metric) is False for row in collection.rows)
    return [
        *([tr(_SCRATCH)] if scratch else []),
        *_bases(collection.rows),
        *([tr("Without a result so far: {names}.", names=", ".join(gone))] if gone else []),
        *([tr("Why runs have no result stands in the table below.")] if failed else []),
        *([tr(_UNMEASURED, names=", ".join(elsewhere))] if elsewhere else []),
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
    "Detectable gap: the true difference that such a comparison finds with a chance of {power} at the strictest "
    "step of Holm's correction."
)
_FEW_SHARED_SEEDS = msg("With fewer than {seeds} seeds in common, the choice of test texts alone is counted.")


def detectable() -> str:
    """Say what a detectable gap is."""
    return tr(_DETECTABLE, power=share(POWER))


def few_seeds() -> str:
    """Say what intervals count where seeds are too few to tell their noise."""
    return tr(_FEW_SHARED_SEEDS, seeds=LEAST_SEEDS)


_CORRECTED: dict[str, tuple[str, str]] = {
    "reference": msgn(
        "Here p is after Holm's correction for {number} comparison with the reference.",
        "Here p is after Holm's correction for {number} comparisons with the reference.",
    ),
    "baselines": msgn(
        "Here p is after Holm's correction for {number} comparison of a baseline with another method.",
        "Here p is after Holm's correction for {number} comparisons of a baseline with another method.",
    ),
    "all pairs": msgn(
        "Here p is after Holm's correction for {number} pair.",
        "Here p is after Holm's correction for all {number} pairs.",
    ),
}


def corrected(family: Family, number: int) -> str:
    """Say for how many comparisons p values are corrected."""
    return trn(*_CORRECTED[family], number, number=whole(number))


def limited_by_seeds(pairs: Sequence[Pair], comparison: Comparison) -> str | None:
    """Say how far few seeds are the reason, where a method is ahead by a test of the pair alone; None where none is."""
    held = [
        pair for pair in pairs
        if (found := pair.difference) and pair.better is None and found.estimate > 0 and found.p < comparison.alpha
        and found.seed_variance is not None and pair.scope == "methods"
    ]  # fmt: skip
    if not held:
        return None
    pair = max(held, key=lambda one: one.comparisons)
    seeds, levels = len(pair.seeds), comparison.alpha / pair.comparisons
    now, then = (whole(math.ceil(seed_multiple(number, level=levels))) for number in (seeds, seeds + 2))
    return tr(
        "Few seeds are what limits this: with {seeds}, a gap may have to be {now} times its standard error. With "
        "{more} it would be {then} times.",
        seeds=trn("{number} seed", "{number} seeds", seeds, number=whole(seeds)), more=whole(seeds + 2), now=now,
        then=then,
    )  # fmt: skip
