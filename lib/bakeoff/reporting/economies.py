"""Statements about what quality cost: how a sweep was settled; parameters, time and memory against the reference.

Each function is one condition: it reads rows of a collection and returns the statements that hold. `conclusions`
calls them in the order in which they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.record import Record, Sweep
from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.quantities import TIME, TRAINABLE, Quantity, mean, memory
from bakeoff.reporting.sentences import Form, Sentence, Statement, count, sentence

__all__ = ["costs", "sweeps"]

MACHINE = ("device", "device_name", "cpu_model", "threads", "runs_at_a_time")


def sweeps(collection: Collection) -> Iterator[Statement]:
    """Say how hyperparameters were chosen, and whether the choice lies at the end of what was tried."""
    for row in collection.rows:
        sweep = collection.choices.get(row.method) or next((run.sweep for run in row.records if run.sweep), None)
        if sweep is None:
            continue
        said = [
            sentence(
                "sweep", a=("name", row.name), metric=("metric", sweep.metric), chosen=("settings", sweep.chosen),
                tried=("trials", tuple(sweep.validation.items())),
            )
        ]  # fmt: skip
        said += _edge(sweep)
        yield Statement("sweep", tuple(said), sweep.trials)


def _edge(sweep: Sweep) -> Iterator[Sentence]:
    if sweep.at_edge:
        yield sentence("sweep.edge", chosen=("settings", {key: sweep.chosen[key] for key in sweep.at_edge}))


def costs(collection: Collection) -> Iterator[Statement]:
    """Hold the cost of each trained candidate against the reference's, raw values on both sides."""
    reference = collection.reference
    if reference is None:
        return
    for row in collection.rows:
        if not row.records or row is reference or row.any.role == "baseline" or not row.any.trained:
            continue
        said = [*_parameters(row, reference)]
        if _machines(row.records) | _machines(reference.records) == _machines(reference.records[:1]):
            said += _measured(row, reference, quantity=TIME, form="duration", key="time")
            said += _epochs(row, reference)
            said += _measured(row, reference, quantity=memory(collection), form="size", key=_memory_key(collection))
        else:
            said.append(sentence("cost.elsewhere", a=("name", row.name), b=("name", reference.name)))
        if said:
            runs = tuple(record.run_id for one in (row, reference) for record in one.records)
            yield Statement("cost", tuple(said), runs)


def _memory_key(collection: Collection) -> str:
    return "gpu" if memory(collection).field.startswith("gpu") else "memory"


def _machines(records: Sequence[Record]) -> set[tuple[str, ...]]:
    return {tuple(str(record.environment.get(key)) for key in MACHINE) for record in records}


def _parameters(row: Row, reference: Row) -> Iterator[Sentence]:
    own, theirs = mean(row.cost(TRAINABLE.field)), mean(reference.cost(TRAINABLE.field))
    if own is not None and theirs:
        yield sentence(
            "cost.parameters", a=("name", row.name), b=("name", reference.name), own=("parameters", own),
            theirs=("parameters", theirs), share=("share", own / theirs),
        )  # fmt: skip


def _epochs(row: Row, reference: Row) -> Iterator[Sentence]:
    """Say so where the two did not see the training texts equally often."""
    own = {record.training.epochs for record in row.records if record.training}
    theirs = {record.training.epochs for record in reference.records if record.training}
    if len(own) == len(theirs) == 1 and own != theirs:
        yield sentence(
            "cost.epochs", a=("name", row.name), b=("name", reference.name), own=count(own.pop(), "epoch"),
            theirs=count(theirs.pop(), "epoch"),
        )  # fmt: skip


def _measured(row: Row, reference: Row, *, quantity: Quantity, form: Form, key: str) -> Iterator[Sentence]:
    """Compare ranges over runs; less or more is said only where they lie apart and each rests on several runs."""
    own, theirs = row.cost(quantity.field), reference.cost(quantity.field)
    if not own or not theirs:
        return
    if min(len(own), len(theirs)) == 1:
        outcome = "single"
    elif max(own) < min(theirs):
        outcome = "less"
    elif min(own) > max(theirs):
        outcome = "more"
    else:
        outcome = "overlap"
    yield sentence(
        f"cost.{key}.{outcome}", a=("name", row.name), b=("name", reference.name),
        own=("range", ((form, min(own)), (form, max(own)))),
        theirs=("range", ((form, min(theirs)), (form, max(theirs)))),
    )  # fmt: skip
