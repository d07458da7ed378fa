"""Mean ranks over data sets, with the groups that no test tells apart: Demsar's critical-difference figure in rows.

A row for each method, so that twenty of them and long names stay legible; the lines that join a group stand at the
right. They follow the tests of pairs; the critical difference of mean ranks is drawn for the eye alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bakeoff.report.figures.forest import join_rows, joined_room
from bakeoff.report.figures.labels import fit_each, text_size
from bakeoff.report.figures.style import (
    FAINT,
    INK,
    SMALL,
    Mark,
    figure_of,
    marks,
    name_room,
    new_axes,
    of_method,
    styled,
)
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.text.language import listed, msg, numeral, tr, trn
from bakeoff.stats.grids.across import Grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["rank_axes", "rank_figure"]


_ROW, _NAME, _NUMBER, _LINE = 0.24, 1.9, 0.36, 0.13  # inches: a row, the longest name, a mean rank, a group's line


@drawing(msg("mean ranks"))
@styled
def rank_figure(grid: Grid, look: Mapping[str, Mark] | None = None) -> Figure | None:
    """Draw the mean rank of each method over data sets; None for fewer than two of either."""
    if grid.critical_difference is None:
        return None
    ax = rank_axes(None, grid, look or marks(grid.methods))
    number, cd = len(grid.data_sets), _rank(grid.critical_difference)
    caption = trn(
        "Mean rank over {number} data set, 1 the best; small dots: ranks on each.",
        "Mean rank over {number} data sets, 1 the best; small dots: ranks on each.", number, number=number,
    )  # fmt: skip
    joined = tr("A line at the right joins methods that the signed-rank test, corrected by Holm, does not tell apart.")
    shown = tr("The bar at the top is Nemenyi's critical difference of mean ranks, {cd}.", cd=cd)
    ranks = "; ".join(f"{one.name} {_rank(one.mean_rank)}" for one in grid.standings)
    groups = "; ".join(listed(list(group)) for group in grid.groups()) or tr("none")
    return Figure(
        figure_of(ax), caption=f"{caption} {joined} {shown}",
        alt=tr("Mean ranks: {ranks}. Not told apart: {groups}.", ranks=ranks, groups=groups),
    )  # fmt: skip


@styled
def rank_axes(ax: Axes | None, grid: Grid, look: Mapping[str, Mark]) -> Axes:
    """Draw the ranks on `ax`, or on new Axes; numbers and lines of groups stand to the right of it."""
    groups, methods = grid.groups(), len(grid.standings)
    rows = [[place for place, one in enumerate(grid.standings) if one.name in group] for group in groups]
    names = fit_each([one.name for one in grid.standings], room=name_room(_NAME), size=8.5)
    left = 0.2 + max(text_size(name, unit=1 / 72, size=8.5)[0] for name in names)
    ax = ax or new_axes(0.95 + _ROW * methods, left=left, right=_NUMBER + 0.1 + joined_room(rows))
    ax.set_xlim(0.8, methods + 0.2)
    ax.set_ylim(methods - 0.4, -1.5)
    for place, one in enumerate(grid.standings):
        counted = Counter(one.ranks)
        every = ax.scatter(list(counted), [place] * len(counted), s=[4 + 5 * n for n in counted.values()], color=FAINT,
                           alpha=0.45, lw=0, zorder=2)  # fmt: skip
        mark = look[one.name]
        dot = ax.plot(one.mean_rank, place, marker=mark.marker, ms=7, mfc=mark.colour, mec="white", mew=0.7, zorder=3)
        rank = _rank(one.mean_rank)
        text = ax.text(1.02, place, rank, transform=ax.get_yaxis_transform(), va="center", fontsize=SMALL)
        of_method(mark, every, *dot, text)
    join_rows(ax, rows, beyond=_NUMBER)
    if grid.critical_difference is not None:
        _bar(ax, grid.critical_difference, methods)
    ax.set_yticks(range(methods), names)
    for label, one in zip(ax.get_yticklabels(), grid.standings, strict=True):
        of_method(look[one.name], label)
    ax.tick_params(axis="y", length=0, labelsize=8.5)
    ax.locator_params(axis="x", integer=True)
    ax.grid(visible=False, axis="y")
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(tr("mean rank over data sets (1 is the best)"))
    return ax


def _bar(ax: Axes, size: float, methods: int) -> None:
    """Draw the critical difference from rank 1 on; one longer than the scale has no right end."""
    end = min(1 + size, methods)
    ax.plot([1, end], [-0.75, -0.75], color=INK, lw=1.2, solid_capstyle="butt")
    for x in [1.0, end] if 1 + size <= methods else [1.0]:
        ax.plot([x, x], [-0.88, -0.62], color=INK, lw=1.2)
    text = tr("critical difference {cd}", cd=_rank(size))
    ax.text(1, -1.0, text, fontsize=SMALL, va="bottom", ha="left")


def _rank(value: float) -> str:
    return numeral(f"{value:.2f}")
