"""What a run needs of the workspace, for nodes that do not see it: packed where it is asked for, laid out on a node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from bakeoff.experiment.model import Experiment
from bakeoff.runs.run import Run
from bakeoff.system.own import read_so_far
from bakeoff.system.workspace import Workspace

__all__ = ["lay_out", "pack"]


def pack(run: Run, experiment: Experiment, workspace: Workspace) -> dict[str, bytes]:
    """Return path in the workspace -> content: experiment file, notebook, code of the user's own, data and base model.

    What lies elsewhere, on a hub or in a folder that every node sees, is left where it is.
    """
    root = workspace.root.resolve()
    places = {
        experiment.file.resolve(),
        workspace.notebook("train").resolve(),
        *(place.resolve() for place in read_so_far()),
        *(place.resolve() for place in _read_by(run)),
    }
    files = sorted(file for place in places for file in _files(place) if file.is_relative_to(root))
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in files}


def lay_out(files: Mapping[str, bytes], root: Path) -> Workspace:
    """Write a workspace of packed files into an empty folder."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return Workspace(root)


def _read_by(run: Run) -> Iterator[Path]:
    """Yield what a run reads beside code: of its data, its base model and its method."""
    yield from run.located_data.files.values()
    if run.located_file:
        yield run.located_file
    model = run.located_model
    if model:
        yield Path(model.path)
        if model.tokenizer:
            yield Path(model.tokenizer.path)


def _files(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from (file for file in place.rglob("*") if file.is_file())
    elif place.is_file():
        yield place
