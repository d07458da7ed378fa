"""`bakeoff new`: look at a file, draft an experiment, estimate its cost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bakeoff.data.contents import ending_of
from bakeoff.data.schema import Data
from bakeoff.data.sources import SPLIT_NAMES, locate_data, readable, split_of
from bakeoff.draft.calibrate import Timing
from bakeoff.draft.estimate import Estimate, calibrate, estimate
from bakeoff.draft.file import Wish, draft
from bakeoff.draft.scale import FEWEST_SEEDS, WHOLE, Extent, Scale, fitting
from bakeoff.draft.survey import Survey, refuse_row_as_header, survey
from bakeoff.errors import BadValue, InputError, shown
from bakeoff.execution.plan import Plan, plan
from bakeoff.execution.resources import gpu_there
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.messages import complaint
from bakeoff.experiment.model import Experiment
from bakeoff.system.atomic import atomic_path, scratch_folder
from bakeoff.system.names import NAME, reserved
from bakeoff.system.workspace import Workspace

__all__ = ["Drafted", "as_options", "new_experiment"]


UNTIMED = Extent(Scale(seeds=FEWEST_SEEDS, trials=0), five="say more; how long they take was not measured")
HEADED = (".csv", ".tsv", ".txt", ".xlsx")
OPTIONS = {
    "data.config": "--config",
    "data.encoding": "--encoding",
    "data.header": "--no-header",
    "data.label.column": "--label",
    "data.separator": "--separator",
    "data.source": "--data",
    "data.text": "--text",
    "model": "--model",
}


@contextmanager
def as_options() -> Iterator[None]:
    """Let an InputError of the body speak of options in place of settings."""
    try:
        yield
    except InputError as error:
        error.options = OPTIONS
        raise


@dataclass(frozen=True)
class Drafted:
    """What was written.

    sizes: split -> texts; runs: of the plan; estimate: None where nothing was timed
    refused: method -> why this model cannot do it; untimed: method -> why its timing failed, which says nothing of runs
    given_up: lines on what was given up for the time there is
    """

    file: Path
    survey: Survey
    sizes: dict[str, int]
    runs: int
    estimate: Estimate | None
    refused: dict[str, str] = field(default_factory=dict)
    untimed: dict[str, str] = field(default_factory=dict)
    given_up: tuple[str, ...] = ()


@as_options()
def new_experiment(wish: Wish, workspace: Workspace, *, told: Callable[[str], None] = lambda _: None) -> Drafted:
    """Look at data and write params/<name>.yaml, whole or not at all; raises InputError.

    told: hears what is being done, one phrase each
    """
    from bakeoff.data.splits import load_splits

    file = _free_place(wish, workspace)
    sources = {split: _from_the_root(name, workspace) for split, name in _splits_given(wish.source).items()}
    source = sources.get("all", sources)
    wish = replace(wish, source=source, model=_from_the_root(wish.model, workspace))
    told("reading the data")
    seen = _look(wish, workspace)
    with scratch_folder() as scratch:
        place = scratch / file.name

        def written(extent: Extent) -> tuple[Experiment, Plan]:
            _write(place, seen, wish, refused=refused, extent=extent)
            found = load_experiment(place, shown_as=workspace.relative(file), root=workspace.root)
            return found, plan(found, workspace)

        cost: Estimate | None = None
        refused: dict[str, str] = {}
        untimed: dict[str, str] = {}
        extent = Extent() if wish.calibration else UNTIMED
        found, planned = written(extent)
        splits: Any = load_splits(found.data, next(item.run.located_data for item in planned.items if item.run))
        sizes = {split: len(splits[split]) for split in ("train", "validation", "test")}
        if wish.calibration:
            told(f"timing {len(found.methods)} methods on a sample of the texts")
            timings, refused, untimed = calibrate(planned, splits)
            told("fitting the comparison into the time")
            extent, sizes, cost = _fitted(written, timings, sizes, wish.minutes) if timings else (UNTIMED, sizes, None)
            _, planned = written(extent)
        with atomic_path(file) as whole:
            whole.write_bytes(place.read_bytes())
    return Drafted(file, seen, sizes, len(planned.items), cost, refused, untimed, extent.given_up)


def _fitted(
    written: Callable[[Extent], tuple[Experiment, Plan]],
    timings: Mapping[str, Timing],
    whole: Mapping[str, int],
    minutes: float,
) -> tuple[Extent, dict[str, int], Estimate]:
    """Return the largest comparison that fits, with its sizes and cost; `written` drafts one and plans it."""
    costs: dict[Scale, Estimate] = {}

    def extent_of(scale: Scale) -> Extent:
        return Extent(scale, scale.sizes(whole) if scale.most else None)

    def seconds(scale: Scale) -> float | None:
        from bakeoff.data.splits import load_splits

        try:
            found, planned = written(extent_of(scale))
            if scale.most:  # every class has room in splits of these sizes
                load_splits(found.data, next(item.run.located_data for item in planned.items if item.run))
        except InputError:
            if scale == WHOLE:  # no smaller one is drafted then
                raise
            return None
        costs[scale] = estimate(planned, timings, scale.sizes(whole))
        return costs[scale].seconds

    scale, given_up = fitting(whole, seconds, most_s=minutes * 60)
    cost, five = costs[scale], costs[WHOLE]
    said = None if scale == WHOLE else f"say more: {five.runs} runs, about {five.seconds / 60:.0f} minutes here"
    return (
        replace(extent_of(scale), five=said, given_up=tuple(_in_words(cost, given_up, minutes))),
        scale.sizes(whole),
        cost,
    )


def _in_words(cost: Estimate, given_up: Mapping[str, float], minutes: float) -> Iterator[str]:
    """Say how long it takes and what more time would buy."""
    about = f"about {_minutes(cost.seconds)} by this machine's timing"
    if cost.seconds > minutes * 60:
        yield f"Drafted for {minutes:g} minutes (--minutes), and it takes {about}: there is nothing smaller to draft."
    else:
        yield f"Drafted for {minutes:g} minutes (--minutes): {about}."
    if given_up:
        yield "Given up for that, first to last; more time buys it back from the end of this list:"
        yield from (f"- {what} {_minutes(s)}" for what, s in given_up.items())


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"  # noqa: PLR2004


def _free_place(wish: Wish, workspace: Workspace) -> Path:
    if not NAME.fullmatch(wish.name) or wish.name.endswith((".yaml", ".yml")):
        hint = "letters, digits, . _ + - only, a letter first, no .yaml"
        raise BadValue("NAME", f"{wish.name!r} cannot be the name of an experiment", hint=hint)
    if (reason := reserved(wish.name)) is not None:
        raise BadValue(
            "NAME", f"{wish.name!r} cannot be the name of an experiment: {reason}", hint="choose another name"
        )
    file = workspace.root / "params" / f"{wish.name}.yaml"
    if file.exists() and not wish.force:
        raise BadValue(workspace.relative(file), "is there already", hint="another name, or --force to replace it")
    return file


def _splits_given(source: str | Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    """Return split -> what was named for it, by `train=a.csv` or by the file's name; "all" -> the one thing named."""
    if isinstance(source, str | Mapping):
        return {"all": source} if isinstance(source, str) else dict(source)
    if len(source) == 1:
        return {"all": source[0]}
    found: dict[str, str] = {}
    for name in source:
        told, equals, path = name.partition("=")
        split = SPLIT_NAMES.get(told.lower()) if equals else split_of(Path(name).name)
        if split is None or split in found:
            what = "is not named for a split" if split is None else f"is a second file of {split}"
            one = "a split is one file, so put its parts together; " if split else ""
            hint = f"{one}name a folder, or the files as in --data train=a.csv --data test=b.csv"
            raise BadValue("--data", f"given {len(source)} times, and {shown(Path(name).name)} {what}", hint=hint)
        found[split] = path if equals else name
    return found


def _from_the_root(name: str, workspace: Workspace) -> str:
    """Spell a path typed in the current folder as the experiment file has to, from the root; other names stay."""
    here = Path.cwd() / name
    # A file that is nowhere is missed where it was meant to be, so that its neighbours are listed.
    nowhere = readable(name) and "://" not in name and not (workspace.root / name).exists()
    if not here.exists() and not nowhere:
        return name
    path = Path(os.path.normpath(here))  # links stay: the file's own name says what it is
    if Path(name).is_absolute() and not path.is_relative_to(workspace.root):
        return str(path)
    return Path(os.path.relpath(path, workspace.root)).as_posix()


def _look(wish: Wish, workspace: Workspace) -> Survey:
    from bakeoff.data.readers import read_tables

    given: dict[str, Any] = {**wish.reading, "text": wish.text[0] if len(wish.text) == 1 else wish.text or None}
    try:
        data = Data.model_validate({key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        raise complaint(error, Data, where=lambda _: None, prefix=["data"]) from None
    located = locate_data(data.source, config=wish.config, workspace=workspace)
    tables = read_tables(located, data, every=True)
    if wish.header and not (wish.text and wish.label):
        for split, path in located.files.items():
            if located.layout == "table" and ending_of(path) in HEADED:
                refuse_row_as_header(tables[split])
    return survey(
        {split: table.rename(columns=str) for split, table in tables.items()},
        model=wish.model,
        workspace=workspace,
        text=wish.text,
        label=wish.label,
    )


def _write(place: Path, seen: Survey, wish: Wish, *, refused: dict[str, str], extent: Extent) -> None:
    threads = None if gpu_there() else 1  # a core a run: as many runs side by side
    place.write_text(draft(seen, wish, threads=threads, refused=refused, extent=extent), encoding="utf-8", newline="\n")
