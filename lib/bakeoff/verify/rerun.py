"""Level 1: runs made again in a temporary place give the same bits, stage by stage.

Nothing is taken from what the runs left: no checkpoint, no vectors that were kept. Their folders stay as they are.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bakeoff.errors import InputError
from bakeoff.execution.attempt import Attempt
from bakeoff.execution.state import Item
from bakeoff.execution.warm import warm_kernels
from bakeoff.experiment.cells import cells_of
from bakeoff.experiment.model import Experiment
from bakeoff.runs.record import Record
from bakeoff.runs.run import Run, resolve
from bakeoff.runs.verified import Check, Level, Outcome
from bakeoff.system.atomic import scratch_folder
from bakeoff.system.digests import sha256_of
from bakeoff.system.locks import terminable
from bakeoff.system.store import SETTING
from bakeoff.system.workspace import RunFolder
from bakeoff.verify.rerender import here
from bakeoff.verify.stages import alone, answers_apart, first_apart, other_inputs, other_machine, out_of_tune
from bakeoff.verify.target import Target

__all__ = ["Again", "elsewhere", "held", "make_again", "rerun", "settled"]


POLL_S = 0.25
NO_FAULT = ("killed", "memory", "time", "unsupported")
"""Kinds of failures that say something of this machine, not of the run."""


@dataclass(frozen=True)
class Again:
    """A recorded run as it is settled now. experiment: the cell of its file that it belongs to."""

    record: Record
    run: Run
    experiment: Experiment


def rerun(target: Target, records: Sequence[Record], *, told: Callable[[Check], object] = lambda _: None) -> Level:
    """Make runs again and hold each against its record; told: of each as soon as it is checked."""
    checks = []
    with elsewhere(target), terminable(), warm_kernels():
        for record in records:
            check = _checked(target, record)
            file = target.folder / "runs" / record.run_id / "record.json"
            checks.append(check.model_copy(update={"record_sha256": sha256_of(file)}))
            told(check)
    return Level(checks=tuple(checks), where=here())


def _checked(target: Target, record: Record) -> Check:
    name = record.run_id
    try:
        again = settled(target, record)
    except InputError as error:
        return Check(name=name, result="NOT_COMPARABLE", stage="settings", why=f"it cannot be asked for now: {error}")
    if other := other_inputs(record, again.run):
        return Check(name=name, result="NOT_COMPARABLE", stage=other[0], why=other[1])
    if wrong := out_of_tune(record, again.run, RunFolder(target.folder / "runs" / name)):
        return Check(name=name, result="DIVERGED", stage=wrong[0], why=wrong[1])
    folder, made = RunFolder(target.folder / "runs" / name), make_again(target, again)
    check = held(record, made)
    if check.result == "IDENTICAL" and alone(record, folder):
        return check.model_copy(update={"why": "by its record alone, which is all there is of it here"})
    if check.result == "IDENTICAL" and record.status == "ok":
        there = target.workspace.run_folder(target.folder.name, made.run_id)
        if file := answers_apart(record, folder, there):
            why = f"made again, {name}/{file} holds other answers"
            return Check(name=name, result="DIVERGED", stage="predictions", why=why)
    return check


def held(record: Record, made: Record) -> Check:
    """Hold a run that was made again against its record."""
    stage = first_apart(record, made)
    if stage is None:
        return Check(name=record.run_id, result="IDENTICAL")
    failed = made.error if made.status != record.status else None
    why = f"{failed.type}: {failed.message}" if failed else "made again it gives other bits from here on"
    machine = other_machine(record, made)
    of_this_machine = failed is not None and failed.kind in NO_FAULT
    if machine and not failed:
        why = f"made on another machine: {machine}"
    result: Outcome = "NOT_COMPARABLE" if of_this_machine or (machine and not failed) else "DIVERGED"
    return Check(name=record.run_id, result=result, stage=stage, why=why)


def settled(target: Target, record: Record) -> Again:
    """Return what a record's request means now; raises InputError where it cannot be met any more."""
    experiment = target.loaded(record.changes)
    found = [
        Again(record, resolve(record.request, cell.experiment, workspace=target.workspace), cell.experiment)
        for cell in cells_of(experiment)
    ]
    return next((again for again in found if again.run.run_id == record.run_id), found[0])


def make_again(target: Target, again: Again) -> Record:
    """Execute a run where `elsewhere` says; return the record it leaves there."""
    item = Item(again.record.request, again.run, "pending")
    attempt = Attempt(item, again.run, experiment=again.experiment, workspace=target.workspace, limit_s=None, jobs=1)
    try:
        while (outcome := attempt.look()) is None:
            attempt.wait(POLL_S)
    finally:
        attempt.kill()
    assert outcome.record is not None  # nobody else works on it there  # noqa: S101
    return outcome.record


@contextmanager
def elsewhere(target: Target) -> Iterator[Path]:
    """Let this process and its kernels keep runs in a temporary folder, with the choices of the report's sweeps."""
    name = target.folder.name
    with scratch_folder() as scratch:
        if (target.folder / "choices").is_dir():
            shutil.copytree(target.folder / "choices", scratch / name / "choices")
        given = {"BAKEOFF_REPORTS": str(scratch), SETTING: "off"}
        before = {key: os.environ.get(key) for key in given}
        os.environ.update(given)
        try:
            yield scratch
        finally:
            for key, value in before.items():
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value
