"""Any figure of the report, drawn on one pair of axes: the caller's or new ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from bakeoff.errors import BadValue, UnknownName, shown
from bakeoff.report.figures import comparison as figures
from bakeoff.report.figures import training
from bakeoff.report.figures.confusion import confusion
from bakeoff.report.figures.curves import learning_curve, mean_curve
from bakeoff.report.figures.style import new_axes, styled
from bakeoff.report.tables.confused import shown_classes
from bakeoff.report.text.labels import TIME, TRAINABLE, memory, metric_name
from bakeoff.report.text.language import tr
from bakeoff.stats.compare import Comparison
from bakeoff.study.collect import Collection, Row
from bakeoff.study.sweeps import sweep_results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FIGURES", "draw"]


@styled
def draw(
    figure: str, found: Collection, comparison: Callable[[], Comparison], *, ax: Axes | None, method: str | None
) -> Axes:
    """Draw a figure of the report on `ax`, or on the Axes of a new figure, and return it.

    method: whose, for a figure that the report draws for each method; comparison: made where a figure needs one
    Raises UnknownName for another figure or method, BadValue where there is nothing to draw.
    """
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes | None):
        raise BadValue("ax", f"{shown(ax)} is no Axes of matplotlib", hint="figure.add_subplot() returns one")
    if figure in _OF_ALL:
        drawn = _OF_ALL[figure](found, comparison, ax)
    elif figure in _OF_ONE:
        if method is None:
            raise BadValue(figure, "drawn for one method at a time", hint='name one: method="..."')
        if method not in found.experiment.methods:
            raise UnknownName("method", method, found.experiment.methods, kind="method")
        drawn = _OF_ONE[figure](found, method, ax)
    else:
        raise UnknownName("plot", figure, FIGURES, kind="figure")
    if drawn is None:
        raise BadValue(figure, f"nothing to draw yet{f' for {method}' if method else ''}")
    return drawn


def _differences(found: Collection, comparison: Callable[[], Comparison], ax: Axes | None) -> Axes | None:
    return figures.difference_axes(ax, figures.gaps_of(found, comparison()), comparison())


def _tradeoff(quantity: Callable[[Collection], Any]) -> Callable[..., Axes | None]:
    def drawn(found: Collection, _: object, ax: Axes | None) -> Axes | None:
        wanted = quantity(found)
        return figures.tradeoff_axes(ax, figures.points_of(found, wanted), found, wanted)

    return drawn


def _learning(found: Collection, method: str, ax: Axes | None) -> Axes | None:
    metric = found.experiment.compare.metric
    curves = {row.method: runs for row in found.rows if (runs := training.histories(row, metric))}
    if method not in curves:
        return None
    ax = learning_curve(
        ax or new_axes(2.6, width=4.2), curves[method], mark=figures.look(found)[method], title=method,
        others=[mean_curve(runs) for name, runs in curves.items() if name != method],
    )  # fmt: skip
    ax.set(xlabel=tr("epoch"), ylabel=tr("{metric} on validation", metric=metric_name(metric)))
    return ax


def _sweep(found: Collection, method: str, ax: Axes | None) -> Axes | None:
    results = [one for one in sweep_results(found) if one.method == method]
    return training.sweep_axes(ax, found, results[0]) if results else None


def _confusion(found: Collection, method: str, ax: Axes | None) -> Axes | None:
    shown = [run.test for row in _rows(found, method) for run in row.records[:1] if run.test]
    if not shown:
        return None
    names = list(shown[0].per_class)
    places = shown_classes([np.asarray(one.confusion) for one in shown], classes=len(names))
    ax = ax or new_axes(3.4, width=4.2, left=1.4)
    ax = confusion(ax, shown[0].confusion, names=names, title=method, shown=places)
    ax.set(xlabel=tr("predicted class"), ylabel=tr("true class"))
    return ax


def _rows(found: Collection, method: str) -> list[Row]:
    return [row for row in found.rows if row.method == method]


_OF_ALL: dict[str, Callable[..., Axes | None]] = {
    "differences": _differences,
    "parameters": _tradeoff(lambda _: TRAINABLE),
    "time": _tradeoff(lambda _: TIME),
    "memory": _tradeoff(memory),
}
_OF_ONE: dict[str, Callable[[Collection, str, Axes | None], Axes | None]] = {
    "learning": _learning,
    "sweep": _sweep,
    "confusion": _confusion,
}
FIGURES = (*_OF_ALL, *_OF_ONE)
"""Names of the figures that can be drawn."""
