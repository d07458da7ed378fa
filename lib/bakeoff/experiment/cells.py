"""The experiments that one file names: its own, and one for each other cell: number of texts, data set, base model.

A cell is the file with one more change, so that whoever reads the file with that change reads the cell. Its runs lie
with all others of the file; a report is made of the file's own cell, and of what lies beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment.grid import BETWEEN, cell_names
from bakeoff.experiment.model import Experiment

__all__ = ["Cell", "Selection", "cells_of", "elsewhere", "searched_in", "seat", "seat_of", "selected", "settled"]


SIZE = "data.split.train"


@dataclass(frozen=True)
class Cell:
    """One of the experiments that a file names. name: what sets it apart, empty for the file's own number of texts."""

    name: str
    experiment: Experiment


@dataclass(frozen=True)
class Selection:
    """What of a file was asked for: names of methods, and cells."""

    methods: frozenset[str]
    cells: tuple[Cell, ...]


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
    """Return every cell of an experiment's file: first the experiment itself, then others, sizes rising."""
    if experiment.cell is not None:
        names = cell_names(experiment.datasets, experiment.models)
        grid = (_at(experiment, name) for name in names if name != experiment.cell)
        return Cell(experiment.cell, experiment), *grid
    sizes = experiment.train_sizes or ()
    others = (size for size in sorted(sizes) if size != experiment.data.split.train)
    return Cell("", experiment), *(Cell(f"{size} texts", _changed(experiment, size)) for size in others)


def searched_in(experiment: Experiment) -> Experiment:
    """Return the cell in which settings are chosen for this one: itself, or of several sizes the largest."""
    return experiment if experiment.train_sizes is None else _of_size(experiment, max(experiment.train_sizes))


def seat(experiment: Experiment, method: str) -> str:
    """Return the part of its cell that a method's runs depend on: a method without a base model knows its data alone.

    One with a tokenizer of its own is the same in all cells with one model. Empty without a grid.
    """
    entry, base = experiment.entry(method), experiment.base_name
    if not entry.method.neural or entry.model is not None:
        base = None
    elif entry.tokenizer is not None:
        alike = (name for name, one in (experiment.models or {}).items() if one.model == experiment.model)
        base = next(alike, base)
    return BETWEEN.join(name for name in (experiment.data_set, base) if name)


def elsewhere(experiment: Experiment, method: str, identity: Mapping[str, Any]) -> bool:
    """Return whether a run was made in another cell of the grid than this one."""
    if experiment.cell is None or method not in experiment.methods:
        return False
    found = zip((experiment.data_set, experiment.base_name), _seats(experiment, method, identity), strict=True)
    return any(names and own is not None and own not in names for own, names in found)


def seat_of(experiment: Experiment, method: str, identity: Mapping[str, Any]) -> str:
    """Return the part of a grid that a run of a method was made in, told from its record; empty where it is none."""
    return BETWEEN.join(names[0] for names in _seats(experiment, method, identity) if names)


def _seats(experiment: Experiment, method: str, identity: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the data sets and base models of a grid that a run may be of; no model for a method with its own."""
    data = {key: value for key, value in (identity.get("data") or {}).items() if key != "sha256"}
    sets = [name for name, one in (experiment.datasets or {}).items() if one.model_dump(mode="json") == data]
    if method in experiment.methods and experiment.entry(method).model is not None:
        return sets, []
    model = identity.get("model") or {}
    tokenizer = (model.get("tokenizer") or {}).get("id")
    like = {name: one.tokenizer for name, one in (experiment.models or {}).items() if one.model == model.get("id")}
    if method in experiment.methods and experiment.entry(method).tokenizer is not None:
        return sets, list(like)
    exact = [name for name, told in like.items() if told == tokenizer]
    return sets, exact or [name for name, told in like.items() if told is None] or list(like)


def selected(experiment: Experiment, only: str | Collection[str]) -> Selection:
    """Return what names of methods, cells, data sets and base models ask for; all where none is named.

    Raises UnknownName.
    """
    only = {only} if isinstance(only, str) else only
    cells, methods = cells_of(experiment), experiment.methods
    names = cell_names(experiment.datasets, experiment.models)
    parts = {name: {name, *(part for part in place if part)} for name, place in names.items()}
    known = set().union(*parts.values())
    for name in only:
        if name not in methods and name not in known:
            kind = "method or cell" if known else "method"
            raise UnknownName("--only", name, {*methods, *known}, kind=kind, where=experiment.file.name)
    wanted = {name for name in only if name in known}
    return Selection(
        frozenset(name for name in only if name in methods) or frozenset(methods),
        tuple(cell for cell in cells if not wanted or wanted & parts[cell.name]),
    )


def _at(experiment: Experiment, name: str) -> Cell:
    """Return a cell of the grid by its name."""
    data, model = cell_names(experiment.datasets, experiment.models)[name]
    update: dict[str, Any] = {"cell": name, "changes": (*experiment.changes, f"cell={name}")}
    if experiment.datasets and data:
        update["data"] = experiment.datasets[data]
    if experiment.models and model:
        base = experiment.models[model]
        update |= {"model": base.model, "tokenizer": base.tokenizer}
    return Cell(name, experiment.model_copy(update=update))


def _changed(experiment: Experiment, size: int) -> Experiment:
    found = _of_size(experiment, size)
    return found.model_copy(update={"changes": (*experiment.changes, f"{SIZE}={size}")})


def _of_size(experiment: Experiment, size: int) -> Experiment:
    split = experiment.data.split.model_copy(update={"train": size, "resample": "train"})
    return experiment.model_copy(update={"data": experiment.data.model_copy(update={"split": split})})
