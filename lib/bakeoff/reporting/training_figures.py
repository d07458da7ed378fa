"""What `train.ipynb` draws of one run, and the section of a report for a run that left no executed notebook.

Only `notebook` and `report` import this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bakeoff.record import Epoch, Record
from bakeoff.reporting.display import Figure, Prose, Table
from bakeoff.reporting.notation import fraction, whole
from bakeoff.reporting.plots.confusion import confusion
from bakeoff.reporting.plots.curves import learning_curve
from bakeoff.reporting.plots.style import SMALL, figure_of, label_grid, marks, new_axes, new_grid, styled
from bakeoff.reporting.training import quality_table

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["confusion_figure", "learning_curves", "notebook_of"]

TRAINED, VALIDATED = "training", "validation"


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
            learning_curve(left, [values], mark=look[name], title="loss")
            # Beside its last point, and away from the other line's, which may end at the same height.
            side, place = "bottom" if name == above else "top", (len(values), values[-1])
            left.annotate(
                name, place, xytext=(6, 0), textcoords="offset points", va=side, fontsize=SMALL, color=look[name].colour
            )
    scores = [epoch.validation["accuracy"] for epoch in history]
    learning_curve(right, [scores], mark=look[VALIDATED], title="accuracy on validation")
    label_grid([left, right], xlabel="epoch", ylabel="")
    figure_of(left).subplots_adjust(left=0.08, wspace=0.45)
    words = "; ".join(
        f"epoch {epoch.epoch}: training loss {fraction(epoch.train_loss)}, accuracy {fraction(score)}"
        for epoch, score in zip(history, scores, strict=True)
    )
    caption = f"{method}: loss and accuracy after each epoch. The last epoch counts, not the best."
    return Figure(figure_of(left), caption=caption, alt=f"Two line charts. {words}.")


@styled
def confusion_figure(record: Record) -> Figure:
    """Draw the confusion matrix on test (of a trial: on validation)."""
    quality, split = (record.test, "test") if record.test else (record.validation, "validation")
    if quality is None:
        raise ValueError(f"{record.run_id} has no predictions to show")
    names = list(quality.per_class)
    side = 2.4 if len(names) <= 3 else 4.2  # noqa: PLR2004 - with more classes a cell needs more room
    ax = confusion(new_axes(side, width=side + 0.6, left=0.9), quality.confusion, names=names, title="")
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")
    words = "; ".join(
        f"of {whole(sum(row))} {name} texts, "
        + ", ".join(f"{whole(n)} taken for {other}" for other, n in zip(names, row, strict=True))
        for name, row in zip(names, quality.confusion, strict=True)
    )
    caption = f"{record.method}, seed {record.seed}: what the {split} texts of each class were taken for."
    return Figure(figure_of(ax), caption=caption, alt=f"Confusion matrix: {words}.")


def notebook_of(record: Record) -> NotebookNode:
    """Make the notebook of a run that was trained by hand and so left none: the same results, from its record."""
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    shown: list[Table | Figure | Prose | None] = [
        Prose(f"This run was trained by hand; what follows is drawn from its record, `{record.run_id}`."),
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
