"""How often a method is right when it is so sure: the reliability diagram, a panel a method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bakeoff.report.figures.labels import fit
from bakeoff.report.figures.style import FAINT, SMALL, Mark, figure_of, label_grid, new_grid, of_method, panels, styled
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.pages.svg import page_width
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import msg, tr, trn
from bakeoff.report.text.numbers import fraction, whole
from bakeoff.study.beside import Calibrated, Calibration

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["reliability_figure"]


_TITLE = 1.3  # inches: the longest name of a method above a panel
_LARGEST = 8.0  # points: the mark of a bin that holds all answers


@drawing(msg("reliability of probabilities"))
@styled
def reliability_figure(found: Calibration, look: Mapping[str, Mark]) -> Figure | None:
    """Draw the share of right answers against their confidence; None where no method kept its probabilities."""
    shown = [one for one in found.methods if one.bins]
    if not shown:
        return None
    columns, cell = panels(len(shown))
    axes = new_grid(len(shown), columns=columns, cell=(cell[0], min(cell)), share=True)
    for ax, one in zip(axes, shown, strict=True):
        _panel(ax, one, look[one.name])
        room = min(_TITLE, cell[0] - 0.3, page_width() / 2 - 0.3)
        ax.set_title(fit(one.name, room=room, size=8.5), loc="left", pad=4)
        of_method(look[one.name], ax)
    label_grid(axes, xlabel=tr("confidence"), ylabel=tr("share that is right"))
    number = trn("{number} method", "{number} methods", len(shown), number=whole(len(shown)))
    flat = [(one.name, bin_.confidence, bin_.right, bin_.share) for one in shown for bin_ in one.bins]
    heads = (tr("method"), tr("confidence"), tr("share that is right"), tr("share of the answers"))
    ece = metric_name("ece")
    return Figure(
        figure_of(axes[0]),
        caption=tr("How often answers of about the same confidence are right, on test, all seeds together.") + " "
        + tr("On the line, confidence is right; below it, too high. Larger marks: more answers. {ece}: its mean over "
             "seeds.", ece=ece),
        alt=tr("Reliability diagrams of {methods}, each with its {ece}.", methods=number, ece=ece),
        data={head: [one[at] for one in flat] for at, head in enumerate(heads)},
    )  # fmt: skip


def _panel(ax: Axes, one: Calibrated, mark: Mark) -> None:
    ax.plot([0, 1], [0, 1], color=FAINT, lw=0.7, ls=(0, (4, 2)), zorder=1)
    sure, right = [bin_.confidence for bin_ in one.bins], [bin_.right for bin_ in one.bins]
    ax.plot(sure, right, color=mark.colour, lw=1.0, zorder=2)
    sizes = [(2.0 + (_LARGEST - 2.0) * np.sqrt(bin_.share)) ** 2 for bin_ in one.bins]
    ax.scatter(sure, right, s=sizes, color=mark.colour, lw=0, zorder=3)
    if "ece" in one.before:
        text = f"{metric_name('ece')} {fraction(one.before['ece'].mean)}"
        ax.text(0.97, 0.04, text, transform=ax.transAxes, ha="right", va="bottom", fontsize=SMALL)
    ax.set_xlim(0, 1.03)
    ax.set_ylim(0, 1.03)
    ax.set_xticks([0, 0.5, 1])
    ax.set_yticks([0, 0.5, 1])
