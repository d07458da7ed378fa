"""From a data source to a new experiment file, checked before it is put in its place.

Imported by `cli`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bakeoff.atomic import atomic_path
from bakeoff.errors import BadValue
from bakeoff.experiment import Data, Experiment, load_experiment
from bakeoff.running.plan import Plan, plan
from bakeoff.running.slots import GPUS
from bakeoff.sections import NAME
from bakeoff.sources import locate_data
from bakeoff.starting.draft import EMBEDDED, draft
from bakeoff.starting.estimate import Estimate, calibrate, estimate
from bakeoff.starting.survey import Survey, survey
from bakeoff.workspace import Workspace

__all__ = ["Drafted", "Wish", "new_experiment"]


@dataclass(frozen=True)
class Wish:
    """What the user said. source: as typed; text, label: columns, guessed where None; encoding: of its files."""

    name: str
    source: str
    text: str | None = None
    label: str | None = None
    model: str = EMBEDDED
    encoding: str | None = None
    force: bool = False
    calibration: bool = True


@dataclass(frozen=True)
class Drafted:
    """What was written. sizes: split -> texts; runs: of the plan; estimate: None without a calibration."""

    file: Path
    survey: Survey
    sizes: dict[str, int]
    runs: int
    estimate: Estimate | None
    refused: dict[str, str] = field(default_factory=dict)


def new_experiment(wish: Wish, workspace: Workspace, *, told: Callable[[str], None] = lambda _: None) -> Drafted:
    """Look at data and write params/<name>.yaml, whole or not at all; raises InputError.

    told: hears what is being done, one phrase each
    """
    file = _free_place(wish, workspace)
    source = _from_the_root(wish.source, workspace)
    told("reading the data")
    seen = _look(wish, source, workspace)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch) / file.name
        _write(place, seen, wish, refused={})
        found = _open(place, file, workspace)
        planned = plan(found, workspace)
        splits = _splits(found, planned)
        sizes = {split: len(splits[split]) for split in ("train", "validation", "test")}
        cost: Estimate | None = None
        refused: dict[str, str] = {}
        if wish.calibration:
            told(f"timing {len(found.methods)} methods on a sample of the texts")
            timings, refused = calibrate(planned, splits)
            if refused:
                _write(place, seen, wish, refused=refused)
                planned = plan(_open(place, file, workspace), workspace)
            cost = estimate(planned, timings, sizes)
        with atomic_path(file) as whole:
            whole.write_bytes(place.read_bytes())
    return Drafted(file, seen, sizes, len(planned.items), cost, refused)


def _free_place(wish: Wish, workspace: Workspace) -> Path:
    if not NAME.fullmatch(wish.name) or wish.name.endswith((".yaml", ".yml")):
        hint = "letters, digits, . _ + - only, a letter first, no .yaml"
        raise BadValue("NAME", f"{wish.name!r} cannot be the name of an experiment", hint=hint)
    file = workspace.root / "params" / f"{wish.name}.yaml"
    if file.exists() and not wish.force:
        raise BadValue(workspace.relative(file), "is there already", hint="another name, or --force to replace it")
    return file


def _from_the_root(source: str, workspace: Workspace) -> str:
    """Spell a path typed in the current folder as the experiment file has to, from the root; others stay."""
    here = Path.cwd() / source
    if not here.exists():
        return source
    path = Path(os.path.normpath(here))  # links stay: the file's own name says what it is
    if Path(source).is_absolute() and not path.is_relative_to(workspace.root):
        return str(path)
    return Path(os.path.relpath(path, workspace.root)).as_posix()


def _look(wish: Wish, source: str, workspace: Workspace) -> Survey:
    from bakeoff.tuning.tables import read_tables

    named: dict[str, Any] = {"text": wish.text} if wish.text else {}
    data = Data(source=source, encoding=wish.encoding or "utf-8", **named)
    tables = read_tables(locate_data(source, workspace=workspace, where="--data"), data)
    return survey(
        {split: table.rename(columns=str) for split, table in tables.items()},
        source=source,
        model=wish.model,
        workspace=workspace,
        text=wish.text,
        label=wish.label,
    )


def _write(place: Path, seen: Survey, wish: Wish, *, refused: dict[str, str]) -> None:
    threads = None if any(path.exists() for path in GPUS) else 1  # a core a run: as many runs side by side
    text = draft(seen, name=wish.name, model=wish.model, threads=threads, encoding=wish.encoding, refused=refused)
    place.write_text(text, encoding="utf-8")


def _open(place: Path, file: Path, workspace: Workspace) -> Experiment:
    return load_experiment(place, shown_as=workspace.relative(file))


def _splits(found: Experiment, planned: Plan) -> Any:
    from bakeoff.tuning.data import load_splits

    run = next(item.run for item in planned.items if item.run)
    return load_splits(found.data, run.located_data)
