"""The slices of an experiment's test texts, cut anew from its data: splits keep no column but text and label."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.sources import locate_data
from bakeoff.errors import BadValue, InputError, UnknownName, shown
from bakeoff.experiment.further import Slicing
from bakeoff.experiment.model import Experiment
from bakeoff.system.workspace import Workspace

__all__ = ["MOST_LEVELS", "Cut", "Level", "cuts_of"]


MOST_LEVELS = 12
"""Slices that one column may make; more are no slices but values."""
PARTS = 3
"""Slices by length, where no edges are named: as many texts in each as equal lengths allow."""


@dataclass(frozen=True)
class Level:
    """One slice. value: of its column, None where that has edges or the row no value; low, high: ends, high beyond."""

    value: str | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Cut:
    """The test texts cut in one way: levels in order, and item id -> number of its level."""

    slicing: Slicing
    levels: tuple[Level, ...]
    of: Mapping[str, int]


def cuts_of(experiment: Experiment, *, workspace: Workspace) -> tuple[str, tuple[Cut, ...]]:
    """Return what tells the data that were cut (as `Splits.comparability_sha256`), and every cut that the file names.

    Raises UnknownName or BadValue, a single line about `slices`, for a column that is not there or makes no slices, and
    the InputError of data that cannot be read.
    """
    from bakeoff.data.readers import read_tables
    from bakeoff.data.splits import load_splits

    data = experiment.data
    located = locate_data(data.source, workspace=workspace, config=data.config)
    splits = load_splits(data, located)
    columns = any(one.column is not None for one in experiment.slices)
    table = pd.concat(read_tables(located, data, every=True).values()) if columns else pd.DataFrame()
    test = splits.test.set_index("item_id")
    found = []
    for place, slicing in enumerate(experiment.slices):
        try:
            if slicing.column is None:
                found.append(_by_length(slicing, test["text"]))
            else:
                found.append(_by_column(slicing, table, test.index))
        except InputError as error:
            error.setting = "slices"
            place_ = experiment.place(f"slices.{place}", file=workspace.relative(experiment.file))
            error.where = error.where or shown(place_, limit=100)
            raise
    return splits.comparability_sha256(), tuple(found)


def _by_length(slicing: Slicing, texts: pd.Series) -> Cut:
    words = texts.map(lambda text: float(len(text.split())))
    edges = slicing.edges
    if edges is None:
        shares = np.arange(1, PARTS) / PARTS
        edges = tuple(sorted({float(math.ceil(edge)) for edge in np.quantile(words, shares)} - {words.min()}))
    if not edges:
        reason = f"nearly all test texts have {words.min():.0f} words, which makes no slices by length"
        raise BadValue("slices", reason, hint="name edges, as in {length: [10, 30]}, or leave it out")
    return _binned(slicing, words, edges)


def _by_column(slicing: Slicing, table: pd.DataFrame, items: pd.Index) -> Cut:
    column = slicing.column
    if column not in table.columns:
        raise UnknownName("slices", column, ["length", *map(str, table.columns)], kind="column")
    values = table[column].loc[items]
    if slicing.edges is not None:
        numbers = pd.to_numeric(values, errors="coerce")
        if numbers.isna().all():
            raise BadValue("slices", f"column {column!r} holds no numbers, and edges are of numbers")
        return _binned(slicing, numbers, slicing.edges)
    return _by_value(slicing, values)


def _by_value(slicing: Slicing, values: pd.Series) -> Cut:
    from bakeoff.data.labels import classes_of, spelled

    column = slicing.column
    try:
        distinct = classes_of(values.dropna())
    except TypeError:  # not hashable
        raise BadValue("slices", f"column {column!r} holds lists or objects, which make no slices") from None
    names = list(dict.fromkeys(spelled(value) for value in distinct))
    number = {value: names.index(spelled(value)) for value in distinct}
    levels = [Level(value=name) for name in names]
    if values.isna().any():
        levels.append(Level())
    if len(levels) > MOST_LEVELS:
        reason = f"column {column!r} has {len(levels):,} values among the test texts, {MOST_LEVELS} at most make slices"
        raise BadValue("slices", reason, hint=f"numbers can have edges: {{{column}: [1, 10]}}")
    if len(levels) == 1:
        raise BadValue("slices", f"column {column!r} has one value for all test texts, which makes no slices")
    of = {str(item): number.get(value, len(names)) for item, value in _pairs(values)}
    return Cut(slicing, tuple(levels), of)


def _binned(slicing: Slicing, values: pd.Series, edges: Sequence[float]) -> Cut:
    if len(edges) + 1 > MOST_LEVELS:
        raise BadValue("slices", f"{len(edges)} edges make {len(edges) + 1} slices, {MOST_LEVELS} at most are shown")
    ends = [None, *edges, None]
    levels = [Level(low=low, high=high) for low, high in pairwise(ends)]
    places = np.digitize(values.to_numpy(dtype=float), edges)
    places = np.where(values.isna(), len(levels), places)
    if values.isna().any():
        levels.append(Level())
    return Cut(slicing, tuple(levels), dict(zip(map(str, values.index), places.tolist(), strict=True)))


def _pairs(values: pd.Series) -> list[tuple[Any, Any]]:
    return list(zip(values.index, values.where(values.notna(), None), strict=True))
