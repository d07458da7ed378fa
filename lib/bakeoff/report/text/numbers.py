"""How numbers are written, everywhere in a report: one function per kind of quantity.

Metrics have three decimals, differences between them a sign and the unit of the declared metric (`measure`): percentage
points for one that is a share. A missing value is a dash. The decimal sign and the names of units are those of the
language being spoken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, Self

from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.language import numeral, tr, tr_in
from bakeoff.report.text.measure import declared_metric

__all__ = [
    "Number",
    "chance",
    "duration",
    "extended",
    "fraction",
    "gap",
    "in_unit",
    "interval",
    "level",
    "p_value",
    "parameters",
    "points",
    "range_of",
    "scale",
    "score",
    "share",
    "size",
    "tick",
    "whole",
]


More = ParamSpec("More")

_MINUS, _GAP = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
_LEAST_MILLISECOND, _LEAST_SECONDS, _SECONDS_AS_MINUTES, _SECONDS_AS_HOURS = 0.001, 0.1, 120, 7200
_EXACT_BELOW = 10_000  # parameter counts under this are written out
_THOUSANDS_UP_TO, _MILLIONS_UP_TO = 999.5e3, 999.5e6
_KIB, _MIB, _GIB = 2**10, 2**20, 2**30
_MIB_UP_TO = 10_240  # so that neighbours in a column of memory share their unit
_LEAST_P, _LEAST_PERCENT = 0.001, 0.0001
_SMALL_GAP = 0.001
_UNIT_KEPT = 20  # times the smaller end of a range up to which both are told in the unit of the larger
_LEAST_END = 1e-6  # as written: below it is rounding error


class Number(str):
    """A number as it is written, with its value: tables tell numbers from texts by it, and sort by it."""

    __slots__ = ("value",)
    value: float

    def __new__(cls, text: str, value: float) -> Self:
        """Keep the value beside the text."""
        made = super().__new__(cls, text)
        made.value = float(value)
        return made


def extended(first: str, text: str) -> str:
    """Return a text that says more than `first`, and is the same number where that is one."""
    return Number(text, first.value) if isinstance(first, Number) else text


def written(form: Callable[Concatenate[float, More], str]) -> Callable[Concatenate[float | None, More], str]:
    """Let a function that writes numbers return a `Number`, and a dash for None."""

    @wraps(form)
    def write(value: float | None, /, *args: More.args, **more: More.kwargs) -> str:
        return MISSING if value is None else Number(form(value, *args, **more), value)

    return write


@written
def fraction(value: float) -> str:
    """Return a metric: 0.846."""
    return _signed(f"{value:z.3f}")


@written
def score(value: float) -> str:
    """Return a value of the declared metric as the first screen has it: 83.5 %; one that is no share as a fraction."""
    if declared_metric().unit == "pp":
        return numeral(f"{100 * value:.1f}{_GAP}%")
    return _signed(f"{value:z.3f}")


@written
def points(value: float, *, unit: bool = True) -> str:
    """Return how far the first of two is ahead as a difference of the metric, with a true minus sign: +0.8 pp.

    value: positive where the first is the better one; so a lower log loss is written with a minus
    """
    digits = _digits_kept()
    shown = f"{scale() * value:+.{digits}f}"
    shown = numeral(f"{0:.{digits}f}") if float(shown) == 0 else _signed(shown)
    return in_unit(shown) if unit else shown


def scale() -> int:
    """Return what a lead in the declared metric is multiplied by to be written: 100, or 1, with its sign."""
    metric = declared_metric()
    return metric.sign * (100 if metric.unit == "pp" else 1)


def in_unit(number: str) -> str:
    """Add the unit of a difference in the declared metric, where it has one."""
    unit = {"pp": tr("pp"), "nats": tr("nats"), "": ""}[declared_metric().unit]
    return _with_unit(number, unit) if unit else number


def _digits_kept() -> int:
    return 1 if abs(scale()) > 1 else 3


@written
def gap(value: float) -> str:
    """Return the size of a difference or of its noise: 0.8 pp; one below a tenth keeps a digit that tells: 0.04 pp."""
    digits = _digits_kept() + (1 if 0 < value < _SMALL_GAP else 0)
    return in_unit(numeral(f"{abs(scale()) * value:.{digits}f}"))


def interval(low: float, high: float) -> str:
    """Return an interval of what `points` writes, without the unit: [+0.5, +2.1]; its ends keep a sign.

    No difference of shares lies beyond 100 percentage points, however wide its interval.
    """
    if declared_metric().unit == "pp" and min(abs(low), abs(high)) <= 1:
        low, high = max(low, -1.0), min(high, 1.0)
    first, last = (low, high) if scale() > 0 else (high, low)
    return tr("[{low}, {high}]", low=_end(first), high=_end(last))


def _end(value: float) -> str:
    """Write an end of an interval; one that would round to zero keeps a digit that tells on which side it lies."""
    size = abs(scale() * value)
    if size < _LEAST_END or size >= 0.5 * 10 ** -_digits_kept():
        return points(value, unit=False)
    return _signed(f"{scale() * value:+.{-math.floor(math.log10(size))}f}")


def level(value: float) -> str:
    """Return the level of an interval, not rounded: 95 %, 99.5 %."""
    return numeral(f"{100 * value:g}{_GAP}%")


@written
def p_value(value: float) -> str:
    """Return a p value: 0.032, < 0.001; never 0.000 and never 1.000 for less than one."""
    if value < _LEAST_P:
        return numeral(f"<{_GAP}{_LEAST_P}")
    return numeral(f">{_GAP}0.999" if 1 - _LEAST_P / 2 <= value < 1 else f"{value:.3f}")


@written
def duration(seconds: float, *, like: float | None = None) -> str:
    """Return a time in the unit a person would use: < 1 ms, 45 ms, 0.4 s, 38 s, 3.2 min, 2.5 h; that of `like`."""
    length, unit = _time_unit(seconds if like is None else like)
    if 0 < seconds < _LEAST_MILLISECOND == length:
        return _with_unit("< 1", unit)
    return _with_unit(_digits(seconds / length), unit)


def _time_unit(seconds: float) -> tuple[float, str]:
    if 0 < seconds < _LEAST_SECONDS:
        return _LEAST_MILLISECOND, tr("ms")
    if seconds < _SECONDS_AS_MINUTES:
        return 1, tr("s")
    return (60, tr("min")) if seconds < _SECONDS_AS_HOURS else (3600, tr("h"))


@written
def size(count: float, *, like: float | None = None) -> str:
    """Return bytes in binary units: 593 KiB, 87 MiB, 1,312 MiB, 12 GiB; in that of `like`."""
    holds, unit = _size_unit(count if like is None else like)
    return _with_unit(_digits(count / holds), unit)


def _size_unit(count: float) -> tuple[int, str]:
    if round(count) < 1024:  # noqa: PLR2004 - what the next unit holds, here and below
        return 1, tr_in("bytes", "B")
    if round(count / _KIB) < 1024:  # noqa: PLR2004
        return _KIB, tr("KiB")
    return (_MIB, tr("MiB")) if round(count / _MIB) < _MIB_UP_TO else (_GIB, tr("GiB"))


@written
def parameters(count: float, *, like: float | None = None) -> str:
    """Return a number of parameters: 770, 4,614, 78.3 k, 22.7 M, 1.24 B; in the unit of `like`."""
    of = count if like is None else like
    if of < _EXACT_BELOW:
        return whole(count)
    if of < _THOUSANDS_UP_TO:
        return _with_unit(numeral(f"{count / 1e3:.3g}"), tr_in("thousand", "k"))
    if of < _MILLIONS_UP_TO:
        return _with_unit(numeral(f"{count / 1e6:.3g}"), tr_in("million", "M"))
    return _with_unit(numeral(f"{count / 1e9:{',.2f' if count >= _MILLIONS_UP_TO else '.3g'}}"), tr_in("billion", "B"))


@written
def share(value: float) -> str:
    """Return a share in per cent with two telling digits: 100 %, 12 %, 0.33 %, 0.0034 %, < 0.0001 %."""
    percent = 100 * value
    if percent >= 9.95 or percent == 0:  # noqa: PLR2004 - what rounds to two digits before the point
        return numeral(f"{percent:,.0f}{_GAP}%")
    if percent < _LEAST_PERCENT:
        return numeral(f"<{_GAP}{_LEAST_PERCENT:f}".rstrip("0") + f"{_GAP}%")
    return numeral(f"{percent:#.2g}{_GAP}%")


@written
def chance(value: float) -> str:
    """Return a probability that rests on few observations: 93 %, never 0 % or 100 %."""
    bound = "<" if value < 0.01 else ">" if value > 0.99 else ""  # noqa: PLR2004 - what rounds to nothing or to all
    return numeral(f"{bound}{_GAP if bound else ''}{100 * min(max(value, 0.01), 0.99):.0f}{_GAP}%")


@written
def whole(count: float) -> str:
    """Return a whole number with thousands marked: 2,000."""
    return numeral(f"{count:,.0f}")


def tick(shown: str) -> str:
    """Return a number as an axis has it, without a decimal that tells nothing: 4 KiB for 4.0 KiB."""
    number, gap, unit = shown.partition(_GAP)
    return f"{number.removesuffix(numeral('.0'))}{gap}{unit}"


def range_of(values: Sequence[float], form: Callable[[float], str]) -> str:
    """Return smallest and largest of `values`, the unit once: 0.841-0.850 (en dash), 38-42 s; a dash for none.

    Ends that would have units of their own share one: that of the larger, so long as the smaller keeps a digit there.
    """
    if not values:
        return MISSING
    low, high = form(min(values)), form(max(values))
    if low == high:
        return Number(low, min(values))
    if form in (duration, size, parameters) and low.rpartition(_GAP)[2] != high.rpartition(_GAP)[2]:
        low, high = _alike(min(values), max(values), form)
    number, gap, unit = low.rpartition(_GAP)
    if gap and high.endswith(gap + unit):
        low = number
    return Number(f"{low}\N{EN DASH}{high}", min(values))


def _alike(low: float, high: float, form: Callable[..., str]) -> tuple[str, str]:
    """Return both ends in one unit: that of the larger, or of the smaller where the larger's says little of it."""
    if low * _UNIT_KEPT >= high:
        return form(low, like=high), form(high)
    return form(low), form(high, like=low)


def _digits(value: float) -> str:
    """Return about two telling digits, whole numbers from ten up."""
    if value == 0:
        return "0"
    shown = f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.95 else f"{value:.2g}"  # noqa: PLR2004
    return numeral(shown)


def _signed(shown: str) -> str:
    return numeral(shown.replace("-", _MINUS))


def _with_unit(number: str, unit: str) -> str:
    return f"{number}{_GAP}{unit}"
