"""What training looked like in the figures of a report: the metric over training, and by the value a sweep tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bakeoff.metrics.classification import METRICS
from bakeoff.report.figures.comparison import look
from bakeoff.report.figures.curves import share_curve, sweep_curve
from bakeoff.report.figures.labels import fit, name_ends, text_size
from bakeoff.report.figures.style import (
    Mark,
    figure_of,
    label_grid,
    name_room,
    new_axes,
    new_grid,
    of_method,
    panels,
    styled,
    widen,
)
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.pages.svg import page_width
from bakeoff.report.text.labels import metric_name, shown_name
from bakeoff.report.text.language import msg, tr, trn
from bakeoff.report.text.numbers import whole
from bakeoff.study.collect import Collection, Row
from bakeoff.study.sweeps import SweepResult, reach_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["histories", "learning_figure", "sweep_axes", "sweep_figure"]


_NAME, _TITLE = 1.5, 1.3  # inches: the longest name of a method beside axes, and above a panel
_TOGETHER = 6  # curves that one pair of axes holds

Curves = dict[str, tuple[list[list[float]], Mark]]


@drawing(msg("learning curves"))
@styled
def learning_figure(collection: Collection) -> Figure | None:
    """Draw the validation metric by share of training: a few methods together, many in panels on shared scales."""
    declared, marked = collection.experiment.compare.metric, look(collection)
    metric = declared if declared in METRICS else "accuracy"  # one of the user's own is recorded by no epoch
    curves = {shown_name(row): (histories(row, metric), marked[row.method]) for row in collection.rows}
    curves = {name: (runs, mark) for name, (runs, mark) in curves.items() if runs}
    if not curves:
        return None
    spoken = metric_name(metric)
    ylabel = tr("{metric} on validation", metric=spoken)
    few = len(curves) <= _TOGETHER
    ax = _together(curves, ylabel) if few else _panels(curves, ylabel)
    flat = [(name, number, at, 100 * at / len(run), value) for name, (runs, _) in curves.items()
            for number, run in enumerate(runs, 1) for at, value in enumerate(run, 1)]  # fmt: skip
    heads = (tr("method"), tr("run"), tr("epoch"), tr("share of training, %"), spoken)
    number = trn("{number} method", "{number} methods", len(curves), number=whole(len(curves)))
    caption = tr("{metric} on validation over training. Line: mean; band: range over seeds.", metric=_capital(spoken))
    return Figure(
        figure_of(ax),
        caption=caption if few else f"{caption} {tr('Grey: the other methods.')}",
        alt=tr("{metric} on validation of {methods} over their training.", metric=_capital(spoken), methods=number),
        data=dict(zip(heads, zip(*flat, strict=True), strict=True)),
    )


def _together(curves: Curves, ylabel: str) -> Axes:
    names = [fit(name, room=name_room(_NAME)) for name in curves]
    room = 0.3 + max(text_size(name, unit=1.0)[0] for name in names) / 72
    ax = new_axes(2.6, right=room)
    ends = [share_curve(ax, runs, mark=mark) for runs, mark in curves.values()]
    ax.set_xlim(0, 102)
    widen(ax)
    ax.set(xlabel=tr("share of training, %"), ylabel=ylabel)
    name_ends(ax, ends, names, [mark for _, mark in curves.values()])
    return ax


def _panels(curves: Curves, ylabel: str) -> Axes:
    columns, cell = panels(len(curves))
    axes = new_grid(len(curves), columns=columns, cell=cell, share=True)
    title = min(_TITLE, cell[0] - 0.3, page_width() / 2 - 0.3)
    for ax, (name, (runs, mark)) in zip(axes, curves.items(), strict=True):
        for other, (others, its) in curves.items():
            if other != name:
                share_curve(ax, others, mark=its, faint=True)
        share_curve(ax, runs, mark=mark)
        ax.set_title(fit(name, room=title, size=8.5), loc="left", pad=4)
        of_method(mark, ax)
        ax.set_xlim(0, 104)
        ax.set_xticks([0, 50, 100])
    widen(axes[0])
    label_grid(axes, xlabel=tr("share of training, %"), ylabel=ylabel)
    return axes[0]


def histories(row: Row, metric: str) -> list[list[float]]:
    """Return the metric by epoch of each finished run that has it."""
    histories = [run.training.history if run.training else () for run in row.records]
    found = [[epoch.validation[metric] for epoch in one if metric in epoch.validation] for one in histories]
    return [one for one in found if one]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# sweeps ------------------------------------------------------------------------------------------------------------


@drawing(msg("choice of a setting"))
@styled
def sweep_figure(collection: Collection, sweep: SweepResult) -> Figure | None:
    """Draw the validation metric of each value a sweep tried."""
    ax = sweep_axes(None, collection, sweep)
    if ax is None:
        return None
    name = metric_name(sweep.metric)
    end = tr("chosen: {value}", value=sweep.chosen) if sweep.chosen else tr("nothing chosen yet")
    said = {"setting": sweep.name, "method": sweep.method, "metric": name}
    caption = [tr("Choice of {setting} for {method} by {metric} on validation; test was not consulted.", **said)]
    if _reach(collection, sweep):
        caption.append(tr("Band: noise of one validation set (95 %)."))
    return Figure(
        figure_of(ax),
        caption=" ".join(caption),
        alt=tr(
            "{metric} on validation by {setting}: {words}",
            metric=_capital(name),
            setting=sweep.name,
            words=f"{end}.",
        ),
        data={sweep.name: list(sweep.scores), name: list(sweep.scores.values())},
        method=sweep.method,
    )


def sweep_axes(ax: Axes | None, collection: Collection, sweep: SweepResult) -> Axes | None:
    """Draw a sweep on `ax`, or on new Axes; None while no trial has a result."""
    if not any(score is not None for score in sweep.scores.values()):
        return None
    return sweep_curve(
        ax or new_axes(2.3, width=4.2),
        sweep.scores,
        chosen=sweep.chosen,
        mark=look(collection)[sweep.method],
        xlabel=tr("{setting} of {method}", setting=sweep.name, method=sweep.method),
        ylabel=tr("{metric} on validation", metric=metric_name(sweep.metric)),
        reach=_reach(collection, sweep),
    )


def _reach(collection: Collection, sweep: SweepResult) -> float:
    """Return how far a 95 % interval of the chosen trial reaches for its validation texts alone; 0 where unknown."""
    wanted = sweep.trials.get(sweep.chosen or "")
    found = [run for run in collection.sweeps[sweep.method] if run.run_id == wanted]
    return reach_of(found[0], sweep.metric) if found else 0.0
