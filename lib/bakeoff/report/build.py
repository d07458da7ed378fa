"""From the records of an experiment to its report: execute `compare.ipynb`, stitch, export, keep the tables.

A report is rebuilt only when something it is made from has changed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode, writes

from bakeoff.errors import RunFailed
from bakeoff.experiment.model import Experiment
from bakeoff.report.figures.single_run import confusion_figure, learning_curves
from bakeoff.report.inputs import inputs_of
from bakeoff.report.introduction import made_again
from bakeoff.report.pages.display import Figure, Prose
from bakeoff.report.pages.fonts import fallback, said_of
from bakeoff.report.pages.html import HtmlReport
from bakeoff.report.pages.pdf import PdfReport
from bakeoff.report.pages.table import Table
from bakeoff.report.tables.single_run import quality_table
from bakeoff.report.text.language import tr
from bakeoff.runs.record import Record
from bakeoff.runs.verified import Outcome, results_at_hand
from bakeoff.study.looks import keep_look
from bakeoff.study.subsets.slices import slices_of
from bakeoff.system.atomic import atomic_path
from bakeoff.system.cores import kernel_settings
from bakeoff.system.digests import canonical_sha256, sha256_of
from bakeoff.system.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from bakeoff.report.view import ComparisonView

__all__ = ["STATE", "ReportFiles", "build_report", "export", "notebook_of", "outputs_of", "render", "view"]


STATE = "report.json"
"""What a report was made from, and the hashes of its files."""


@dataclass(frozen=True)
class ReportFiles:
    """A finished report. summary: the table as a terminal shows it; fresh: nothing had to be rebuilt.

    undrawn: a sentence for each figure that could not be drawn, and one for signs that no font has
    """

    html: Path
    pdf: Path
    summary: str
    fresh: bool
    undrawn: tuple[str, ...] = ()


def build_report(experiment: Experiment, workspace: Workspace | None = None, *, force: bool = False) -> ReportFiles:
    """Write report.html, report.pdf and the summary tables of an experiment, unless they are up to date.

    force: rebuild in any case
    Raises RunFailed where compare.ipynb fails.
    """
    from filelock import FileLock

    workspace = workspace or find_workspace()
    lock = workspace.report_lock(experiment.name)
    lock.parent.mkdir(parents=True, exist_ok=True)
    # Two at once would write their pages over each other's, and one of them would call the other's its own.
    with FileLock(lock):
        return _up_to_date_report(experiment, workspace, force=force)


def _up_to_date_report(experiment: Experiment, workspace: Workspace, *, force: bool) -> ReportFiles:
    folder = workspace.report_folder(experiment.name)
    state, inputs = folder / STATE, inputs_of(experiment, workspace)
    again = results_at_hand(folder)
    made_from = {"inputs_sha256": canonical_sha256(inputs), **({"made_again": again} if again else {})}
    files = {name: folder / name for name in outputs_of(experiment)}
    summary = files["summary.txt"]
    html, pdf = files["report.html"], files["report.pdf"]
    if not force and _up_to_date(state, made_from, files):
        sentences = json.loads(state.read_text(encoding="utf-8")).get("undrawn", ())
        return ReportFiles(html, pdf, summary.read_text(encoding="utf-8"), fresh=True, undrawn=tuple(sentences))
    undrawn, unshown = render(experiment, workspace, folder, again=again)
    outputs = {name: sha256_of(path) for name, path in files.items()}
    left_out = {name: value for name, value in (("undrawn", undrawn), ("unshown", unshown)) if value}
    asked = {"experiment": workspace.relative(experiment.file), "changes": list(experiment.changes)}
    kept = {**asked, **made_from, "inputs": inputs, "outputs": outputs, **left_out}
    with atomic_path(state) as scratch:
        scratch.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8", newline="\n")
    return ReportFiles(html, pdf, summary.read_text(encoding="utf-8"), fresh=False, undrawn=undrawn)


def outputs_of(experiment: Experiment) -> tuple[str, ...]:
    """Return the names of the files that a report is: the same inputs give each of them the same bytes."""
    whole = ("report.html", "report.pdf", "summary.csv", "summary.md", "summary.tex", "summary.txt")
    return (*whole, *_beside(experiment))


def _beside(experiment: Experiment) -> dict[str, str]:
    """Return the tables of what lies beside the own comparison, and the form in which each leaves the kernel."""
    from bakeoff.report.cells import grid_tables, tables
    from bakeoff.report.subsets.further import TESTS_FILE
    from bakeoff.report.subsets.slices import SLICES_FILE

    sizes = {"sizes.csv": tables.FILE} if experiment.train_sizes else {}
    tests = {"tests.csv": TESTS_FILE} if experiment.tests else {}
    tests |= {"slices.csv": SLICES_FILE} if experiment.slices else {}
    return {**sizes, **({"grid.csv": grid_tables.FILE} if experiment.cell else {}), **tests}


def view(params: str, *, workspace: Workspace, changes: Sequence[str] = ()) -> ComparisonView:
    """Read and compare every record of the experiment that `params` names, with changes as for `--set`."""
    from bakeoff.report.view import ComparisonView
    from bakeoff.study.study import StudyData

    return ComparisonView(StudyData.open(params, workspace=workspace, changes=changes))


def render(
    experiment: Experiment, workspace: Workspace, folder: Path, *, again: Mapping[str, Outcome]
) -> tuple[tuple[str, ...], str]:
    """Write everything into a folder; return a sentence for each thing not drawn, and the signs that no font has.

    folder: the experiment's own, where the report counts as a look, or another one; again: what came of the runs that
    were made again, by run id
    """
    from bakeoff.report.pages.display import UNDRAWN, carried
    from bakeoff.report.pages.stitch import stitch
    from bakeoff.report.tables.summary import FILES
    from bakeoff.report.text.language import speaking, words

    home, language = workspace.report_folder(experiment.name), experiment.report.language
    shown = view(workspace.relative(experiment.file), workspace=workspace, changes=experiment.changes)
    slices_of(shown.study)  # slices that the data do not give are refused before anything is written
    if folder == home:
        keep_look(home, shown.study.look)  # first: what an interrupted report has shown is seen all the same
    executed = _execute(experiment, workspace, folder)
    with speaking(language):
        sections = [
            (title, record.run_id, _training_notebook(record, workspace, experiment))
            for title, record in shown.section_records()
        ]
        stitched = stitch(executed, sections, heading=words(language)["methods"])
        unshown = fallback([shown.title(), writes(stitched)]).unshown
        missing = {tr("Signs without a font"): said_of(unshown)} if unshown else {}
        facts = {**shown.facts(), **made_again(shown.collection, again), **missing}
    export(stitched, folder, title=shown.title(), language=language, facts=facts)
    for suffix, text in (next(carried(executed, FILES), None) or shown.summary_files()).items():
        with atomic_path(folder / f"summary.{suffix}") as scratch:
            scratch.write_text(text, encoding="utf-8", newline="\n")
    for name, form in _beside(experiment).items():
        with atomic_path(folder / name) as scratch:
            scratch.write_text(next(carried(executed, form), ""), encoding="utf-8", newline="\n")
    return (*carried(stitched, UNDRAWN), *missing.values()), unshown


def _execute(experiment: Experiment, workspace: Workspace, folder: Path) -> NotebookNode:
    """Execute compare.ipynb and keep the executed notebook beside the report, in its folder."""
    import nbformat

    from bakeoff.execution.kernels import Execution

    given: dict[str, Any] = {"params": workspace.relative(experiment.file)}
    if experiment.changes:
        given["changes"] = list(experiment.changes)
    with atomic_path(folder / "compare.ipynb") as scratch:
        notebook = workspace.notebook("compare")
        log = folder / "compare.log"
        execution = Execution(
            notebook, scratch, given, root=workspace.root, log=log, settings=kernel_settings(None, jobs=1)
        )
        execution.start()
        while not execution.wait(1.0):
            pass
        if failure := execution.failure:
            raise RunFailed("compare.ipynb", kind=failure.type, message=failure.message, at=failure.where)
    executed: NotebookNode = nbformat.read(folder / "compare.ipynb", as_version=4)
    return executed


def _training_notebook(record: Record, workspace: Workspace, experiment: Experiment) -> NotebookNode:
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


def _up_to_date(state: Path, made_from: Mapping[str, Any], files: dict[str, Path]) -> bool:
    try:
        known: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
        unshown = known.get("unshown", "")
        return (
            known["inputs_sha256"] == made_from["inputs_sha256"]
            and known.get("made_again") == made_from.get("made_again")
            and all(sha256_of(path) == known["outputs"][name] for name, path in files.items())
            and (not unshown or fallback([unshown]).unshown == unshown)  # a font may have come since
        )
    except (OSError, KeyError, TypeError, ValueError):  # none, a folder, or JSON of another shape
        return False


def export(
    nb: NotebookNode, folder: Path, *, title: str, language: str = "en", facts: Mapping[str, str] | None = None
) -> tuple[Path, Path]:
    """Write `report.html` and `report.pdf` into `folder`, both or none, and return their paths.

    nb: a stitched notebook
    language: the report's language (ISO 639-1)
    facts: label -> value, shown under the title (data, model, number of runs)
    """
    nb = copy.deepcopy(nb)
    nb.metadata["title"] = title
    nb.metadata["bakeoff"] = {"language": language, "facts": dict(facts or {})}
    exporters: list[Any] = [HtmlReport, PdfReport]  # nbconvert does not annotate how they are made
    (page, _), (document, _) = (exporter().from_notebook_node(nb) for exporter in exporters)
    html, pdf = folder / "report.html", folder / "report.pdf"
    with atomic_path(html) as html_scratch, atomic_path(pdf) as pdf_scratch:
        html_scratch.write_text(page, encoding="utf-8", newline="\n")
        pdf_scratch.write_bytes(document)
    return html, pdf


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
