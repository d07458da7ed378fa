"""What `train.ipynb` draws of one run, and the section of a report for a run that left no executed notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bakeoff.report.figures.confusion import confusion, cut_classes
from bakeoff.report.figures.curves import learning_curve
from bakeoff.report.figures.style import INK, SMALL, Mark, figure_of, label_grid, marks, new_axes, new_grid, styled
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.pages.svg import page_width
from bakeoff.report.tables.confused import shown_classes
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import listed, msg, tr, tr_in
from bakeoff.report.text.numbers import fraction, whole
from bakeoff.runs.record import Epoch, Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion_figure", "learning_curves"]


TRAINED, VALIDATED = msg("training"), msg("validation")
Curves = dict[str, list[float]]


@drawing(msg("learning curves"))
@styled
def learning_curves(history: Sequence[Epoch], *, method: str, metric: str) -> Figure | None:
    """Draw loss, the declared metric and accuracy by epoch; None where nothing was trained by epochs.

    metric: that the comparison declares
    """
    if not history:
        return None
    losses = {
        TRAINED: [epoch.train_loss for epoch in history],
        VALIDATED: [epoch.validation_loss for epoch in history if epoch.validation_loss is not None],
    }
    scores = {
        metric_name(name): [epoch.validation[name] for epoch in history]
        for name in dict.fromkeys((metric, "accuracy"))
        if all(name in epoch.validation for epoch in history)
    }
    left, right = new_grid(2, columns=2, cell=(3.1, 2.2), share=False)
    _named_curves(left, losses, look=marks([TRAINED, VALIDATED]), title=tr("loss"))
    title = tr("{metric} on validation", metric=next(iter(scores))) if len(scores) == 1 else tr("on validation")
    _named_curves(right, scores, look=marks(["", *scores]), title=title)
    label_grid([left, right], xlabel=tr("epoch"), ylabel="")
    wide = figure_of(left).get_figwidth()
    figure_of(left).subplots_adjust(left=0.5 / wide, right=1 - 0.87 / wide if len(scores) > 1 else None, wspace=0.45)
    words = "; ".join(
        tr(
            "epoch {epoch}: training loss {loss}, {scores}",
            epoch=epoch.epoch,
            loss=fraction(epoch.train_loss),
            scores=tr_in("between numbers", ", ").join(f"{name} {fraction(scores[name][at])}" for name in scores),
        )
        for at, epoch in enumerate(history)
    )
    caption = tr(
        "{method}: {curves} after each epoch. The last epoch counts, not the best.",
        method=method,
        curves=listed([tr("loss"), *scores]),
    )
    return Figure(figure_of(left), caption=caption, alt=tr("Two line charts. {words}.", words=words), method=method)


def _named_curves(ax: Axes, curves: Curves, *, look: Mapping[str, Mark], title: str) -> None:
    """Draw curves, each with its name at its end where there are several."""
    drawn = {name: values for name, values in curves.items() if values}
    above = max(drawn, key=lambda name: drawn[name][-1])
    for name, values in drawn.items():
        learning_curve(ax, [values], mark=look[name], title=title)
        if len(curves) == 1:
            continue
        # Beside its last point, and away from the other line's, which may end at the same height.
        ax.annotate(
            tr(name),
            (len(values), values[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            va="bottom" if name == above else "top",
            fontsize=SMALL,
            color=INK,
        )


@drawing(msg("confusion matrices"))
@styled
def confusion_figure(record: Record) -> Figure:
    """Draw the confusion matrix on test (of a trial: on validation)."""
    quality, split = (record.test, "test") if record.test else (record.validation, "validation")
    if quality is None:
        raise ValueError(f"{record.run_id} has no predictions to show")
    names = list(quality.per_class)
    places = shown_classes([np.asarray(quality.confusion)], classes=len(names))
    side = 2.4 if len(names) <= 3 else 4.2  # noqa: PLR2004 - with more classes a cell needs more room
    side = min(side, page_width() - 0.6)
    axes = new_axes(side, width=side + 0.6, left=0.9)
    ax = confusion(axes, quality.confusion, names=names, title="", shown=places)
    ax.set_xlabel(tr("predicted class"))
    ax.set_ylabel(tr("true class"))
    words = "; ".join(
        tr("of {total} {name} texts, {taken}", total=whole(sum(quality.confusion[place])), name=names[place],
           taken=_taken([names[given] for given in places], [quality.confusion[place][given] for given in places]))
        for place in places
    )  # fmt: skip
    caption = tr(_CONFUSED[split], method=record.method, seed=record.seed) + cut_classes(len(places), of=len(names))
    return Figure(
        figure_of(ax), caption=caption, alt=tr("Confusion matrix: {words}.", words=words), method=record.method
    )


_CONFUSED = {
    "test": msg("{method}, seed {seed}: what the test texts of each class were taken for."),
    "validation": msg("{method}, seed {seed}: what the validation texts of each class were taken for."),
}


def _taken(names: Sequence[str], row: Sequence[int]) -> str:
    said = [tr("{count} taken for {name}", count=whole(n), name=name) for name, n in zip(names, row, strict=True)]
    return tr_in("between numbers", ", ").join(said)
