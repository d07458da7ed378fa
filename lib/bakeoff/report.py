"""From the records of an experiment to its report: execute `compare.ipynb`, stitch, export, keep the tables.

A report is rebuilt only when something it is made from has changed. Imported by `cli` and `notebook`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bakeoff.bases import LocatedModel, LocatedTokenizer, locate_model, locate_tokenizer
from bakeoff.digests import sha256_of
from bakeoff.errors import InputError, RecordError, RunFailed
from bakeoff.experiment import Experiment, load_experiment
from bakeoff.record import Record, atomic_path, read_records
from bakeoff.run import canonical
from bakeoff.sources import LocatedData, locate_data
from bakeoff.threads import kernel_settings
from bakeoff.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from bakeoff.reporting.view import ComparisonView

__all__ = ["ReportFiles", "build_report", "view"]

LIBRARIES = (
    "babel", "markdown-it-py", "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "scipy", "seaborn", "typst",
)  # fmt: skip


@dataclass(frozen=True)
class ReportFiles:
    """A finished report. summary: the table as a terminal shows it; fresh: nothing had to be rebuilt."""

    html: Path
    pdf: Path
    summary: str
    fresh: bool


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
    summary = files["summary.txt"]
    if not force and _up_to_date(state, inputs, files):
        return ReportFiles(files["report.html"], files["report.pdf"], summary.read_text(encoding="utf-8"), fresh=True)
    _build(experiment, workspace)
    outputs = {name: sha256_of(path) for name, path in files.items()}
    with atomic_path(state) as scratch:
        scratch.write_text(json.dumps({"inputs_sha256": inputs, "outputs": outputs}, indent=1) + "\n", encoding="utf-8")
    return ReportFiles(files["report.html"], files["report.pdf"], summary.read_text(encoding="utf-8"), fresh=False)


def view(params: str, *, workspace: Workspace, changes: Sequence[str] = ()) -> ComparisonView:
    """Read and compare every record of the experiment that `params` names, with changes as for `--set`."""
    from bakeoff.reporting.collect import collect
    from bakeoff.reporting.language import speaking
    from bakeoff.reporting.view import ComparisonView
    from bakeoff.running.choice import read_choice

    file = workspace.experiment_file(params)
    experiment = load_experiment(file, shown_as=workspace.relative(file), changes=changes)
    unreadable: list[RecordError] = []
    records = read_records(workspace.runs_folder(experiment.name), unreadable=unreadable.append)
    locked = {name: read_choice(experiment, name, workspace=workspace) for name in experiment.methods}
    choices = {name: choice.sweep() for name, choice in locked.items() if choice}
    with speaking(experiment.report.language):
        collection = collect(experiment, records, workspace=workspace, choices=choices, unreadable=unreadable)
    return ComparisonView(collection, workspace=workspace, texts=partial(_test_texts, experiment, workspace))


def _test_texts(experiment: Experiment, workspace: Workspace, comparability_sha256: str) -> dict[str, str]:
    """Return item id -> text of the test; nothing where the data are not here, or are not those of the runs."""
    from bakeoff.tuning.data import load_splits

    data = experiment.data
    try:
        splits = load_splits(data, locate_data(data.source, workspace=workspace, config=data.config))
    except InputError:
        return {}
    same = splits.comparability_sha256() == comparability_sha256
    return dict(zip(splits.test["item_id"], splits.test["text"], strict=True)) if same else {}


def _build(experiment: Experiment, workspace: Workspace) -> None:
    from bakeoff.reporting.export import export
    from bakeoff.reporting.language import speaking
    from bakeoff.reporting.stitch import stitch
    from bakeoff.reporting.words import words

    folder, language = workspace.report_folder(experiment.name), experiment.report.language
    shown = view(workspace.relative(experiment.file), workspace=workspace, changes=experiment.changes)
    executed = _execute(experiment, workspace)
    with speaking(language):
        sections = [
            (title, record.run_id, _training_notebook(record, workspace, experiment))
            for title, record in shown.section_records()
        ]
        stitched = stitch(executed, sections, heading=words(language)["methods"])
    export(stitched, folder, title=shown.title(), language=language, facts=shown.facts())
    for suffix, text in shown.summary_files().items():
        with atomic_path(folder / f"summary.{suffix}") as scratch:
            scratch.write_text(text, encoding="utf-8")


def _execute(experiment: Experiment, workspace: Workspace) -> NotebookNode:
    """Execute compare.ipynb and keep the executed notebook beside the report."""
    import nbformat

    from bakeoff.running.kernels import Execution

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

    from bakeoff.reporting.stitch import speaks
    from bakeoff.reporting.training_figures import notebook_of

    file = workspace.run_folder(experiment.name, record.run_id).notebook
    with suppress(FileNotFoundError, ValueError):  # none, or one cut off while papermill wrote it
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
    package, folder = Path(__file__).parent, workspace.report_folder(experiment.name)
    yield experiment.file
    yield workspace.notebook("compare")
    yield from sorted(package.glob("*.py"))
    yield from sorted(package.glob("tuning/**/*.py"))
    yield from sorted(path for path in package.glob("reporting/**/*") if path.is_file() and path.suffix != ".pyc")
    yield from sorted(folder.glob("choices/*.json"))
    yield from sorted(folder.glob("runs/*/record.json"))
    yield from sorted(folder.glob("runs/*/notebook.ipynb"))
    yield from sorted(folder.glob("runs/*/predictions.parquet"))


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
        return known["inputs_sha256"] == inputs and all(
            sha256_of(path) == known["outputs"][name] for name, path in files.items()
        )
    except (FileNotFoundError, KeyError, ValueError):
        return False
