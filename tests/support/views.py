"""Views of made-up studies, with their predictions on disk."""

import itertools
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_output

import sample
from bakeoff.report.build import export
from bakeoff.report.pages.stitch import stitch
from bakeoff.report.sections import notebook_of
from bakeoff.report.text.language import speaking, words
from bakeoff.report.view import ComparisonView
from bakeoff.study.study import StudyData
from bakeoff.system.workspace import Workspace

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "compare.ipynb"


def write(found, workspace: Workspace) -> None:
    """Write the predictions of every finished run."""
    for run in itertools.chain.from_iterable(row.records for row in found.rows):
        folder = workspace.run_folder(run.experiment, run.run_id)
        folder.path.mkdir(parents=True)
        names = run.inputs.label_names
        frame = {
            "split": "test",
            "item_id": [f"{place:05d}" for place in range(sample.TEST)],
            "gold": sample.gold(sample.TEST, len(names)),
            "predicted": sample.predictions(run.method, run.seed, sample.TEST, run.params.get("rank", 8), len(names)),
            "logits": list(sample.logits(run.method, run.seed, sample.TEST, run.params.get("rank", 8), len(names))),
        }
        pd.DataFrame(frame).to_parquet(folder.predictions)


def view(found, folder: Path) -> ComparisonView:
    workspace = Workspace(folder)
    write(found, workspace)
    return ComparisonView(StudyData(found, workspace=workspace))


def stitched(comparison: ComparisonView) -> NotebookNode:
    """Return a view's whole report, as compare.ipynb and the sections of its runs make it."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and {"result", "appendix"} & set(cell.metadata.tags):
            items: list[Any] = []
            names = {"comparison": comparison, "display": lambda *more, found=items: found.extend(more)}
            items += [last] if (last := eval(cell.source, names)) is not None else []
            cell.outputs = [new_output("display_data", data=item._repr_mimebundle_()) for item in items]
    with speaking(comparison.language):
        sections = [
            (title, run.run_id, notebook_of(run, metric=comparison.experiment.compare.metric))
            for title, run in comparison.section_records()
        ]
        return stitch(notebook, sections, heading=words(comparison.language)["methods"])


def fronted(comparison: ComparisonView, folder: Path) -> Path:
    """Write a page that has the first screen alone: the answer and the table of methods; return where it is."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.id in ("answer", "summary"):
            cell.outputs = [new_output("display_data", data=getattr(comparison, cell.id)()._repr_mimebundle_())]
    told = {"title": comparison.title(), "facts": comparison.facts()}
    return export(stitch(notebook, []), folder, formats=("html",), **told)[0]


def whole(
    comparison: ComparisonView, folder: Path, *, short: bool = True, formats: tuple[str, ...] = ("html", "pdf")
) -> tuple[Path, Path]:
    """Write a view's whole report; return where its HTML and its PDF are."""
    told = {"title": comparison.title(), "facts": comparison.facts(), "language": comparison.language}
    return export(stitched(comparison), folder, short=short, formats=formats, **told)
