"""The tables over numbers of training texts: means, and differences to the reference."""

from __future__ import annotations

from bakeoff.report.pages.table import Table
from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.labels import metric_name, verdict_words
from bakeoff.report.text.language import tr
from bakeoff.report.text.numbers import extended, fraction, interval, level, points, range_of, whole
from bakeoff.stats.uncertainty import CONFIDENCE
from bakeoff.study.sizes import AtSize, Gain, Sizes
from bakeoff.system.spreadsheets import csv_of

__all__ = ["FILE", "size_tables"]


FILE = "application/vnd.bakeoff.sizes+csv"
"""Form in which sizes.csv leaves the kernel that compared."""


def size_tables(sizes: Sizes, *, methods: list[str], reference: str, metric: str) -> list[Table]:
    """Return the table of means with what a doubling gained, and that of differences to the reference."""
    if not sizes.at:
        return []
    shown = [name for name in methods if any(name in one.contenders for one in sizes.at)]
    found = [_means(sizes, shown, metric)]
    others = [name for name in shown if name != reference]
    if others and any(one.comparison.against_reference for one in sizes.at):
        found.append(_differences(sizes, others, reference, metric))
    return found


def _means(sizes: Sizes, methods: list[str], metric: str) -> Table:
    columns = {_heading(one): [_mean(one, name) for name in methods] for one in sizes.at}
    last = max((one.more for one in sizes.gains), default=0)
    gains = {one.method: one for one in sizes.gains if one.more == last}
    if gains:
        fewer = whole(next(iter(gains.values())).fewer)
        columns[tr("gained by a doubling, {fewer} to {more}", fewer=fewer, more=whole(last))] = [
            _gained(gains.get(name)) for name in methods
        ]
    csv = csv_of(sizes.to_frame())
    return Table(
        columns,
        labels=(tr("method"), methods),
        caption=tr("{metric} on test by number of training texts.", metric=_capital(metric_name(metric))),
        note=tr(
            "Means over the seeds, the range below them. A gain has a {confidence} interval of its own.",
            confidence=level(CONFIDENCE),
        ),
        carried={FILE: csv},
    )


def _differences(sizes: Sizes, methods: list[str], reference: str, metric: str) -> Table:
    columns = {_heading(one): [_difference(one, name) for name in methods] for one in sizes.at}
    return Table(
        columns,
        labels=(tr("method"), methods),
        caption=tr(
            "Difference to {reference} in {metric} on test by number of training texts.",
            reference=reference, metric=metric_name(metric),
        ),
        note=tr(
            "Verdicts are corrected for the comparisons at each number of texts, and for the numbers of texts "
            "(level {level} each). Intervals are of that level and each for itself.",
            level=level(sizes.level),
        ),
    )  # fmt: skip


def _heading(one: AtSize) -> str:
    return tr("{texts} texts", texts=whole(one.texts))


def _mean(one: AtSize, name: str) -> str:
    if name not in one.contenders:
        return MISSING
    found = one.comparison.method(name)
    shown = fraction(found.mean)
    return shown if len(found.by_seed) == 1 else extended(shown, f"{shown}\n{range_of(found.by_seed, fraction)}")


def _gained(gain: Gain | None) -> str:
    if gain is None:
        return MISSING
    shown = points(gain.estimate)
    return extended(shown, f"{shown}\n{interval(gain.low, gain.high)}")


def _difference(one: AtSize, name: str) -> str:
    pair = next((pair for pair in one.comparison.against_reference if pair.first == name), None)
    if pair is None or pair.difference is None:
        return MISSING
    found = pair.difference
    shown = points(found.estimate)
    return extended(shown, "\n".join((shown, interval(found.low, found.high), verdict_words(pair))))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
