"""What training looked like: the validation metric by epoch, and by the value a sweep tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bakeoff.report.figures.labels import fit_each
from bakeoff.report.figures.style import FAINT, SMALL, Mark, figure_of, of_method, styled, widen
from bakeoff.report.text.language import tr
from bakeoff.report.text.numbers import fraction

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["learning_curve", "mean_curve", "share_curve", "sweep_curve"]


_OTHERS = "#d9d9d9"


@styled
def learning_curve(
    ax: Axes, runs: Sequence[Sequence[float]], *, mark: Mark, title: str, others: Sequence[Sequence[float]] = ()
) -> Axes:
    """Draw one method's metric by epoch: a thin line per run, a strong one for the mean of the runs that got so far.

    others: mean curves of the other methods, faint, to compare with
    """
    for curve in others:
        ax.plot(range(1, len(curve) + 1), curve, color=_OTHERS, lw=0.9, zorder=1)
    for curve in runs:
        ax.plot(range(1, len(curve) + 1), curve, color=mark.colour, lw=0.7, alpha=0.55, zorder=2)
    mean = mean_curve(runs)
    ax.plot(range(1, len(mean) + 1), mean, color=mark.colour, lw=1.8, marker=mark.marker, ms=3.8, mew=0)
    ax.set_title(title, loc="left", pad=4)
    longest = max(len(curve) for curve in (*runs, *others))
    ax.set_xlim(0.8, longest + 0.2)
    ax.set_xticks(range(1, longest + 1, 1 + longest // 8))
    return ax


def mean_curve(runs: Sequence[Sequence[float]]) -> list[float]:
    """Return the mean over runs at each epoch that every one of them reached."""
    return [float(np.mean(values)) for values in zip(*runs, strict=False)]


@styled
def share_curve(ax: Axes, runs: Sequence[Sequence[float]], *, mark: Mark, faint: bool = False) -> tuple[float, float]:
    """Draw one method's mean by share of its training, in percent, with a band over its runs; return where it ends.

    faint: without the band, in grey, for others to be compared with
    """
    mean = mean_curve(runs)
    shares = [100 * epoch / len(mean) for epoch in range(1, len(mean) + 1)]
    if faint:
        of_method(mark, *ax.plot(shares, mean, color=_OTHERS, lw=0.9, zorder=1))
        return shares[-1], mean[-1]
    together = list(zip(*runs, strict=False))
    band = ax.fill_between(shares, [min(one) for one in together], [max(one) for one in together], color=mark.colour,
                           alpha=0.13, lw=0, zorder=1)  # fmt: skip
    line = ax.plot(shares, mean, color=mark.colour, lw=1.6, marker=mark.marker, ms=4, mec="white", mew=0.5, zorder=3)
    of_method(mark, band, *line)
    return shares[-1], mean[-1]


@styled
def sweep_curve(
    ax: Axes, scores: Mapping[str, float | None], *, chosen: str | None, mark: Mark, xlabel: str, ylabel: str,
    reach: float = 0.0,
) -> Axes:  # fmt: skip
    """Draw the validation metric of each value tried, evenly spaced in the order of the grid; None: no result.

    reach: of a band around the chosen value, what the noise of one validation set leaves beside it
    """
    values = list(scores)
    found = [(place, score) for place, score in enumerate(scores.values()) if score is not None]
    ax.plot([x for x, _ in found], [y for _, y in found], color=mark.colour, lw=1.2, zorder=2)
    for x, y in found:
        best = values[x] == chosen
        ax.plot(x, y, marker="o", ms=8 if best else 5.5, mfc=mark.colour if best else "white", mec=mark.colour, mew=1.3)
        words = f"{fraction(y)}\n{tr('chosen')}" if best else fraction(y)
        below = _dip(scores, x, y)
        ax.annotate(words, (x, y), xytext=(0, -7 if below else 7), textcoords="offset points", ha="center",
                    va="top" if below else "bottom", fontsize=SMALL)  # fmt: skip
    for place in (place for place, score in enumerate(scores.values()) if score is None):
        ax.text(
            place, 0.03, tr("no result"), transform=ax.get_xaxis_transform(), ha="center", color=FAINT, fontsize=SMALL
        )
    across = ax.get_position().width * figure_of(ax).get_size_inches()[0]
    ax.set_xticks(range(len(values)), fit_each(values, room=across / len(values)))
    ax.set_xlim(-0.5, len(values) - 0.5)
    heights = [y for _, y in found] or [0.0, 1.0]
    room = max(max(heights) - min(heights), 0.01)
    ax.set_ylim(min(heights) - 0.45 * room, max(heights) + 0.6 * room)
    widen(ax)
    if reach and chosen is not None and (held := scores.get(chosen)) is not None:
        ax.axhspan(held - reach, held + reach, color=mark.colour, alpha=0.1, lw=0, zorder=0)
    ax.grid(visible=False, axis="x")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    return ax


def _dip(scores: Mapping[str, float | None], place: int, height: float) -> bool:
    """Return whether the curve comes down to this point, so that its label is clear of the line below it."""
    beside = [list(scores.values())[at] for at in (place - 1, place + 1) if 0 <= at < len(scores)]
    found = [score for score in beside if score is not None]
    return bool(found) and sum(found) / len(found) > height
