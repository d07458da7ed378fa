"""Where direct labels go: beside their points, clear of one another, by the same rule every time; and how much of them.

Greedy and deterministic: labels are placed in the order given, each at the first of a fixed list of positions that
costs least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bakeoff.report.figures.style import FAINT, INK, SMALL, Mark, figure_of, of_method
from bakeoff.report.pages.fonts import OWN_FAMILY, fallback
from bakeoff.report.pages.lettering import any_script, drawn_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Boxes", "fit", "fit_each", "label_points", "legend_below", "name_ends", "spread", "text_size"]


Boxes = npt.NDArray[np.float64]
"""(4,) or (n, 4): left, bottom, right, top; or a point (2,)."""

_NEAR, _LEADER = 6.0, 12.0  # points: how far a label stands off, and from where on a line leads to it
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_RINGS = (1.0, 2.2, 3.6, 5.2, 7.0)
_DIRECTIONS = ((1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1))


def spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Return positions at least `gap` apart, in the order of `wanted`, close to it and inside [low, high].

    Neighbours that clash share their average (the pool-adjacent-violators rule of isotonic regression); with too
    little room for all, the gap shrinks.
    """
    count = len(wanted)
    if count == 0:
        return []
    gap = min(gap, (high - low) / max(count - 1, 1))
    order = sorted(range(count), key=lambda place: (wanted[place], place))
    pools: list[tuple[float, int]] = []
    for rank, place in enumerate(order):
        pools.append((wanted[place] - rank * gap, 1))
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            (a, m), (b, n) = pools[-2:]
            pools[-2:] = [((a * m + b * n) / (m + n), m + n)]
    levels = [level for level, size in pools for _ in range(size)]
    found = [0.0] * count
    for rank, place in enumerate(order):
        found[place] = min(max(levels[rank], low), high - (count - 1) * gap) + rank * gap
    return found


@dataclass(frozen=True)
class _Place:
    """Where a text goes: the offset of its anchor from the point (pixels), and which side is anchored."""

    x: float
    y: float
    across: int
    up: int

    def box(self, spot: Boxes, extent: tuple[float, float]) -> Boxes:
        left = spot[0] + self.x + (self.across - 1) * extent[0] / 2
        bottom = spot[1] + self.y + (self.up - 1) * extent[1] / 2
        return np.array([left, bottom, left + extent[0], bottom + extent[1]])


def label_points(ax: Axes, points: Sequence[tuple[float, float]], texts: Sequence[str], *, avoid: Boxes) -> None:
    """Write a text beside each point (data coordinates), clear of the other points, texts and `avoid` (pixels).

    The limits of `ax` have to be final.
    """
    if not points:
        return
    unit = figure_of(ax).dpi / 72
    at = np.asarray(ax.transData.transform(np.asarray(points, dtype=float)))
    frame = ax.get_window_extent()
    inside = np.array([frame.x0 + 2, frame.y0 + 2, frame.x1, frame.y1])
    marks = np.vstack([np.hstack([at - 4 * unit, at + 4 * unit]), avoid])
    written = np.empty((0, 4))
    for spot, point, text in zip(at, points, texts, strict=True):
        extent = text_size(text, unit=unit)
        place = _best(spot, extent, marks=marks, written=written, inside=inside, unit=unit)
        written = np.vstack([written, place.box(spot, extent)[None]])
        _write(ax, text, point, place=place, unit=unit)


def text_size(text: str, *, unit: float, size: float = SMALL) -> tuple[float, float]:
    """Return width and height of a line in pixels, `unit` to the point, measured as outlines: free of hinting."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    shown = drawn_text(text)
    with any_script():
        width, height, _ = TextToPath().get_text_width_height_descent(
            shown, FontProperties(family=[OWN_FAMILY, *fallback([shown]).families], size=size), ismath=False
        )
    return float(width) * unit, float(max(height, size)) * unit


def _best(
    spot: Boxes, extent: tuple[float, float], *, marks: Boxes, written: Boxes, inside: Boxes, unit: float
) -> _Place:
    """Return the cheapest place: overlap and sticking out cost most, then distance, then a less usual side."""
    places = [
        (ring, side, _Place(across * reach * _NEAR * unit, up * reach * _NEAR * unit * 0.8, across, up))
        for ring, reach in enumerate(_RINGS)
        for side, (across, up) in enumerate(_DIRECTIONS)
    ]

    def cost(candidate: tuple[int, int, _Place]) -> float:
        ring, side, place = candidate
        box = place.box(spot, extent)
        hidden = 50 * _overlap(box, marks) + 500 * _overlap(box, written) + 500 * _outside(box, inside)
        return hidden + 300 * _crossed(spot, box, written) + 40 * ring * unit**2 + side

    return min(places, key=cost)[2]


def _overlap(box: Boxes, others: Boxes) -> float:
    """Return the area a box shares with others, in square pixels."""
    wide = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    high = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    return float(np.sum(np.clip(wide, 0, None) * np.clip(high, 0, None)))


def _crossed(spot: Boxes, box: Boxes, written: Boxes) -> int:
    """Return how many texts lie between a point and the nearest edge of its own."""
    end = np.clip(spot, box[:2], box[2:])
    way = spot + np.linspace(0, 0.9, 12)[:, None] * (end - spot)
    inside = (way[:, None] > written[None, :, :2]) & (way[:, None] < written[None, :, 2:])
    return int(inside.all(axis=2).any(axis=0).sum())


def _outside(box: Boxes, frame: Boxes) -> float:
    """Return how far a box sticks out of the frame, in pixels."""
    return float(np.clip(frame[:2] - box[:2], 0, None).sum() + np.clip(box[2:] - frame[2:], 0, None).sum())


def _write(ax: Axes, text: str, point: tuple[float, float], *, place: _Place, unit: float) -> None:
    line = None
    if np.hypot(place.x, place.y) > _LEADER * unit:  # too far for the eye: a line leads from the point to its text
        line = {"arrowstyle": "-", "color": FAINT, "lw": 0.5, "shrinkA": 1, "shrinkB": 3,
                "relpos": ((1 - place.across) / 2, (1 - place.up) / 2)}  # fmt: skip
    ax.annotate(
        text, point, xytext=(place.x / unit, place.y / unit), textcoords="offset points", fontsize=SMALL, color=INK,
        ha={1: "left", 0: "center", -1: "right"}[place.across], va={1: "bottom", 0: "center", -1: "top"}[place.up],
        annotation_clip=False, arrowprops=line,
    )  # fmt: skip


def legend_below(ax: Axes, names: Sequence[str], marked: Sequence[Mark], *, room: float, across: int) -> None:
    """Name the marks of a figure once, at its lower edge: `across` names of at most `room` inches in a row."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], marker=mark.marker, color=mark.colour, ls="none", ms=4.8) for mark in marked]
    made = figure_of(ax).legend(
        handles, [fit(name, room=room) for name in names], loc="lower left", ncols=across, fontsize=SMALL,
        frameon=False, handletextpad=0.2, columnspacing=1.0, borderaxespad=0.0, borderpad=0.0, labelspacing=0.3,
    )  # fmt: skip
    for mark, handle, text in zip(marked, made.legend_handles, made.get_texts(), strict=True):
        of_method(mark, text, *([handle] if handle else []))


def name_ends(ax: Axes, ends: Sequence[tuple[float, float]], names: Sequence[str], marked: Sequence[Mark]) -> None:
    """Write each name at the right margin, as near to the end of its curve as the others leave room.

    ends: x and y of the last point of each curve; the limits of `ax` have to be final
    """
    low, high = ax.get_ylim()
    gap = 1.35 * SMALL * figure_of(ax).dpi / 72 / ax.get_window_extent().height * abs(high - low)
    heights = [min(max(y, min(low, high)), max(low, high)) for _, y in ends]
    places = spread(heights, gap=gap, low=min(low, high), high=max(low, high))
    for name, (x, _), height, y, mark in zip(names, ends, heights, places, marked, strict=True):
        text = ax.annotate(
            name, (x, height), xytext=(1.045, y), textcoords=("axes fraction", "data"), va="center", ha="left",
            fontsize=SMALL, color=INK, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": FAINT, "lw": 0.5, "shrinkA": 0, "shrinkB": 3, "relpos": (0, 0.5)},
        )  # fmt: skip
        of_method(mark, text)


# how much of a name is shown -----------------------------------------------------------------------------------------


def fit(text: str, *, room: float, size: float = SMALL, lines: int = 1) -> str:
    """Return a text in at most `lines` lines of `room` inches at `size` points, cut with an ellipsis if need be."""
    rest = " ".join(drawn_text(text).split())
    shown: list[str] = []
    while len(shown) < lines - 1 and _inches(rest, size) > room:
        most = _most(rest, room, size)
        at = rest.rfind(" ", 1, most + 1)
        at = at if at > 0 else most
        shown.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    if _inches(rest, size) > room:
        rest = rest[: _most(rest, room - _inches(_ELLIPSIS, size), size)].rstrip() + _ELLIPSIS
    return "\n".join([*shown, rest])


def fit_each(names: Sequence[str], *, room: float, size: float = SMALL, lines: int = 1) -> list[str]:
    """Return each name as `fit` does; names that are the same once cut get their place, from 1, in front."""
    shown = [fit(name, room=room, size=size, lines=lines) for name in names]
    alike = {name for name, count in Counter(shown).items() if count > 1}
    return [
        fit(f"{place}: {name}", room=room, size=size, lines=lines) if short in alike else short
        for place, (name, short) in enumerate(zip(names, shown, strict=True), 1)
    ]


def _inches(text: str, size: float) -> float:
    return text_size(text, unit=1.0, size=size)[0] / 72


def _most(text: str, room: float, size: float) -> int:
    """Return how many characters from the first on stand in the room: at least one."""
    low, high = 1, max(len(text), 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _inches(text[:middle], size) <= room else (low, middle - 1)
    return low
