"""One look for all figures: type, lines, and a colour and a marker for each method by its place in the experiment.

Colours are told apart under the common colour-vision deficiencies (after Okabe and Ito 2008, Tol 2021), and stand out
from a light page and from a dark one alike (a contrast of 3 to 1); the marker says the same without colour.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from bakeoff.report.pages.fonts import OWN_FAMILY
from bakeoff.report.pages.svg import METHOD, page_width
from bakeoff.report.text.language import ENGLISH, language

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "FAINT",
    "INK",
    "SMALL",
    "Mark",
    "figure_of",
    "label_grid",
    "marks",
    "name_room",
    "new_axes",
    "new_grid",
    "of_method",
    "panels",
    "styled",
    "widen",
]


INK = "#1a1a1a"
FAINT = "#6b6b6b"
SMALL = 7.5

_NAMES = 0.36  # of the page: the most that names beside axes take of a narrow one
_LEAST = 0.04  # of a metric: the least that a scale shows, so that one text makes no cliff
_HALF = 1.45  # inches: of a panel, two of which stand side by side on a narrow page
_FULL = 9  # panels of full size; more are smaller

_SETTINGS: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": FAINT,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 8.5,
    "axes.unicode_minus": True,
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "font.family": OWN_FAMILY,  # the same widths everywhere
    "font.size": 8.5,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "text.color": INK,
    "text.parse_math": False,  # a name with two dollar signs is no formula
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
    "ytick.labelsize": SMALL,
}
_COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#c06c9b", "#6a5fd0", "#b07800", "#2f94cc", "#b0447f", "#86862a", "#2f9485",
)  # fmt: skip
_MARKERS = "osD^vPXphd"

_settled: ContextVar[bool] = ContextVar("settled", default=False)
"""Whether our settings are in force: a drawing function inside another has them, and changing a hundred takes long."""

Given = ParamSpec("Given")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Mark:
    """How one method looks in every figure. name: by which a page finds what shows it."""

    colour: str
    marker: str
    name: str = ""


def marks(names: Sequence[str]) -> dict[str, Mark]:
    """Return a mark per method, fixed by its place; after ten methods colours come again with other markers."""
    return {
        name: Mark(_COLOURS[place % len(_COLOURS)], _MARKERS[(place + place // len(_COLOURS)) % len(_MARKERS)], name)
        for place, name in enumerate(names)
    }


def styled(draw: Callable[Given, Made]) -> Callable[Given, Made]:
    """Run a drawing function under our settings and put matplotlib's own back."""

    @functools.wraps(draw)
    def inside(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        import matplotlib as mpl

        if _settled.get():
            return draw(*args, **kwargs)
        before = _settled.set(True)
        try:
            with mpl.rc_context():
                mpl.rcdefaults()  # a notebook's own settings do not reach the report
                mpl.rcParams.update(cast("Any", _SETTINGS))
                return draw(*args, **kwargs)
        finally:
            _settled.reset(before)

    return inside


def of_method(mark: Mark, *artists: Artist) -> None:
    """Say whose these parts of a figure are, so that a page can hide them and bring them out."""
    for one in artists:
        if mark.name:
            one.set_gid(f"{METHOD}{mark.name}")


def name_room(most: float) -> float:
    """Return the inches that a name beside axes may take: `most` of them, fewer on a narrow page."""
    return min(most, _NAMES * page_width())


def panels(count: int) -> tuple[int, tuple[float, float]]:
    """Return into how many columns so many panels go, and the size of one in inches."""
    return (5, (1.27, 1.2)) if count > _FULL else (3, (2.1, 1.75))


def widen(ax: Axes, *, least: float = _LEAST) -> None:
    """Let the scale of a metric show at least so much of it, around the middle of what it shows."""
    low, high = ax.get_ylim()
    if (short := least - abs(high - low)) > 0:
        step = short / 2 if high >= low else -short / 2
        ax.set_ylim(low - step, high + step)


@styled
def new_axes(height: float, *, left: float = 0.62, right: float = 0.1, width: float | None = None) -> Axes:
    """Return the axes of a new figure of `width` x `height` inches; left, right: margins in inches.

    width: that of the page unless named, and never more
    """
    width = min(width or page_width(), page_width())
    figure = _figure(width, height)
    below, above = 0.48, 0.1
    box = (left / width, below / height, 1 - (left + right) / width, 1 - (below + above) / height)
    return _with_our_numbers(figure.add_axes(box))


@styled
def new_grid(
    count: int, *, columns: int, cell: tuple[float, float], share: bool = True, more: tuple[float, float] = (0.0, 0.0)
) -> list[Axes]:
    """Return `count` axes in rows of `columns`.

    cell: inches of one with its margins; more: inches by which the whole is wider and higher; share: the same scales
    """
    columns, wide = min(columns, count), cell[0]
    if columns * wide + more[0] > page_width() + 0.1:  # a narrower page has fewer columns, or narrower ones
        columns = min(columns, max(1, int((page_width() - more[0]) / min(wide, _HALF))))
        wide = (page_width() - more[0]) / columns
    rows = -(-count // columns)
    figure = _figure(wide * columns + more[0], cell[1] * rows + more[1])
    grid = figure.subplots(rows, columns, sharex=share, sharey=share, squeeze=False)
    found: list[Axes] = list(grid.ravel())
    for spare in found[count:]:
        spare.remove()
    return [_with_our_numbers(ax) for ax in found[:count]]


def _with_our_numbers(ax: Axes) -> Axes:
    """Let the scales write their numbers in the language being spoken."""
    from matplotlib.ticker import ScalarFormatter

    if language().code == ENGLISH:
        return ax
    spoken = language()

    class Spoken(ScalarFormatter):
        def __call__(self, x: float, pos: int | None = None) -> str:
            return str(super().__call__(x, pos)).translate(spoken.signs)

    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(Spoken())
    return ax


@styled
def label_grid(axes: Sequence[Axes], *, xlabel: str, ylabel: str, left: float = 0.55, bottom: float = 0.42) -> None:
    """Name the shared scales of a grid once each, and give every column its numbers below its last panel.

    left, bottom: inches for what stands beside the first column and below the last row
    """
    figure = figure_of(axes[0])
    width, height = figure.get_size_inches()
    right, top = 1 - 0.06 / width, 1 - 0.25 / height
    figure.subplots_adjust(left=left / width, right=right, bottom=bottom / height, top=top, wspace=0.18, hspace=0.32)
    for ax in axes:
        ax.tick_params(labelbottom=not any(_under(other, ax) for other in axes))
    figure.supxlabel(xlabel, fontsize=8.5, y=0.02 / height, va="bottom")
    figure.supylabel(ylabel, fontsize=8.5, x=0.02 / width, ha="left")


def _under(other: Axes, ax: Axes) -> bool:
    """Return whether `other` stands in the same column as `ax`, further down."""
    first, second = other.get_subplotspec(), ax.get_subplotspec()
    if first is None or second is None:
        return False
    return first.colspan.start == second.colspan.start and first.rowspan.start > second.rowspan.start


def figure_of(ax: Axes) -> Figure:
    """Return the figure that `ax` is part of."""
    from matplotlib.figure import Figure

    found = ax.get_figure(root=True)
    if not isinstance(found, Figure):
        raise TypeError("the axes stand in no figure")
    return found


def _figure(width: float, height: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)  # measures text the same way whatever shows the figure later
    return figure
