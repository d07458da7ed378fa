"""On how many test texts any two methods agree, as a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bakeoff.metrics.classification import metric_named
from bakeoff.report.figures.labels import fit_each, text_size
from bakeoff.report.figures.style import SMALL, Mark, figure_of, name_room, new_axes, of_method, styled
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.pages.svg import page_width
from bakeoff.report.text.language import msg, tr, trn
from bakeoff.report.text.numbers import whole
from bakeoff.stats.inputs import Contender
from bakeoff.study.collect import Collection, mean
from bakeoff.study.flips import agreement

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["agreement_figure", "ranked"]


_NAME, _SIDE = 1.6, 0.36  # inches: the longest name, and the largest cell
_WRITTEN = 0.14  # inches: the least cell that holds a number


@drawing(msg("agreement of methods"))
@styled
def agreement_figure(
    collection: Collection, contenders: Sequence[Contender], look: Mapping[str, Mark]
) -> Figure | None:
    """Draw the share of test texts to which two methods give the same class; None for fewer than two methods."""
    if len(contenders) < 2:  # noqa: PLR2004
        return None
    ordered = ranked(collection, contenders)
    names, shares = [one.name for one in ordered], 100 * agreement(ordered)
    ax = _heat(names, shares, look)
    apart = [(shares[a, b], a, b) for a in range(len(names)) for b in range(a) if not np.isnan(shares[a, b])]
    number = trn("{number} method", "{number} methods", len(names), number=whole(len(names)))
    alt = tr("Agreement of each two of {methods} on the test texts.", methods=number)
    if apart:
        least = min(apart)
        alt += " " + tr("Least: {first} and {second}, {share} %.", first=names[least[2]], second=names[least[1]],
                        share=whole(round(least[0])))  # fmt: skip
    flat = [(names[b], names[a], float(shares[a, b]) / 100) for a in range(len(names)) for b in range(a + 1)]
    known = [one for one in flat if not np.isnan(one[2])]
    heads = (tr("method"), tr("other method"), tr("agreement"))
    return Figure(
        figure_of(ax),
        caption=tr("Test texts given the same class by two methods, in percent; on the diagonal, by two runs of one."),
        alt=alt,
        data={head: [one[at] for one in known] for at, head in enumerate(heads)},
    )


def ranked(collection: Collection, contenders: Sequence[Contender]) -> list[Contender]:
    """Return the methods, the best mean of the declared metric first."""
    metric = collection.experiment.compare.metric
    means = {row.name: mean(row.quality(metric)) or 0.0 for row in collection.rows}
    return sorted(contenders, key=lambda one: -metric_named(metric).sign * means.get(one.name, 0.0))


def _heat(names: Sequence[str], shares: np.ndarray, look: Mapping[str, Mark]) -> Axes:
    """Draw the lower half of a table of shares, in percent, with the names beside and below it."""
    import seaborn as sns

    words = fit_each(names, room=name_room(_NAME))
    room = 0.15 + max(text_size(word, unit=1 / 72)[0] for word in words)
    side = min(_SIDE * len(names), page_width() - room - 0.1)
    ax = new_axes(side + room + 0.1, left=room, right=0.1, width=side + room + 0.1)
    ax.set_position((room / (side + room + 0.1), room / (side + room + 0.1), side / (side + room + 0.1),
                     side / (side + room + 0.1)))  # fmt: skip
    hidden = np.triu(np.ones_like(shares, dtype=bool), k=1) | np.isnan(shares)
    sns.heatmap(
        shares, ax=ax, mask=hidden, cmap="Blues", vmin=min(50.0, float(np.nanmin(shares, initial=100.0))), vmax=100,
        cbar=False, square=True, annot=side / len(names) >= _WRITTEN, fmt=".0f", annot_kws={"fontsize": SMALL},
        xticklabels=False, yticklabels=False, linewidths=0.6, linecolor="white",
    )  # fmt: skip
    places = np.arange(len(names)) + 0.5
    ax.set_xticks(places, words, rotation=90)
    ax.set_yticks(places, words, rotation=0)
    for axis in (ax.get_xticklabels(), ax.get_yticklabels()):
        for label, name in zip(axis, names, strict=True):
            of_method(look[name], label)
    ax.tick_params(length=0, labelsize=SMALL)
    ax.grid(visible=False)
    return ax
