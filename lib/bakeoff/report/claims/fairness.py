"""What was not equal between the trained methods, said where they are compared: trials, steps, lengths, models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from bakeoff.report.text import slots
from bakeoff.report.text.numbers import share
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.runs.record import Record
from bakeoff.stats.compare import Comparison, comparable
from bakeoff.study.collect import Collection, Row
from bakeoff.study.sweeps import trials_of

__all__ = ["unequal"]


Groups = tuple[tuple[Any, tuple[str, ...]], ...]
"""A value and the methods that have it, the value of the first method first."""

Read = Callable[[Record], Any]


def unequal(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Name everything in which the compared trained candidates differ besides the method, with the values.

    Of baselines that learn from the texts only trials are told, where there were several.
    """
    known = {one.name for one in comparable(comparison)}
    trained = [row for row in collection.rows if row.name in known and row.records and row.any.trained]
    rows = [row for row in trained if row.any.role != "baseline"]
    # A baseline learns in its own way, but one that was tuned had more than one chance.
    tuned = [row for row in trained if row in rows or trials_of(collection, row) > 1]
    tried = _by_value([(row.name, {trials_of(collection, row)}) for row in tuned])
    trials = _differs("unequal.trials", tried, partial(slots.Count, noun="trial"))
    said = [*trials, *_effort(rows), *_models(rows, comparison.reference)]
    if said:
        runs = tuple(run.run_id for row in tuned for run in row.records)
        yield Statement("fairness", (sentence("unequal"), *said), runs)


def _effort(rows: Sequence[Row]) -> Iterator[Sentence]:
    epochs, steps = _groups(rows, _training("epochs")), _groups(rows, _training("steps"))
    yield from _differs("unequal.epochs", epochs, partial(slots.Count, noun="epoch"))
    if [names for _, names in steps] != [names for _, names in epochs]:  # else the epochs have said it
        yield from _differs("unequal.steps", steps, partial(slots.Count, noun="step"))
    yield from _differs("unequal.batch", _groups(rows, _training("effective_batch")), partial(slots.Count, noun="text"))
    yield from _differs("unequal.length", _groups(rows, _longest), partial(slots.Count, noun="token"))
    yield from _differs("unequal.cut", _groups(rows, _cut), slots.Quote)
    yield from _differs("unequal.pooling", _groups(rows, _training("pooling")), slots.Quote)
    yield from _differs("unequal.dtype", _groups(rows, _training("dtype")), slots.Quote)
    yield from _differs("unequal.weights", _groups(rows, _weights), slots.Setting)


def _training(field: str) -> Read:
    return lambda run: getattr(run.training, field) if run.training else None


def _longest(run: Record) -> int | None:
    return run.inputs.max_length if run.inputs and run.inputs.model_id else None


def _weights(run: Record) -> str:
    return str(run.params.get("class_weights") or "")


def _cut(run: Record) -> str | None:
    """Return the share as it is shown, so that no difference is said that a reader cannot see."""
    found = run.training.truncated_share if run.training else None
    return None if found is None else share(found)


def _base(run: Record) -> tuple[str, bool] | None:
    inputs = run.inputs
    return (inputs.model_id, bool(inputs.model_pretrained)) if inputs and inputs.model_id else None


def _models(rows: Sequence[Row], reference: str | None) -> Iterator[Sentence]:
    """Say that a comparison between base models is not one of methods alone."""
    groups = _groups(rows, _base)
    yield from _differs("unequal.model", groups, slots.Base)
    home = next((value for value, names in groups if reference in names), None)
    away = tuple(name for value, names in groups if value != home for name in names)
    if reference and home and away:
        yield sentence("unequal.model.reference", names=slots.Names(away), b=slots.Name(reference))


def _groups(rows: Sequence[Row], read: Read) -> Groups:
    return _by_value([(row.name, {read(run) for run in row.records}) for row in rows])


def _by_value(values: Sequence[tuple[str, set[Any]]]) -> Groups:
    """Group names by value; what is not known says nothing."""
    found: dict[Any, list[str]] = {}
    for name, own in values:
        for value in sorted((value for value in own if value is not None), key=str):
            found.setdefault(value, []).append(name)
    return tuple((value, tuple(names)) for value, names in found.items())


def _differs(key: str, groups: Groups, form: Callable[[Any], slots.Slot[Any]]) -> Iterator[Sentence]:
    if len(groups) > 1:
        yield sentence(key, groups=slots.Groups(tuple((form(value), names) for value, names in groups)))
