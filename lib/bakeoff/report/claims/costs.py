"""Statements about what quality cost: how a sweep was settled; parameters, time and memory against the reference.

Each function is one condition: it reads rows and comparison and returns the statements that hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bakeoff.metrics.classification import metric_named
from bakeoff.report.text import slots
from bakeoff.report.text.labels import TIME, TRAINABLE, memory
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.runs.choice import label
from bakeoff.runs.record import Sweep
from bakeoff.stats.compare import Comparison
from bakeoff.stats.uncertainty import CONFIDENCE, Uncertainty, mean_of
from bakeoff.study.collect import Collection, Row, base_model, mean
from bakeoff.study.comparability import ROOM, doubt, shares, unlike
from bakeoff.study.sweeps import at_edge, of_two

__all__ = ["costs", "sweeps"]


def sweeps(collection: Collection) -> Iterator[Statement]:
    """Say how hyperparameters were chosen, and whether the choice lies at the end of what was tried."""
    for row in collection.rows:
        sweep = collection.choices.get(row.method) or next((run.sweep for run in row.records if run.sweep), None)
        if sweep is None:
            continue
        tried: dict[str, slots.Slot[Any]] = (
            {} if sweep.drawn else {"tried": slots.Trials(tuple(sweep.validation.items()))}
        )
        if sweep.stopped:
            tried["whole"] = slots.Count(len(sweep.validation), "trial")
        kind = "sweep.halved" if sweep.stopped else "sweep.drawn" if sweep.drawn else "sweep"
        said = [
            sentence(
                kind, a=slots.Name(row.name), metric=slots.Metric(sweep.metric),
                chosen=slots.Settings(sweep.chosen), trials=slots.Count(len(sweep.trials), "trial"), **tried,
            )
        ]  # fmt: skip
        scores = list(sweep.validation.values())
        won = sweep.validation.get(label(sweep.chosen))
        if won is not None and scores.count(won) > 1:
            said.append(sentence("sweep.tied", metric=slots.Metric(sweep.metric)))
        tuned = sorted({trial.seed for trial in collection.sweeps.get(row.method, ())})
        if tuned and not (row.records and row.any.deterministic):
            said.append(sentence("sweep.seed", seeds=slots.Seeds(tuple(tuned))))
        # Between the choice and its first run only the trials have settings to read.
        known = next(iter((*row.records, *row.failures, *collection.sweeps.get(row.method, ()))), None)
        said += [*_edge(sweep), *_scale(row, sweep, known.params if known else {})]
        yield Statement("sweep", tuple(said), sweep.trials)


def _edge(sweep: Sweep) -> Iterator[Sentence]:
    edge = at_edge(sweep)
    if edge:
        yield sentence("sweep.edge", chosen=slots.Settings({key: sweep.chosen[key] for key in edge}))
    for name in of_two(sweep):
        yield sentence("sweep.two", name=slots.Setting(name))


def _scale(row: Row, sweep: Sweep, params: Mapping[str, Any]) -> Iterator[Sentence]:
    """Name a sweep over ranks at a fixed alpha, which is divided by the rank: two things were varied then, not one.

    params: the method's hyperparameters, of any of its runs
    """
    if "rank" in sweep.grid and "alpha" not in sweep.grid and "alpha" in params:
        yield sentence("sweep.scale", a=slots.Name(row.name), fixed=slots.Settings({"alpha": params["alpha"]}))


_NAMING = ("cost.parameters", "cost.reached", "cost.equivalent", "cost.not_settled", "cost.elsewhere", "cost.busy")
"""Sentences that name both methods; one of these or `cost.names` comes first."""


def costs(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Hold the cost of each trained candidate against the reference's, raw values on both sides."""
    reference = collection.reference
    if reference is None:
        return
    intervals: list[str] = []
    for row in collection.rows:
        if not row.records or row is reference or row.any.role == "baseline" or not row.any.trained:
            continue
        measured = [*_measurements(row, reference, collection)]
        said = [*_parameters(row, reference, collection, comparison), *measured]
        if said and not said[0].key.startswith(_NAMING):
            said.insert(0, sentence("cost.names", a=slots.Name(row.name), b=slots.Name(reference.name)))
        if said:
            runs = tuple(record.run_id for one in (row, reference) for record in one.records)
            yield Statement("cost", tuple(said), runs)
        intervals += [row.name for one in said if "interval" in one.slots]
    if len(intervals) > 1:
        alone = sentence("cost.alone", number=slots.Count(len(intervals)), confidence=slots.Level(CONFIDENCE))
        names = {*intervals, reference.name}
        runs = tuple(record.run_id for row in collection.rows if row.name in names for record in row.records)
        yield Statement("cost", (alone,), runs)


_PREDICTION, _MILLISECOND = "inference_ms_per_item", 0.001


def _measurements(row: Row, reference: Row, collection: Collection) -> Iterator[Sentence]:
    """Compare time and memory as far as they were measured under the same conditions; else say what differed."""
    names: dict[str, slots.Slot[Any]] = {"a": slots.Name(row.name), "b": slots.Name(reference.name)}
    apart = unlike(row.records, reference.records)
    if apart:
        yield sentence("cost.elsewhere", what=slots.Conditions(apart), **names)
        return
    doubted = doubt((*row.records, *reference.records), TIME.field)
    if doubted is None:
        yield from _measured(row, reference, field=TIME.field, form=slots.Duration, key="time")
        yield from _search(row, reference, collection)
    elif row.cost(TIME.field) and reference.cost(TIME.field):
        got = {} if doubted == "unknown" else {"own": _shares(row), "theirs": _shares(reference)}
        yield sentence(f"cost.busy.{doubted}", **names, **got)
    yield from _epochs(row, reference)
    if doubt((*row.records, *reference.records), memory(collection).field) is None:
        held = memory(collection).field
        yield from _measured(row, reference, field=held, form=slots.Size, key=_memory_key(collection))
    if doubt((*row.records, *reference.records), _PREDICTION) is None:
        yield from _measured(row, reference, field=_PREDICTION, form=slots.Duration, key="predict")


def _search(row: Row, reference: Row, collection: Collection) -> Iterator[Sentence]:
    """Give what one run takes together with the search for its settings, where one of the two was searched for."""
    trials = [collection.sweeps.get(one.method, ()) for one in (row, reference)]
    tried = [_tried(one, collection) for one in (row, reference)]
    names: dict[str, slots.Slot[Any]] = {
        "a": slots.Name(row.name), "b": slots.Name(reference.name), "own_trials": slots.Count(tried[0], "trial"),
        "their_trials": slots.Count(tried[1], "trial"),
    }  # fmt: skip
    own, theirs = (mean(one.cost(TIME.field)) for one in (row, reference))
    if not any(tried) or own is None or theirs is None:
        return
    runs = [*row.records, *reference.records, *trials[0], *trials[1]]
    spent = [[run.cost.train_s for run in found if run.cost and run.cost.train_s is not None] for found in trials]
    if [len(found) for found in spent] != tried or doubt(runs, TIME.field):
        yield sentence("cost.search.unknown", **names)
        return
    names |= {"own": slots.Duration(own + sum(spent[0])), "theirs": slots.Duration(theirs + sum(spent[1]))}
    yield sentence("cost.search", **names)


def _tried(row: Row, collection: Collection) -> int:
    """Return how many trials a row's settings were chosen from."""
    settled = collection.choices.get(row.method) or next((run.sweep for run in row.records if run.sweep), None)
    return len(settled.trials) if settled else 0


def _shares(row: Row) -> slots.Range:
    return slots.Range(shares(row.records, TIME.field), slots.Share)


def _memory_key(collection: Collection) -> str:
    return "gpu" if memory(collection).field.startswith("gpu") else "memory"


def _parameters(row: Row, reference: Row, collection: Collection, comparison: Comparison) -> Iterator[Sentence]:
    """Give the parameters of both, with the quality of both where the test says what became of it."""
    own, theirs = mean(row.cost(TRAINABLE.field)), mean(reference.cost(TRAINABLE.field))
    if own is None or theirs is None:
        return
    held: dict[str, slots.Slot[Any]] = {
        "a": slots.Name(row.name), "b": slots.Name(reference.name), "own": slots.Parameters(own),
    }  # fmt: skip
    if theirs == 0:
        yield sentence("cost.parameters.none", **held)
        return
    held |= {"theirs": slots.Parameters(theirs), "share": slots.Share(own / theirs)}
    key = _break_even(row, reference, collection, comparison) if own < theirs else None
    if key is None:
        yield sentence("cost.parameters", **held)
        return
    first, second = comparison.method(row.name), comparison.method(reference.name)
    ratio, floor = first.mean / second.mean, next(iter(_majorities(collection, comparison)), None)
    if floor and key == "reached":
        least = comparison.method(floor).mean
        key, ratio = "reached.floor", (first.mean - least) / (second.mean - least)
        held |= {"c": slots.Name(floor), "floor": slots.Fraction(least)}
    family = comparison.pair(row.name, reference.name).family
    quality: dict[str, slots.Slot[Any]] = {
        "metric": slots.Metric(comparison.metric), "margin": slots.Gap(comparison.margin),
        "quality": slots.Fraction(first.mean), "other_quality": slots.Fraction(second.mean),
        "runs": slots.Count(len(row.records), "run"), "other_runs": slots.Count(len(reference.records), "run"),
        "ratio": slots.Percent(ratio), "comparisons": slots.Count(comparison.corrected_for(family), "comparison"),
    }  # fmt: skip
    yield sentence(f"cost.{key}", **held, **quality)


def _break_even(row: Row, reference: Row, collection: Collection, comparison: Comparison) -> str | None:
    """Return what can be said of quality kept at fewer parameters; None where nothing can.

    A ratio needs the same base model, a difference that the test sees, and two methods that learned more than the
    majority class; without such a difference it is said that there was none to see, not how near the two are.
    """
    known = {one.name for one in comparison.methods}
    if not known >= {row.name, reference.name} or base_model(row.any) != base_model(reference.any):
        return None
    pair = comparison.pair(row.name, reference.name)
    if pair.difference is None or pair.scope != "methods" or not comparison.method(reference.name).mean:
        return None
    for name in _majorities(collection, comparison):
        if any(comparison.pair(one.name, name).better != one.name for one in (row, reference) if one.name != name):
            return None
    if not pair.better:
        return pair.relation
    known_as = metric_named(comparison.metric)
    rises = known_as.unit == "pp" and known_as.higher_is_better  # what has no zero to rise from has no ratio
    return "reached" if rises else None


def _majorities(collection: Collection, comparison: Comparison) -> list[str]:
    known = {one.name for one in comparison.methods}
    return [row.name for row in collection.rows if row.name in known and row.records and row.any.kind == "majority"]


def _epochs(row: Row, reference: Row) -> Iterator[Sentence]:
    """Compare epochs, where the two had different numbers of them."""
    ours, others = (
        list({run.training.epochs for run in one.records if run.training and run.training.epochs is not None})
        for one in (row, reference)
    )
    if len(ours) == len(others) == 1 and ours != others:
        yield sentence(
            "cost.epochs", a=slots.Name(row.name), b=slots.Name(reference.name), own=slots.Count(ours[0], "epoch"),
            theirs=slots.Count(others[0], "epoch"),
        )  # fmt: skip


def _measured(row: Row, reference: Row, *, field: str, form: type[slots.Slot[float]], key: str) -> Iterator[Sentence]:
    """Compare means over runs; less or more is said only where the interval of their ratio lies well below or above 1.

    One computation repeated takes a few per cent more or less of time and memory on another day, which its own runs do
    not show: hence `ROOM`.
    """
    unit = _MILLISECOND if field == _PREDICTION else 1
    own, theirs = ([unit * value for value in one.cost(field)] for one in (row, reference))
    if not own or not theirs:
        return
    low, high = _ratio(own, theirs)
    apart = max(own) <= ROOM * min(theirs) or max(theirs) <= ROOM * min(own)
    if high <= ROOM or low >= 1 / ROOM:
        outcome = "less" if high <= ROOM else "more"
    elif apart or min(len(own), len(theirs)) == 1:
        outcome = "single"
    else:
        outcome = "near" if max(own) < min(theirs) or max(theirs) < min(own) else "overlap"
    by: dict[str, slots.Slot[Any]] = {}
    if key == "predict" and outcome not in ("less", "more"):
        return  # what is no news stands in the table of runs
    if outcome in ("less", "more"):
        ratio = sum(own) * len(theirs) / (sum(theirs) * len(own))
        by = {
            "by": slots.Percent(abs(ratio - 1)), "confidence": slots.Level(CONFIDENCE),
            "interval": slots.Range((abs(low - 1), abs(high - 1)), slots.Percent),
        }  # fmt: skip
    yield sentence(
        f"cost.{key}.{outcome}", a=slots.Name(row.name), b=slots.Name(reference.name),
        own=slots.Range(own, form), theirs=slots.Range(theirs, form), **by,
    )  # fmt: skip


def _ratio(own: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """Return the interval of the ratio of two means, from logarithms (Howe 1974); everything where it is unknown."""
    if min(len(own), len(theirs)) == 1 or min(*own, *theirs) <= 0:
        return 0.0, math.inf
    logs = [[math.log(value) for value in values] for values in (own, theirs)]
    gap = sum(logs[0]) / len(own) - sum(logs[1]) / len(theirs)
    reach = Uncertainty(tuple(mean_of(values) for values in logs)).reach((1 - CONFIDENCE) / 2)
    return math.exp(gap - reach), math.exp(gap + reach)
