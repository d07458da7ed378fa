"""How fair the contest was: what was not equal between the trained methods, and what tuning them changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import Any

from bakeoff.report.text import slots
from bakeoff.report.text.numbers import share
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.runs.record import Record
from bakeoff.stats.compare import Comparison, Pair, comparable
from bakeoff.study.collect import Collection, Row, base_model, mean
from bakeoff.study.sweeps import trials_of, twins

__all__ = ["turned", "unequal"]


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
    epochs, steps = _groups(rows, _by_steps("epochs")), _groups(rows, _by_steps("steps"))
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


def _by_steps(field: str) -> Read:
    """Read what only the fit loop has: a solver's iterations are no optimizer steps, nor one fit an epoch."""
    read = _training(field)
    return lambda run: read(run) if base_model(run) else None


def _longest(run: Record) -> int | None:
    return run.inputs.max_length if run.inputs and run.inputs.model_id else None


def _weights(run: Record) -> str:
    """Return how classes are weighted, empty for alike; a head without the setting weighs them alike."""
    chosen = run.params.get("class_weights")
    return "" if chosen in (None, "none") else str(chosen)


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


# tuned methods beside themselves ------------------------------------------------------------------------------------


Twins = tuple[Row, Row]
"""A tuned method, and the same at the settings it is declared with."""


def turned(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Hold tuned methods against themselves at declared settings, and say where two of them change places."""
    known = {one.name for one in comparison.methods}
    pairs = [pair for pair in twins(collection) if {row.name for row in pair} <= known]
    if not pairs:
        return
    rows = sentence("tuned.rows", names=slots.Names(tuple(plain.name for _, plain in pairs)))
    said = [rows, *_gains(comparison, pairs), *_order(comparison, pairs)]
    yield Statement("tuning", tuple(said), tuple(run.run_id for pair in pairs for row in pair for run in row.records))


def _gains(comparison: Comparison, pairs: Sequence[Twins]) -> Iterator[Sentence]:
    """Sort methods by what the test says of tuning, those with the same correction together."""
    found: dict[str, dict[int, list[str]]] = {}
    for tuned, plain in pairs:
        pair = comparison[tuned.name, plain.name]
        if pair.difference is not None:
            outcome = "better" if pair.better == tuned.name else "worse" if pair.better else str(pair.relation)
            groups = found.setdefault(f"{outcome}.{pair.scope}", {})
            groups.setdefault(comparison.corrected_for(pair.family), []).append(tuned.name)
    for outcome in sorted(found, key=_OUTCOMES.index):
        methods = slots.Corrected(tuple((tuple(names), n) for n, names in found[outcome].items()))
        margin = {"margin": slots.Gap(comparison.margin)} if outcome.startswith("equivalent") else {}
        yield sentence(f"tuned.{outcome}", methods=methods, **margin)


_OUTCOMES = [
    f"{outcome}.{scope}"
    for outcome in ("better", "worse", "equivalent", "not_settled")
    for scope in ("methods", "models")
]


def _order(comparison: Comparison, pairs: Sequence[Twins]) -> Iterator[Sentence]:
    """Name the pairs of methods of which tuning changes which is ahead on validation, the one ahead at first first."""
    metric, sign = comparison.metric, comparison.sign
    if len(pairs) < 2:  # noqa: PLR2004
        return
    means = {row.name: mean(row.quality(metric, split="validation")) for pair in pairs for row in pair}
    settled: list[tuple[str, str]] = []
    open_: list[tuple[str, str]] = []
    for one, other in combinations(pairs, 2):
        before, after = (_lead(means, one[at].name, other[at].name, sign) for at in (1, 0))
        if before is None or after is None or before * after >= 0:
            continue
        ahead, behind = (one, other) if before > 0 else (other, one)
        sure = _better(comparison, ahead[1], behind[1]) and _better(comparison, behind[0], ahead[0])
        (settled if sure else open_).append((ahead[0].name, behind[0].name))
    names: dict[str, slots.Slot[object]] = {"metric": slots.Metric(metric)}
    if not settled and not open_:
        yield sentence("order.kept", names=slots.Names(tuple(tuned.name for tuned, _ in pairs)), **names)
        return
    yield sentence("order.turned", pairs=slots.Pairs((*settled, *open_)), **names)
    if settled:
        yield sentence("order.settled", pairs=slots.Pairs(tuple(settled)))
    if open_:
        yield sentence("order.open", pairs=slots.Pairs(tuple(open_)))


def _lead(means: dict[str, float | None], one: str, other: str, sign: int) -> float | None:
    first, second = means[one], means[other]
    return None if first is None or second is None else sign * (first - second)


def _better(comparison: Comparison, one: Row, other: Row) -> bool:
    """Return whether the tests settle that a method is better, as a method and not only as trained here."""
    pair: Pair = comparison[one.name, other.name]
    return pair.better == one.name and pair.scope == "methods"
