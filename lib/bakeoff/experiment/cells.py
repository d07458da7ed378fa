"""The experiments that one file names: its own, and one for each other number of training texts.

A cell is the file with one more change, so that whoever reads the file with that change reads the cell. Its runs lie
with all others of the file; a report is made of the file's own cell, and of what lies beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bakeoff.errors import BadValue
from bakeoff.experiment.model import Experiment

__all__ = ["Cell", "cells_of", "searched_in", "settled"]


SIZE = "data.split.train"


@dataclass(frozen=True)
class Cell:
    """One of the experiments that a file names. name: what sets it apart, empty for the file's own."""

    name: str
    experiment: Experiment


def settled(experiment: Experiment, where: Callable[[Sequence[object]], str | None]) -> Experiment:
    """Return the file's own cell: of `train_sizes` the one that `data.split.train` names, else the largest.

    Each seed draws its own training texts there, so that fewer are a part of more. Raises BadValue for another size.
    """
    sizes, asked = experiment.train_sizes, experiment.data.split.train
    if sizes is None:
        return experiment
    if asked is not None and asked not in sizes:
        reason, hint = f"{asked} is none of `train_sizes`", "list it there, or leave it out: the largest is taken then"
        raise BadValue(SIZE, reason, where=where(SIZE.split(".")), hint=hint)
    return _of_size(experiment, max(sizes) if asked is None else int(asked))


def cells_of(experiment: Experiment) -> tuple[Cell, ...]:
    """Return every cell of an experiment's file: first the experiment itself, then other sizes, rising."""
    own, sizes = Cell("", experiment), experiment.train_sizes or ()
    others = (size for size in sorted(sizes) if size != experiment.data.split.train)
    return own, *(Cell(f"{size} texts", _changed(experiment, size)) for size in others)


def searched_in(experiment: Experiment) -> Experiment:
    """Return the cell in which settings are chosen for this one: that of the largest size, once for all sizes."""
    return experiment if experiment.train_sizes is None else _of_size(experiment, max(experiment.train_sizes))


def _changed(experiment: Experiment, size: int) -> Experiment:
    found = _of_size(experiment, size)
    return found.model_copy(update={"changes": (*experiment.changes, f"{SIZE}={size}")})


def _of_size(experiment: Experiment, size: int) -> Experiment:
    split = experiment.data.split.model_copy(update={"train": size, "resample": "train"})
    return experiment.model_copy(update={"data": experiment.data.model_copy(update={"split": split})})
