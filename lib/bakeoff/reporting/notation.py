"""How numbers are written, everywhere in a report: one function per kind of quantity.

Metrics are fractions with three decimals, differences between them percentage points with a sign, a missing value
is a dash. Plain functions of numbers; only `reporting` and `notebook` import this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bakeoff.reporting.escape import MISSING

__all__ = [
    "duration",
    "fraction",
    "interval",
    "p_value",
    "parameters",
    "points",
    "range_of",
    "share",
    "size",
    "whole",
]

_MINUS, _GAP = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
_LEAST_MILLISECOND, _LEAST_SECONDS, _SECONDS_AS_MINUTES, _SECONDS_AS_HOURS = 0.001, 0.1, 120, 7200
_EXACT_BELOW = 10_000  # parameter counts under this are written out
_MIB_UP_TO = 10_240  # so that neighbours in a column of memory share their unit
_LEAST_P, _LEAST_PERCENT = 0.001, 0.0001


def fraction(value: float | None) -> str:
    """Return a metric: 0.846."""
    if value is None:
        return MISSING
    return _signed(f"{value:z.3f}")


def points(value: float | None, *, unit: bool = True) -> str:
    """Return a difference between fractions in percentage points, with a true minus sign: +0.8 pp."""
    if value is None:
        return MISSING
    shown = f"{100 * value:+.1f}"
    shown = "0.0" if float(shown) == 0 else _signed(shown)
    return f"{shown}{_GAP}pp" if unit else shown


def interval(low: float, high: float) -> str:
    """Return an interval of differences in percentage points, without the unit: [+0.5, +2.1]."""
    return f"[{points(low, unit=False)}, {points(high, unit=False)}]"


def p_value(value: float | None) -> str:
    """Return a p value: 0.032, < 0.001; never 0.000 and never 1.000 for less than one."""
    if value is None:
        return MISSING
    if value < _LEAST_P:
        return f"<{_GAP}{_LEAST_P}"
    return f">{_GAP}0.999" if 1 - _LEAST_P / 2 <= value < 1 else f"{value:.3f}"


def duration(seconds: float | None) -> str:
    """Return a time in the unit a person would use: < 1 ms, 45 ms, 0.4 s, 38 s, 3.2 min, 2.5 h."""
    if seconds is None:
        return MISSING
    if 0 < seconds < _LEAST_MILLISECOND:
        return f"< 1{_GAP}ms"
    if 0 < seconds < _LEAST_SECONDS:
        return f"{_digits(1000 * seconds)}{_GAP}ms"
    if seconds < _SECONDS_AS_MINUTES:
        return f"{_digits(seconds)}{_GAP}s"
    if seconds < _SECONDS_AS_HOURS:
        return f"{_digits(seconds / 60)}{_GAP}min"
    return f"{_digits(seconds / 3600)}{_GAP}h"


def size(count: float | None) -> str:
    """Return bytes in binary units: 593 KiB, 87 MiB, 1,312 MiB, 12 GiB."""
    if count is None:
        return MISSING
    for unit in ("B", "KiB", "MiB"):
        if round(count) < (_MIB_UP_TO if unit == "MiB" else 1024):
            return f"{_digits(count)}{_GAP}{unit}"
        count /= 1024
    return f"{_digits(count)}{_GAP}GiB"


def parameters(count: float | None) -> str:
    """Return a number of parameters: 770, 4,614, 78.3 k, 22.7 M, 1.24 B."""
    if count is None:
        return MISSING
    if count < _EXACT_BELOW:
        return whole(count)
    for unit, step in (("k", 1e3), ("M", 1e6)):
        if count < 999.5 * step:
            return f"{count / step:.3g}{_GAP}{unit}"
    return f"{count / 1e9:,.2f}{_GAP}B"


def share(value: float | None) -> str:
    """Return a share in per cent with two telling digits: 100 %, 12 %, 0.33 %, 0.0034 %, < 0.0001 %."""
    if value is None:
        return MISSING
    percent = 100 * value
    if percent >= 9.95 or percent == 0:  # noqa: PLR2004 - what rounds to two digits before the point
        return f"{percent:,.0f}{_GAP}%"
    if percent < _LEAST_PERCENT:
        return f"<{_GAP}{_LEAST_PERCENT:f}".rstrip("0") + f"{_GAP}%"
    return f"{percent:#.2g}{_GAP}%"


def whole(count: float | None) -> str:
    """Return a whole number with thousands marked: 2,000."""
    return MISSING if count is None else f"{count:,.0f}"


def range_of(values: Sequence[float], form: Callable[[float], str]) -> str:
    """Return smallest and largest of `values`, the unit once: 0.841-0.850 (en dash), 38-42 s; a dash for none."""
    if not values:
        return MISSING
    low, high = form(min(values)), form(max(values))
    if low == high:
        return low
    number, gap, unit = low.rpartition(_GAP)
    if gap and high.endswith(gap + unit):
        low = number
    return f"{low}\N{EN DASH}{high}"


def _digits(value: float) -> str:
    """Return about two telling digits, whole numbers from ten up."""
    if value == 0:
        return "0"
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.95 else f"{value:.2g}"  # noqa: PLR2004


def _signed(shown: str) -> str:
    return shown.replace("-", _MINUS)
