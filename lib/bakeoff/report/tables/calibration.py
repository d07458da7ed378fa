"""Tables of how good probabilities are: of each method, before and after a temperature, and against the reference.

Each function takes what was computed and returns a display `Table`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bakeoff.report.pages.table import Table
from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.labels import metric_name, shown_name
from bakeoff.report.text.language import msg, numeral, tr, trn
from bakeoff.report.text.measure import measuring
from bakeoff.report.text.numbers import Number, extended, fraction, interval, level, p_value, points, range_of, whole
from bakeoff.study.beside import QUALITIES_OF_CHANCES, Calibration, Estimate, Facing
from bakeoff.study.collect import Collection

__all__ = ["calibration_tables"]


_OWN = msg(
    "Of all three, the lower is the better. In brackets: the {level} interval of the mean, uncorrected, which "
    "counts seeds and test texts. It counts texts alone where there are fewer than three seeds or no seed changes "
    "the method. That of ECE holds with and without the most that chance adds."
)
_TEMPERATURE = msg(
    "Temperature: what the scores of a run are divided by for the least {metric} on its validation texts, over the "
    "seeds. Above one, the method was too sure of its answers there. After: on test, with that temperature, which "
    "changes no predicted class. A dash: no scores on validation were kept, or no temperature was the best."
)
_AGAINST = msg(
    "Difference: the method's mean minus the reference's, with its uncorrected {level} interval. Below it: p of the "
    "test against no difference."
)


def calibration_tables(collection: Collection, found: Calibration, *, alpha: float) -> list[Table]:
    """Return the table of methods and that of differences to the reference, as far as there is anything in them."""
    if not found.methods:
        return []
    names = {row.name: shown_name(row) for row in collection.rows}
    parts = {name: metric_name(name) for name in QUALITIES_OF_CHANCES}
    methods = Table(
        {
            **{spoken: [_estimate(one.before.get(name)) for one in found.methods] for name, spoken in parts.items()},
            tr("temperature"): [_temperatures(one.temperatures) for one in found.methods],
            **{
                tr("{metric} after", metric=spoken): [_estimate(one.after.get(name)) for one in found.methods]
                for name, spoken in parts.items()
            },
        },
        labels=(tr("method"), [names[one.name] for one in found.methods]),
        caption=tr("How good the probabilities are on test, before and after a temperature."),
        note=" ".join([tr(_OWN, level=level(1 - alpha)), tr(_TEMPERATURE, metric=parts["log_loss"])]),
    )
    return [methods, *([_against(found.against, names)] if found.against else [])]


def _estimate(one: Estimate | None) -> str:
    if one is None:
        return MISSING
    first = fraction(one.mean)
    return extended(first, f"{first}\n{tr('[{low}, {high}]', low=fraction(one.low), high=fraction(one.high))}")


def _temperatures(values: Sequence[float]) -> str:
    return range_of(values, _temperature)


def _temperature(value: float) -> str:
    return Number(numeral(f"{value:.2f}"), value)


def _against(against: Sequence[Facing], names: Mapping[str, str]) -> Table:
    methods = list(dict.fromkeys(one.name for one in against))
    known = {(one.name, one.what): one for one in against}
    metrics = list(dict.fromkeys(one.what for one in against))
    number = against[0].comparisons
    corrected = trn(
        "After Holm's correction for {number} comparison.",
        "After Holm's correction for {number} comparisons, of all methods in all these metrics.",
        number,
        number=whole(number),
    )
    return Table(
        {metric_name(metric): [_difference(known.get((name, metric))) for name in methods] for metric in metrics},
        labels=(tr("method"), [names[name] for name in methods]),
        caption=tr("Differences of the probabilities' quality to {reference}.", reference=against[0].tested.second),
        note=" ".join([tr(_AGAINST, level=level(1 - against[0].alpha)), corrected]),
    )


def _difference(one: Facing | None) -> str:
    if one is None:
        return MISSING
    with measuring(one.what):
        first = points(one.difference.estimate)
        return extended(first, f"{first}\n{interval(one.difference.low, one.difference.high)}\n{_p(one.p)}")


def _p(value: float) -> str:
    shown = p_value(value)
    return tr("p {p}", p=shown if shown[0] in "<>" else f"=\N{NO-BREAK SPACE}{shown}")
