"""Small pictures beside the cells of a table's column, on one axis for all its rows: intervals, and bars.

Both are made from the same numbers: SVG or CSS for the HTML, calls of the template for the PDF, which has no room for
bars. The cell's text says all that they show, so they have no text of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Bars", "Intervals", "Picture"]


_WIDE, _HIGH, _MARK = 124, 20, 4.0  # pixels
_EDGE = 6.0  # pixels kept free at both ends of an axis, for what lies beyond it
_LONGEST_BAR = 24  # pixels
_LOGARITHMIC_FROM = 30  # times the least value
_LEAST_BAR = 0.06  # of the longest


_INK, _MUTED, _ACCENT = "#1d2127", "#59616d", "#1b5e8c"
_COLOURS = {
    "band": f'fill="{_MUTED}" opacity="0.16"',
    "zero": f'stroke="{_MUTED}"',
    "line": f'stroke="{_ACCENT}" stroke-width="2.5"',
    "dot": f'fill="{_ACCENT}"',
    "arrow": f'fill="{_ACCENT}"',
    "held": f'fill="#fff" stroke="{_INK}"',
}
"""Colours of shapes where nothing styles them, as in a notebook; the report's style has its own."""


class Picture(Protocol):
    """What is drawn beside the cells of a column."""

    def html(self, row: int) -> str:
        """Return what stands beside the cell of a row."""

    def typst(self, row: int) -> str:
        """Return the same as an expression of Typst."""


@dataclass(frozen=True)
class Intervals:
    """Estimates with their intervals.

    ends: low end, estimate and high end of each row; None where there is none
    held: rows that the others are held against, a ring at zero
    axis: its two ends; what lies beyond is an arrow
    band: half the width of the band around zero
    """

    ends: Sequence[tuple[float, float, float] | None]
    held: frozenset[int]
    axis: tuple[float, float]
    band: float

    def _place(self, value: float) -> float:
        """Return where a value lies between the ends of the axis, from 0 to 1."""
        low, high = self.axis
        return min(max((value - low) / (high - low), 0.0), 1.0)

    def _beyond(self, value: float) -> int:
        """Return -1 for a value below the axis, 1 for one above it, else 0."""
        return -1 if value < self.axis[0] else 1 if value > self.axis[1] else 0

    def html(self, row: int) -> str:
        """Return an SVG."""
        found = self.ends[row]
        if found is None and row not in self.held:
            return f'<svg class="span" width="{_WIDE}" height="{_HIGH}" aria-hidden="true"></svg>'
        left, right, zero = (_at(self._place(value)) for value in (-self.band, self.band, 0.0))
        shapes = [
            _shape("rect", "band", f'x="{left:.1f}" y="0" width="{right - left:.1f}" height="{_HIGH}"'),
            _shape("path", "zero", f'd="M{zero:.1f} 0V{_HIGH}"'),
        ]
        if found is None:
            shapes.append(_circle("held", zero))
        else:
            low, estimate, high = found
            ends = [_at(self._place(value)) for value in (low, high)]
            shapes.append(_shape("path", "line", f'd="M{ends[0]:.1f} {_HIGH / 2:g}H{ends[1]:.1f}"'))
            shapes += [_arrow(side) for value in (low, high) if (side := self._beyond(value))]
            shapes += [] if self._beyond(estimate) else [_circle("dot", _at(self._place(estimate)))]
        return (
            f'<svg class="span" width="{_WIDE}" height="{_HIGH}" viewBox="0 0 {_WIDE} {_HIGH}" aria-hidden="true">'
            f"{''.join(shapes)}</svg>"
        )

    def typst(self, row: int) -> str:
        """Return a call of the template's `span-mark`."""
        found = self.ends[row]
        if found is None and row not in self.held:
            return "none"
        band = f"band: ({self._place(-self.band):.4f}, {self._place(self.band):.4f}), zero: {self._place(0):.4f}"
        if found is None:
            return f"span-mark({band})"
        places = ", ".join(f"{self._place(value):.4f}" for value in found)
        beyond = ", ".join(str(self._beyond(value)) for value in found)
        return f"span-mark({band}, ends: ({places}), beyond: ({beyond}))"


def _at(place: float) -> float:
    return _EDGE + place * (_WIDE - 2 * _EDGE)


def _shape(element: str, kind: str, geometry: str) -> str:
    return f'<{element} class="{kind}" {_COLOURS[kind]} {geometry}/>'


def _circle(kind: str, x: float) -> str:
    return _shape("circle", kind, f'cx="{x:.1f}" cy="{_HIGH / 2:g}" r="{_MARK:g}"')


def _arrow(side: int) -> str:
    """Return an arrowhead at an end of the axis; side: -1 for the low one."""
    tip, foot = (0.5, _EDGE + 1) if side < 0 else (_WIDE - 0.5, _WIDE - _EDGE - 1)
    return _shape("path", "arrow", f'd="M{tip:g} {_HIGH / 2:g}L{foot:g} {_HIGH / 2 - 4:g}V{_HIGH / 2 + 4:g}Z"')


@dataclass(frozen=True)
class Bars:
    """Sizes as bars; on a logarithmic scale where the largest is many times the least.

    values: of the rows, none below zero; None where there is none
    """

    values: Sequence[float | None]

    def share(self, row: int) -> float:
        """Return the length of a row's bar as a share of the longest; 0 for none."""
        value = self.values[row]
        known = [one for one in self.values if one]
        if not value:
            return 0.0
        least, most = min(known), max(known)
        if most < _LOGARITHMIC_FROM * least:
            return value / most
        return _LEAST_BAR + (1 - _LEAST_BAR) * math.log(value / least) / math.log(most / least)

    def html(self, row: int) -> str:
        """Return an empty element of the bar's length."""
        return f'<i class="bar" style="width:{_LONGEST_BAR * self.share(row):.0f}px"></i>'

    def typst(self, row: int) -> str:  # noqa: ARG002 - as of every picture
        """Return nothing: a page has no room for bars."""
        return "none"
