"""What `train.ipynb` draws of one run, and the section of a report for a run that left no executed notebook.

Only `notebook` and `report` import this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bakeoff.record import Epoch, Record
from bakeoff.reporting.display import Figure, Prose, Table
from bakeoff.reporting.language import msg, tr, tr_in
from bakeoff.reporting.notation import fraction, whole
from bakeoff.reporting.plots.confusion import confusion
from bakeoff.reporting.plots.curves import learning_curve
from bakeoff.reporting.plots.style import SMALL, figure_of, label_grid, marks, new_axes, new_grid, styled
from bakeoff.reporting.training import quality_table

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["confusion_figure", "learning_curves", "notebook_of"]

TRAINED, VALIDATED = msg("training"), msg("validation")


@styled
def learning_curves(history: Sequence[Epoch], *, method: str) -> Figure | None:
    """Draw loss and accuracy by epoch; None where nothing was trained by epochs."""
    if not history:
        return None
    losses = {
        TRAINED: [epoch.train_loss for epoch in history],
        VALIDATED: [epoch.validation_loss for epoch in history if epoch.validation_loss is not None],
    }
    look = marks([TRAINED, VALIDATED])
    left, right = new_grid(2, columns=2, cell=(3.1, 2.2), share=False)
    above = max(losses, key=lambda name: losses[name][-1] if losses[name] else 0.0)
    for name, values in losses.items():
        if values:
            learning_curve(left, [values], mark=look[name], title=tr("loss"))
            # Beside its last point, and away from the other line's, which may end at the same height.
            side, place = "bottom" if name == above else "top", (len(values), values[-1])
            left.annotate(
                tr(name),
                place,
                xytext=(6, 0),
                textcoords="offset points",
                va=side,
                fontsize=SMALL,
                color=look[name].colour,
            )
    scores = [epoch.validation["accuracy"] for epoch in history]
    learning_curve(right, [scores], mark=look[VALIDATED], title=tr("{metric} on validation", metric="accuracy"))
    label_grid([left, right], xlabel=tr("epoch"), ylabel="")
    figure_of(left).subplots_adjust(left=0.08, wspace=0.45)
    words = "; ".join(
        tr(
            "epoch {epoch}: training loss {loss}, accuracy {accuracy}",
            epoch=epoch.epoch,
            loss=fraction(epoch.train_loss),
            accuracy=fraction(score),
        )
        for epoch, score in zip(history, scores, strict=True)
    )
    return Figure(
        figure_of(left),
        caption=tr("{method}: loss and accuracy after each epoch. The last epoch counts, not the best.", method=method),
        alt=tr("Two line charts. {words}.", words=words),
    )


@styled
def confusion_figure(record: Record) -> Figure:
    """Draw the confusion matrix on test (of a trial: on validation)."""
    quality, split = (record.test, "test") if record.test else (record.validation, "validation")
    if quality is None:
        raise ValueError(f"{record.run_id} has no predictions to show")
    names = list(quality.per_class)
    side = 2.4 if len(names) <= 3 else 4.2  # noqa: PLR2004 - with more classes a cell needs more room
    ax = confusion(new_axes(side, width=side + 0.6, left=0.9), quality.confusion, names=names, title="")
    ax.set_xlabel(tr("predicted class"))
    ax.set_ylabel(tr("true class"))
    words = "; ".join(
        tr("of {total} {name} texts, {taken}", total=whole(sum(row)), name=name, taken=_taken(names, row))
        for name, row in zip(names, quality.confusion, strict=True)
    )
    caption = tr(_CONFUSED[split], method=record.method, seed=record.seed)
    return Figure(figure_of(ax), caption=caption, alt=tr("Confusion matrix: {words}.", words=words))


_CONFUSED = {
    "test": msg("{method}, seed {seed}: what the test texts of each class were taken for."),
    "validation": msg("{method}, seed {seed}: what the validation texts of each class were taken for."),
}


def _taken(names: Sequence[str], row: Sequence[int]) -> str:
    said = [tr("{count} taken for {name}", count=whole(n), name=name) for name, n in zip(names, row, strict=True)]
    return tr_in("between numbers", ", ").join(said)


def notebook_of(record: Record) -> NotebookNode:
    """Make a notebook of a run's results from its record.

    For a run that was trained by hand and so left none, and for one whose notebook speaks another language.
    """
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    shown: list[Table | Figure | Prose | None] = [
        Prose(tr("What follows is drawn from the record of this run, `{run}`.", run=record.run_id)),
        learning_curves(record.training.history if record.training else (), method=record.method),
    ]
    if record.validation or record.test:
        shown += [quality_table(record), confusion_figure(record)]
    cells = [
        new_code_cell(
            "", metadata={"tags": ["result"]}, outputs=[new_output("display_data", data=item._repr_mimebundle_())]
        )
        for item in shown
        if item is not None
    ]
    notebook: NotebookNode = new_notebook(cells=cells)
    return notebook
