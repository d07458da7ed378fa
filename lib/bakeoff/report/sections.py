"""What a report shows of one run: its executed notebook, or one drawn from its record."""

from __future__ import annotations

from contextlib import suppress

from nbformat import NotebookNode

from bakeoff.experiment.model import Experiment
from bakeoff.report.figures.single_run import confusion_figure, learning_curves
from bakeoff.report.pages.display import Figure, Prose
from bakeoff.report.pages.table import Table
from bakeoff.report.tables.single_run import quality_table
from bakeoff.report.text.language import tr
from bakeoff.runs.record import Record
from bakeoff.system.workspace import Workspace

__all__ = ["notebook_of", "training_notebook"]


def training_notebook(record: Record, workspace: Workspace, experiment: Experiment) -> NotebookNode:
    """Return a run's executed notebook; where there is none in the report's language, one drawn from its record."""
    import nbformat

    from bakeoff.report.pages.stitch import speaks

    file = workspace.run_folder(experiment.name, record.run_id).notebook
    # None, a folder, one cut off while papermill wrote it, or JSON of another shape.
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError, nbformat.ValidationError):
        executed: NotebookNode = nbformat.read(file, as_version=4)
        if speaks(executed) == experiment.report.language:
            return executed
    return notebook_of(record, metric=experiment.compare.metric)


def notebook_of(record: Record, *, metric: str) -> NotebookNode:
    """Make a notebook of a run's results from its record; metric: that the comparison declares.

    For a run that was trained by hand and so left none, and for one whose notebook speaks another language.
    """
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    shown: list[Table | Figure | Prose | None] = [
        Prose(tr("What follows is drawn from the record of this run, `{run}`.", run=record.run_id)),
        learning_curves(record.training.history if record.training else (), method=record.method, metric=metric),
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
