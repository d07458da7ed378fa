"""Tables of what was searched for tuned methods: price and find of each search, and what tuning changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.metrics.classification import metric_named
from bakeoff.report.pages.table import Table
from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.labels import metric_name, shown_name, verdict_words
from bakeoff.report.text.language import msg, numeral, tr
from bakeoff.report.text.numbers import duration, extended, fraction, interval, points, share, whole
from bakeoff.stats.bootstrap import best_of, best_of_band
from bakeoff.stats.compare import Comparison
from bakeoff.study.collect import Collection, Row, mean
from bakeoff.study.sweeps import Search, searches, twins

__all__ = ["search_table", "tuned_table"]


_ALPHA = 0.05
_HALVED = msg(
    "Halving trains all trials for a part of their epochs and only the better ones to the end. Epochs saved: of "
    "those that training all of them whole would have taken. A method without epochs to stop after is tried whole. "
    "Expected is a dash where trials were stopped: those trained whole were picked, and are no sample of all."
)


def search_table(collection: Collection) -> Table | None:
    """Show what each search took and found, and what fewer trials would have."""
    found = searches(collection)
    if not found:
        return None
    lost, halved = [one.lost for one in found], any(one.rungs for one in found)
    data: dict[str, list[str]] = {tr("trials"): [whole(len(one.tried)) for one in found]}
    if any(lost):
        data[tr("without a result")] = [whole(number) for number in lost]
    if halved:
        data[tr("trained whole")] = [whole(len(one.whole)) for one in found]
        data[tr("epochs saved")] = [MISSING if one.saved is None else share(one.saved) for one in found]
    data |= {
        tr("search took"): [_took(one) for one in found],
        tr("chosen"): [_settings(one.chosen) for one in found],
        tr("best on validation"): [fraction(_best(one)) for one in found],
        tr("expected of one trial"): [_expected(one, 1) for one in found],
        tr("expected of half of them"): [_expected(one, max(len(one.scores) // 2, 1)) for one in found],
        tr("at an edge"): [", ".join(one.at_edge) or MISSING for one in found],
    }
    return Table(
        data,
        labels=(tr("method"), [one.method for one in found]),
        caption=tr("What the search for settings took, and what it found, by {metric}.",
                   metric=metric_name(found[0].metric)),
        note=tr(
            "Search took: training time of all trials; below, in runs of the method. Expected: the best of so many of "
            "these trials, on average (Tang et al., 2020), with a 95 % bootstrap interval over the trials. What was "
            "chosen was trained anew with the compared seeds. At an edge: no value beyond the chosen one was tried, so "
            "that a better one may lie there."
        )
        + (" " + tr(_HALVED) if halved else ""),
    )  # fmt: skip


def _took(search: Search) -> str:
    if search.spent_s is None:
        return MISSING
    first = duration(search.spent_s)
    if not search.run_s:
        return first
    runs = numeral(f"{search.spent_s / search.run_s:.1f}")
    return extended(first, f"{first}\n{tr('{number} runs', number=runs)}")


def _settings(chosen: Mapping[str, Any] | None) -> str:
    if chosen is None:
        return tr("not yet")
    return ", ".join(
        f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}" for key, value in chosen.items()
    )


def _best(search: Search) -> float | None:
    sign = metric_named(search.metric).sign
    return max(search.scores, key=lambda score: sign * score, default=None)


def _expected(search: Search, trials: int) -> str:
    """Return the expected best of so many trials, with its interval below."""
    if not search.scores or search.saved is not None:
        return MISSING
    sign = metric_named(search.metric).sign
    low, high = best_of_band(search.scores, sign=sign, alpha=_ALPHA, rng=np.random.default_rng(0))
    first = fraction(float(best_of(search.scores, sign=sign)[trials - 1]))
    return extended(first, f"{first}\n{fraction(float(low[trials - 1]))}\N{EN DASH}{fraction(float(high[trials - 1]))}")


def tuned_table(collection: Collection, comparison: Comparison) -> Table | None:
    """Hold each tuned method against itself at the settings it is declared with."""
    pairs = twins(collection)
    if not pairs:
        return None
    metric = collection.experiment.compare.metric
    columns: dict[str, list[str]] = {
        tr("declared"): [_settings(_declared(collection, tuned)) for tuned, _ in pairs],
        tr("chosen"): [_settings(_chosen(collection, tuned)) for tuned, _ in pairs],
        tr("validation, declared"): [fraction(mean(plain.quality(metric, split="validation"))) for _, plain in pairs],
        tr("validation, tuned"): [fraction(mean(tuned.quality(metric, split="validation"))) for tuned, _ in pairs],
        tr("test, declared"): [fraction(mean(plain.quality(metric))) for _, plain in pairs],
        tr("test, tuned"): [fraction(mean(tuned.quality(metric))) for tuned, _ in pairs],
        tr("gain on test"): [_gain(comparison, tuned, plain) for tuned, plain in pairs],
        tr("verdict"): [_verdict(comparison, tuned, plain) for tuned, plain in pairs],
    }
    return Table(
        columns,
        labels=(tr("method"), [shown_name(tuned) for tuned, _ in pairs]),
        caption=tr("Each method at the settings it is declared with, and tuned: mean {metric} over seeds.",
                   metric=metric_name(metric)),
        note=tr(
            "In other tables a method at the settings it is declared with is a row whose name ends in {ending}. "
            "Settings were chosen on the validation texts, which flatters tuned methods there; the test texts are for "
            "both alike.",
            ending="_default",
        ),
    )  # fmt: skip


def _declared(collection: Collection, tuned: Row) -> Mapping[str, Any]:
    return collection.experiment.methods[tuned.method].declared


def _chosen(collection: Collection, tuned: Row) -> Mapping[str, Any] | None:
    settled = collection.choices.get(tuned.method) or next((run.sweep for run in tuned.records if run.sweep), None)
    return settled.chosen if settled else None


def _known(comparison: Comparison, *rows: Row) -> bool:
    return {row.name for row in rows} <= {one.name for one in comparison.methods}


def _gain(comparison: Comparison, tuned: Row, plain: Row) -> str:
    found = comparison[tuned.name, plain.name].difference if _known(comparison, tuned, plain) else None
    if found is None:
        return MISSING
    first = points(found.estimate)
    return extended(first, f"{first}\n{interval(found.low, found.high)}")


def _verdict(comparison: Comparison, tuned: Row, plain: Row) -> str:
    return verdict_words(comparison[tuned.name, plain.name]) if _known(comparison, tuned, plain) else MISSING
