"""From the records of an experiment to its report: execute `compare.ipynb`, stitch, export, keep the tables.

A report is rebuilt only when something it is made from has changed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bakeoff.errors import RunFailed
from bakeoff.experiment.model import Experiment
from bakeoff.report.inputs import inputs_of
from bakeoff.report.outputs import (
    FORMATS,
    beside,
    figures_of,
    outputs_of,
    values_of,
    write_figures,
    write_text,
)
from bakeoff.report.state import STATE, declared_of, is_fresh, known_inputs, others, read_state
from bakeoff.runs.verified import Outcome, results_at_hand
from bakeoff.system.atomic import atomic_path
from bakeoff.system.cores import kernel_settings
from bakeoff.system.digests import canonical_sha256, sha256_of
from bakeoff.system.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from pyarrow import Table

    from bakeoff.report.view import ComparisonView

__all__ = ["Rendered", "ReportFiles", "build_report", "export", "render", "view"]


_ENDS = 60.0  # seconds, at most: until a kernel is killed that may only be starting, and its notebook is left alone
PARTS = "parts"
"""Folder of reports on some of the methods, or in another language, below an experiment's own."""


@dataclass(frozen=True)
class ReportFiles:
    """A finished report. summary: the table as a terminal shows it; fresh: nothing had to be rebuilt.

    html, pdf: where they are, unless other formats were asked for; shown: what was asked for, best first
    removed: names of files of an earlier state that were not asked for now
    undrawn: a sentence for each figure that could not be drawn, and one for signs that no font has
    """

    html: Path
    pdf: Path
    summary: str
    fresh: bool
    undrawn: tuple[str, ...] = ()
    shown: tuple[Path, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rendered:
    """What was written. files: names below the folder; undrawn: a sentence each; unshown: signs that no font has."""

    files: tuple[str, ...]
    undrawn: tuple[str, ...]
    unshown: str


def build_report(
    experiment: Experiment,
    workspace: Workspace | None = None,
    *,
    force: bool = False,
    formats: Sequence[str] = FORMATS,
    part: str | None = None,
) -> ReportFiles:
    """Write the report of an experiment, with its tables and figures as files, unless all is up to date.

    force: rebuild in any case; formats: suffixes of the files to write; part: name of a folder below the experiment's
    own, for a report on some of its methods or in another language
    Raises RunFailed where compare.ipynb fails.
    """
    from bakeoff.experiment.load import refuse_namesake
    from bakeoff.system.locks import report_held

    workspace = workspace or find_workspace(of=experiment.file)
    refuse_namesake(experiment, workspace)
    lock, home = workspace.report_lock(experiment.name), workspace.report_folder(experiment.name)
    lock.parent.mkdir(parents=True, exist_ok=True)
    # Two at once would write their pages over each other's, and one of them would call the other's its own.
    with report_held(lock):
        folder = home / PARTS / part if part else home
        return _up_to_date_report(experiment, workspace, folder, force=force, formats=formats)


def _up_to_date_report(
    experiment: Experiment, workspace: Workspace, folder: Path, *, force: bool, formats: Sequence[str]
) -> ReportFiles:
    state, inputs = folder / STATE, inputs_of(experiment, workspace)
    again = results_at_hand(folder)
    made_from = {"inputs_sha256": canonical_sha256(inputs), **({"made_again": again} if again else {})}
    wanted = outputs_of(experiment, formats)
    known = read_state(folder)
    pages = [folder / "report.html", folder / "report.pdf"]
    shown = tuple(path for path in pages if path.name in wanted) or tuple(folder / name for name in wanted[:-1])
    fresh = not force and is_fresh(known, made_from, folder, wanted=wanted, formats=formats)
    removed: tuple[str, ...] = ()
    if fresh:
        undrawn = tuple(map(str, known.get("undrawn", ())))
    else:
        made = render(experiment, workspace, folder, again=again, formats=formats, look=True)
        undrawn, same = made.undrawn, known_inputs(known) == known_inputs(made_from)
        kept, removed = others(known, folder, but=made.files, experiment=experiment, same=same)
        told = {
            "experiment": workspace.relative(experiment.file), "changes": list(experiment.changes), **made_from,
            "language": experiment.report.language, "declared": declared_of(experiment), "inputs": inputs,
            "outputs": {**kept, **{name: sha256_of(folder / name) for name in made.files}},
            "formats": [one for one in FORMATS if one in formats or (same and one in known.get("formats", ()))],
            **{name: value for name, value in (("undrawn", undrawn), ("unshown", made.unshown)) if value},
        }  # fmt: skip
        write_text(state, json.dumps(told, indent=1) + "\n")
    summary = (folder / wanted[-1]).read_text(encoding="utf-8")
    return ReportFiles(pages[0], pages[1], summary, fresh=fresh, undrawn=undrawn, shown=shown, removed=removed)


def view(params: str, *, workspace: Workspace, changes: Sequence[str] = ()) -> ComparisonView:
    """Read and compare every record of the experiment that `params` names, with changes as for `--set`."""
    from bakeoff.report.view import ComparisonView
    from bakeoff.study.study import StudyData

    return ComparisonView(StudyData.open(params, workspace=workspace, changes=changes))


def render(
    experiment: Experiment,
    workspace: Workspace,
    folder: Path,
    *,
    again: Mapping[str, Outcome],
    formats: Collection[str] = FORMATS,
    look: bool = False,
) -> Rendered:
    """Write everything into a folder.

    again: what came of the runs that were made again, by run id; look: whether it counts as a look at the results
    """
    from nbformat import writes

    from bakeoff.report.introduction import made_again
    from bakeoff.report.pages.display import UNDRAWN, carried
    from bakeoff.report.pages.fonts import fallback, said_of
    from bakeoff.report.pages.stitch import stitch
    from bakeoff.report.sections import training_notebook
    from bakeoff.report.text.language import speaking, tr, words
    from bakeoff.report.view import ComparisonView
    from bakeoff.study.looks import taking_look
    from bakeoff.study.study import StudyData
    from bakeoff.study.subsets.slices import slices_of

    shown = ComparisonView(StudyData.of(experiment, workspace=workspace))
    slices_of(shown.study)  # slices that the data do not give are refused before anything is written
    home = workspace.report_folder(experiment.name)
    taking = taking_look(home, shown.study.look) if look else nullcontext()
    with speaking(experiment.report.language):
        # the methods' own figures are drawn meanwhile
        with taking, _executing(experiment, workspace, folder) as executing:
            sections = [
                (title, record.run_id, training_notebook(record, workspace, experiment))
                for title, record in shown.section_records()
            ]
            values = values_of(shown.study) if "parquet" in formats else {}
            executed = executing()
        stitched = stitch(executed, sections, heading=words(experiment.report.language)["methods"])
        unshown = fallback([shown.title(), writes(stitched)]).unshown
        missing = {tr("Signs without a font"): said_of(unshown)} if unshown else {}
        facts = {**shown.facts(), **made_again(shown.collection, again), **missing}
    spoken = experiment.report.language
    short = experiment.report.pdf == "short"
    export(stitched, folder, title=shown.title(), language=spoken, facts=facts, formats=formats, short=short)
    files = (*outputs_of(experiment, formats), *_write_tables(shown, executed, folder, formats, values))
    return Rendered(files, (*carried(stitched, UNDRAWN), *missing.values()), unshown)


def _write_tables(
    shown: ComparisonView, executed: NotebookNode, folder: Path, formats: Collection[str], values: Mapping[str, Table]
) -> tuple[str, ...]:
    """Write tables, values and figures; return the names of the figures' files, which only the kernel knows."""
    from bakeoff.report.pages.display import carried
    from bakeoff.report.tables.summary import FILES
    from bakeoff.study.archive import write_parquet

    texts = dict(next(carried(executed, FILES), None) or shown.summary_files())
    texts |= {name: next(carried(executed, form), "") for name, form in beside(shown.experiment).items()}
    for name, text in texts.items():
        if name in outputs_of(shown.experiment, formats):
            write_text(folder / name, text)
    for name, table in values.items():
        write_parquet(table, folder / name)
    return write_figures(figures_of(executed), folder, formats)


@contextmanager
def _executing(experiment: Experiment, workspace: Workspace, folder: Path) -> Iterator[Callable[[], NotebookNode]]:
    """Execute compare.ipynb meanwhile, and keep the executed notebook beside the report; ended with what is inside.

    What is given waits for it and returns it executed; raises RunFailed where it failed.
    """
    import nbformat

    from bakeoff.execution.kernels import Execution

    given: dict[str, Any] = {"params": workspace.relative(experiment.file)}
    if experiment.changes:
        given["changes"] = list(experiment.changes)
    with atomic_path(folder / "compare.ipynb") as scratch:
        notebook = workspace.notebook("compare")
        log = folder / "compare.log"
        settings = {**kernel_settings(1, jobs=1), **experiment.as_read}
        execution = Execution(notebook, scratch, given, root=workspace.root, log=log, settings=settings)

        def executed() -> NotebookNode:
            while not execution.wait(1.0):
                pass
            if trouble := execution.trouble:
                raise trouble
            if failure := execution.failure:
                raise RunFailed("compare.ipynb", kind=failure.type, message=failure.message, at=failure.where)
            done: NotebookNode = nbformat.read(scratch, as_version=4)
            return done

        execution.start()
        try:
            yield executed
        finally:
            if not execution.wait(0.0):
                execution.kill()
                execution.wait(_ENDS)


def export(
    nb: NotebookNode,
    folder: Path,
    *,
    title: str,
    language: str = "en",
    facts: Mapping[str, str] | None = None,
    formats: Collection[str] = ("html", "pdf"),
    short: bool = False,
) -> tuple[Path, Path]:
    """Write `report.html` and `report.pdf` into `folder`, all that is asked for or none, and return their paths.

    nb: a stitched notebook
    language: the report's language (ISO 639-1)
    facts: label -> value, shown under the title (data, model, number of runs)
    short: the PDF is without what the HTML folds
    """
    from bakeoff.report.pages.html import HtmlReport
    from bakeoff.report.pages.pdf import PdfReport

    nb = copy.deepcopy(nb)
    nb.metadata["title"] = title
    nb.metadata["bakeoff"] = {"language": language, "facts": dict(facts or {}), "short": short}
    exporters: dict[str, Any] = {"html": HtmlReport, "pdf": PdfReport}  # nbconvert does not annotate how they are made
    pages = {end: made().from_notebook_node(nb)[0] for end, made in exporters.items() if end in formats}
    with ExitStack() as all_or_none:
        for end, page in pages.items():
            scratch = all_or_none.enter_context(atomic_path(folder / f"report.{end}"))
            scratch.write_bytes(page if isinstance(page, bytes) else page.encode("utf-8"))
    return folder / "report.html", folder / "report.pdf"
