"""The looks that were taken at an experiment: each report is written down, and the next one knows of it.

`looks.jsonl` in the folder of an experiment's reports holds one line per report that saw something new.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from bakeoff.errors import InputError, RecordError
from bakeoff.experiment.model import Experiment
from bakeoff.stats.inputs import Contender
from bakeoff.stats.sequential import Look
from bakeoff.system.atomic import atomic_path
from bakeoff.system.digests import bytes_of, canonical_sha256
from bakeoff.system.workspace import ON_THE_WAY

__all__ = ["keep_look", "look_at", "read_looks", "taking_look"]

FILE = "looks.jsonl"
LOOK = TypeAdapter(Look)


def look_at(experiment: Experiment, contenders: Sequence[Contender]) -> Look | None:
    """Return what a report on these contenders sees; None where there is nothing to compare."""
    if not contenders:
        return None
    anchor = next((one for one in contenders if one.name == experiment.compare.reference), contenders[0])
    grid = experiment.cell is not None  # whichever cell a report is about, it shows all of them: one design
    return Look(
        methods=tuple(sorted(one.name for one in contenders)),
        seeds=max(len(one.seeds) for one in contenders),
        items=0 if grid else len(anchor.item_ids),
        metric=experiment.compare.metric,
        reference=experiment.compare.reference,
        split=_cells_sha256(experiment) if grid else anchor.comparability,
        tests=tuple(sorted(experiment.tests)),
        seeds_at_most=max(experiment.compare.seeds_at_most or 0, len(experiment.seeds)),
    )


def _cells_sha256(experiment: Experiment) -> str:
    """Return the identity of a grid: its data sets and base models."""
    axes = {"datasets": experiment.datasets, "models": experiment.models}
    parts = {
        key: {name: one.model_dump(mode="json") for name, one in (axis or {}).items()} for key, axis in axes.items()
    }
    return canonical_sha256(parts)


def read_looks(folder: Path) -> list[Look]:
    """Return the looks taken so far, in order; raises RecordError for a line that is none."""
    file = folder / FILE
    try:
        lines = bytes_of(file).decode("utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(file, f"cannot be read: {error}") from None
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(LOOK.validate_json(line, strict=True, extra="forbid"))
        except ValueError:
            raise RecordError(file, f"line {number} is no look at the experiment") from None
    return found


@contextmanager
def taking_look(folder: Path, look: Look | None) -> Iterator[None]:
    """Write a look down as `keep_look` does, first: what an interrupted report has shown is seen all the same.

    Taken back where what is inside ends in an error, and so has shown nothing.
    """
    before = read_looks(folder)
    keep_look(folder, look)
    try:
        yield
    except Exception:
        if before:
            _write(folder, before)
        else:
            (folder / FILE).unlink(missing_ok=True)
        raise


def keep_look(folder: Path, look: Look | None) -> None:
    """Write a look down, whole or not at all, unless it was before: the same again is no second look.

    Raises InputError for one that counts in a report that `bakeoff run` writes on its way: nobody has asked for that.
    """
    if look is not None and look.counts and os.environ.get(ON_THE_WAY):
        raise InputError("report", "by now it would count as a look")
    looks = read_looks(folder)
    if look is None or look in looks:
        return
    _write(folder, (*looks, look))


def _write(folder: Path, looks: Sequence[Look]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(_told(one), ensure_ascii=False) + "\n" for one in looks]
    with atomic_path(folder / FILE) as scratch:
        scratch.write_text("".join(lines), encoding="utf-8", newline="\n")


def _told(look: Look) -> dict[str, object]:
    """Return a look as its line has it; one at no further test set says nothing of any."""
    return {key: value for key, value in asdict(look).items() if key != "tests" or value}
