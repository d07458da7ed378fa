"""From the records of an experiment to its report: execute `compare.ipynb`, stitch, export, keep the tables.

A report is rebuilt only when something it is made from has changed.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode, writes

from bakeoff.data.sources import LocatedData, locate_data
from bakeoff.errors import InputError, RunFailed
from bakeoff.experiment.model import Experiment
from bakeoff.methods.own import brought_by
from bakeoff.metrics.classification import METRICS
from bakeoff.metrics.own import metric_sources
from bakeoff.models.sources import LocatedModel, LocatedTokenizer, locate_model, locate_tokenizer
from bakeoff.report.figures.single_run import confusion_figure, learning_curves
from bakeoff.report.pages.display import Figure, Prose
from bakeoff.report.pages.fonts import fallback, said_of
from bakeoff.report.pages.html import HtmlReport
from bakeoff.report.pages.pdf import PdfReport
from bakeoff.report.pages.table import Table
from bakeoff.report.tables.single_run import quality_table
from bakeoff.report.text.language import tr
from bakeoff.runs.record import Record
from bakeoff.study.looks import keep_look
from bakeoff.system.atomic import atomic_path
from bakeoff.system.cores import kernel_settings
from bakeoff.system.digests import canonical, sha256_of
from bakeoff.system.workspace import PACKAGE, Workspace, find_workspace

if TYPE_CHECKING:
    from bakeoff.report.view import ComparisonView

__all__ = ["ReportFiles", "build_report", "export", "notebook_of", "view"]


LIBRARIES = (
    "babel", "markdown-it-py", "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "scipy", "seaborn", "typst",
)  # fmt: skip


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
    state, inputs = folder / "report.json", _inputs_sha256(experiment, workspace)
    files = {
        name: folder / name
        for name in ("report.html", "report.pdf", "summary.csv", "summary.md", "summary.tex", "summary.txt")
    }
    if experiment.train_sizes:
        files["sizes.csv"] = folder / "sizes.csv"
    summary = files["summary.txt"]
    html, pdf = files["report.html"], files["report.pdf"]
    if not force and _up_to_date(state, inputs, files):
        sentences = json.loads(state.read_text(encoding="utf-8")).get("undrawn", ())
        return ReportFiles(html, pdf, summary.read_text(encoding="utf-8"), fresh=True, undrawn=tuple(sentences))
    undrawn, unshown = _build(experiment, workspace)
    outputs = {name: sha256_of(path) for name, path in files.items()}
    left_out = {name: value for name, value in (("undrawn", undrawn), ("unshown", unshown)) if value}
    kept = {"inputs_sha256": inputs, "outputs": outputs, **left_out}
    with atomic_path(state) as scratch:
        scratch.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8", newline="\n")
    return ReportFiles(html, pdf, summary.read_text(encoding="utf-8"), fresh=False, undrawn=undrawn)


def view(params: str, *, workspace: Workspace, changes: Sequence[str] = ()) -> ComparisonView:
    """Read and compare every record of the experiment that `params` names, with changes as for `--set`."""
    from bakeoff.report.view import ComparisonView
    from bakeoff.study.study import StudyData

    return ComparisonView(StudyData.open(params, workspace=workspace, changes=changes))


def _build(experiment: Experiment, workspace: Workspace) -> tuple[tuple[str, ...], str]:
    """Write everything; return a sentence for each thing that could not be drawn, and the signs that no font has."""
    from bakeoff.report.cells.tables import FILE
    from bakeoff.report.pages.display import UNDRAWN, carried
    from bakeoff.report.pages.stitch import stitch
    from bakeoff.report.tables.summary import FILES
    from bakeoff.report.text.language import speaking, words

    folder, language = workspace.report_folder(experiment.name), experiment.report.language
    shown = view(workspace.relative(experiment.file), workspace=workspace, changes=experiment.changes)
    keep_look(folder, shown.study.look)  # first: what an interrupted report has shown is seen all the same
    executed = _execute(experiment, workspace)
    with speaking(language):
        sections = [
            (title, record.run_id, _training_notebook(record, workspace, experiment))
            for title, record in shown.section_records()
        ]
        stitched = stitch(executed, sections, heading=words(language)["methods"])
        unshown = fallback([shown.title(), writes(stitched)]).unshown
        missing = {tr("Signs without a font"): said_of(unshown)} if unshown else {}
        facts = {**shown.facts(), **missing}
    export(stitched, folder, title=shown.title(), language=language, facts=facts)
    for suffix, text in (next(carried(executed, FILES), None) or shown.summary_files()).items():
        with atomic_path(folder / f"summary.{suffix}") as scratch:
            scratch.write_text(text, encoding="utf-8", newline="\n")
    if experiment.train_sizes:
        with atomic_path(folder / "sizes.csv") as scratch:
            scratch.write_text(next(carried(executed, FILE), ""), encoding="utf-8", newline="\n")
    return (*carried(stitched, UNDRAWN), *missing.values()), unshown


def _execute(experiment: Experiment, workspace: Workspace) -> NotebookNode:
    """Execute compare.ipynb and keep the executed notebook beside the report."""
    import nbformat

    from bakeoff.execution.kernels import Execution

    folder = workspace.report_folder(experiment.name)
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


def _inputs_sha256(experiment: Experiment, workspace: Workspace) -> str:
    """Hash everything a report is made from."""
    files = {workspace.relative(path): sha256_of(path) for path in _input_files(experiment, workspace)}
    libraries = {name: version(name) for name in LIBRARIES}
    everything = [files, experiment.changes, _sources(experiment, workspace), libraries]
    return hashlib.sha256(canonical(everything).encode()).hexdigest()


def _input_files(experiment: Experiment, workspace: Workspace) -> Iterator[Path]:
    folder = workspace.report_folder(experiment.name)
    yield experiment.file
    yield workspace.notebook("compare")
    yield from sorted(path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".md", ".pyc"))
    yield from sorted(_own_sources(experiment))
    yield from sorted(folder.glob("choices/*.json"))
    yield from sorted(folder.glob("runs/*/record.json"))
    yield from sorted(folder.glob("runs/*/notebook.ipynb"))
    yield from sorted(folder.glob("runs/*/predictions.parquet"))


def _own_sources(experiment: Experiment) -> set[Path]:
    """Return the files of the user's own methods and metric, whose words and numbers a report shows."""
    methods = (brought_by(entry.method) for entry in experiment.methods.values())
    return {
        *metric_sources(experiment.compare.metric, METRICS),
        *(file for own in methods if own for file in own.sources),
    }


def _sources(experiment: Experiment, workspace: Workspace) -> list[str | None]:
    """Hash data and models, by which records are told apart; None for what is not on this machine."""
    bases = {experiment.base_of(entry) for entry in experiment.methods.values() if entry.method.neural}
    looked_up: list[Callable[[], LocatedData | LocatedModel | LocatedTokenizer]] = [
        partial(locate_data, experiment.data.source, workspace=workspace, config=experiment.data.config),
        *(partial(locate_model, model, workspace=workspace) for model in sorted({model for model, _ in bases})),
        *(partial(locate_tokenizer, name, workspace=workspace) for name in sorted({name for _, name in bases if name})),
    ]
    found: list[str | None] = []
    for locate in looked_up:
        try:
            found.append(locate().sha256)
        except InputError:
            found.append(None)
    return found


def _up_to_date(state: Path, inputs: str, files: dict[str, Path]) -> bool:
    try:
        known: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
        unshown = known.get("unshown", "")
        return (
            known["inputs_sha256"] == inputs
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
