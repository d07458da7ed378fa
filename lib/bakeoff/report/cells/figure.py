"""The figure over numbers of training texts: a curve a method with a band, named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bakeoff.metrics.classification import metric_named
from bakeoff.report.figures.comparison import LOWER_ON_TEST
from bakeoff.report.figures.labels import fit, name_ends, text_size
from bakeoff.report.figures.style import Mark, figure_of, marks, name_room, new_axes, of_method, styled
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import msg, tr
from bakeoff.report.text.numbers import fraction, level, whole
from bakeoff.stats.uncertainty import CONFIDENCE
from bakeoff.study.sizes import Point, Sizes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Curve", "curves_of", "size_axes", "size_figure"]


_NAME = 1.5  # inches: the longest name beside the curves
_BETWEEN = 0.42  # inches between two numbers on the axis


@dataclass(frozen=True)
class Curve:
    """A method's points by number of training texts, rising."""

    name: str
    points: tuple[tuple[int, Point], ...]
    mark: Mark


@drawing(msg("quality by number of training texts"))
@styled
def size_figure(sizes: Sizes, *, methods: Sequence[str], metric: str) -> Figure | None:
    """Draw the metric on test against the number of training texts, a curve a method."""
    curves = curves_of(sizes, methods)
    ax = size_axes(None, curves, metric=metric)
    if ax is None:
        return None
    name = metric_name(metric)
    caption = tr(
        "{metric} on test by number of training texts (logarithmic scale). Means over seeds; the {confidence} bands "
        "count other seeds, training texts and test texts. Bands of two methods that overlap do not say that these "
        "are alike: they share seeds and texts.",
        metric=_capital(name), confidence=level(CONFIDENCE),
    )  # fmt: skip
    words = "; ".join(f"{one.name} {', '.join(_spoken(*point) for point in one.points)}" for one in curves)
    alt = tr("{metric} by number of training texts: {words}.", metric=_capital(name), words=words)
    return Figure(figure_of(ax), caption=caption, alt=alt)


def curves_of(sizes: Sizes, methods: Sequence[str]) -> list[Curve]:
    """Return the curve of each method that has a result; methods: of the experiment, which fix how each looks."""
    marked = marks(list(methods))
    found = {name: tuple((at.texts, at.points[name]) for at in sizes.at if name in at.points) for name in methods}
    return [Curve(name, points, marked[name]) for name, points in found.items() if points]


def size_axes(ax: Axes | None, curves: Sequence[Curve], *, metric: str) -> Axes | None:
    """Draw the curves on `ax`, or on new Axes; None where there are none."""
    if not curves:
        return None
    names = [fit(one.name, room=name_room(_NAME)) for one in curves]
    room = 0.3 + max(text_size(name, unit=1.0)[0] for name in names) / 72
    ax = ax or new_axes(max(3.2, 0.5 + 0.2 * len(curves)), right=room)
    for one in curves:
        _draw(ax, one)
    _scales(ax, curves)
    on_test = "{metric} on test" if metric_named(metric).higher_is_better else LOWER_ON_TEST
    ax.set_xlabel(tr("training texts (logarithmic scale)"))
    ax.set_ylabel(tr(on_test, metric=metric_name(metric)))
    name_ends(
        ax, [(float(one.points[-1][0]), one.points[-1][1].mean) for one in curves], names, [one.mark for one in curves]
    )
    return ax


def _draw(ax: Axes, one: Curve) -> None:
    texts = [size for size, _ in one.points]
    colour, marker = one.mark.colour, one.mark.marker
    band = ax.fill_between(
        texts, [point.low for _, point in one.points], [point.high for _, point in one.points], color=colour,
        alpha=0.1, lw=0, zorder=1,
    )  # fmt: skip
    means = [point.mean for _, point in one.points]
    line = ax.plot(texts, means, color=colour, lw=1.5, marker=marker, ms=4.5, mec="white", mew=0.5, zorder=3)
    of_method(one.mark, band, *line)


def _scales(ax: Axes, curves: Sequence[Curve]) -> None:
    """Set the limits, and write as many of the sizes as have room, the largest always."""
    sizes = sorted({size for one in curves for size, _ in one.points})
    ax.set_xscale("log")
    width = max(float(np.log10(sizes[-1] / sizes[0])), 0.3)
    ax.set_xlim(sizes[0] / 10 ** (0.05 * width), sizes[-1] * 10 ** (0.03 * width))
    means = [point.mean for one in curves for _, point in one.points]
    ends = [end for one in curves for _, point in one.points for end in (point.low, point.high)]
    spread_ = max(max(means) - min(means), 0.02)
    # A band of one seed's few texts may be wider than all there is to see.
    low, high = max(min(ends), min(means) - 0.25 * spread_), min(max(ends), max(means) + 0.25 * spread_)
    ax.set_ylim(low - 0.03 * spread_, high + 0.03 * spread_)
    across = ax.get_position().width * figure_of(ax).get_size_inches()[0]
    inches = across / (1.08 * width)
    kept: list[int] = []
    for size in reversed(sizes):
        if not kept or np.log10(kept[-1] / size) * inches >= _BETWEEN:
            kept.append(size)
    ax.set_xticks(kept, [whole(size) for size in kept])
    ax.set_xticks([], minor=True)


def _spoken(texts: int, point: Point) -> str:
    return tr("{value} with {texts}", value=fraction(point.mean), texts=whole(texts))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
