"""What a report is made from, hashed: the same inputs need no second report, and other ones can be named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bakeoff.data.sources import LocatedData, locate_data
from bakeoff.errors import InputError
from bakeoff.experiment.cells import cells_of
from bakeoff.experiment.model import Experiment
from bakeoff.methods.own import brought_by
from bakeoff.metrics.classification import METRICS
from bakeoff.metrics.own import metric_sources
from bakeoff.models.sources import LocatedModel, LocatedTokenizer, locate_model, locate_tokenizer
from bakeoff.system.digests import canonical_sha256, sha256_of
from bakeoff.system.workspace import PACKAGE, Workspace

__all__ = ["inputs_of"]


LIBRARIES = (
    "babel", "markdown-it-py", "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "scipy", "seaborn", "typst",
)  # fmt: skip


def inputs_of(experiment: Experiment, workspace: Workspace) -> dict[str, str]:
    """Return what a report of this experiment is made from -> its hash; the names are what a reader calls it."""
    folder = workspace.report_folder(experiment.name)
    package = (path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".md", ".pyc"))

    def name(path: Path) -> str:  # the same where a link leads to the runs as where they lie
        own = path.is_relative_to(workspace.root)
        return path.relative_to(workspace.root).as_posix() if own else workspace.relative(path)

    def together(files: Iterable[Path]) -> str:
        return canonical_sha256({name(path): sha256_of(path) for path in files})

    return {
        "experiment file": canonical_sha256([together([experiment.file]), experiment.changes]),
        "notebook": together([workspace.notebook("compare")]),
        "code": together([*package, *_own_sources(experiment)]),
        "choices": together(folder.glob("choices/*.json")),
        "records": together(folder.glob("runs/*/record.json")),
        "executed notebooks": together(folder.glob("runs/*/notebook.ipynb")),
        "predictions": together(folder.glob("runs/*/predictions.parquet")),
        **({"further test sets": together(folder.glob("runs/*/tests/*"))} if experiment.tests else {}),
        "data and models": canonical_sha256(_sources(experiment, workspace)),
        "libraries": canonical_sha256({name: version(name) for name in LIBRARIES}),
    }


def _own_sources(experiment: Experiment) -> set[Path]:
    """Return the files of the user's own methods and metric, whose words and numbers a report shows."""
    methods = (brought_by(entry.method) for entry in experiment.methods.values())
    return {
        *metric_sources(experiment.compare.metric, METRICS),
        *(file for own in methods if own for file in own.sources),
    }


def _sources(experiment: Experiment, workspace: Workspace) -> list[str | None]:
    """Hash data and models, by which records are told apart; None for what is not on this machine."""
    cells = [cell.experiment for cell in cells_of(experiment)]
    bases = {one.base_of(entry) for one in cells for entry in one.methods.values() if entry.method.neural}
    data = [one.data for place, one in enumerate(cells) if one.data not in [other.data for other in cells[:place]]]
    looked_up: list[Callable[[], LocatedData | LocatedModel | LocatedTokenizer]] = [
        *(partial(locate_data, one.source, workspace=workspace, config=one.config) for one in data),
        *(
            partial(locate_data, data.source, workspace=workspace, config=data.config)
            for data in (further.of(experiment.data) for further in experiment.tests.values())
        ),
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
