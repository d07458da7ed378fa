"""What a sweep or a search tried and chose, as plain data for tables and figures.

Everything comes from validation: a trial has no test result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bakeoff.runs.record import Record, Sweep
from bakeoff.study.collect import TRAIN_TIME, Collection, Row, mean

__all__ = ["Search", "SweepResult", "Tried", "at_edge", "of_two", "searches", "sweep_results", "trials_of", "twins"]


@dataclass(frozen=True)
class SweepResult:
    """One sweep. name: what was varied; scores: value tried -> metric on validation (None: the trial failed).

    chosen: one of `scores`, None while undecided; at_edge, of_two: settings, as `at_edge` and `of_two` have them;
    trials: value tried -> run id; seeds: that the trials ran with
    """

    method: str
    name: str
    metric: str
    scores: dict[str, float | None]
    chosen: str | None
    at_edge: tuple[str, ...]
    of_two: tuple[str, ...]
    trials: dict[str, str]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Tried:
    """One trial of a search. score: on validation, None without a result."""

    point: dict[str, Any]
    score: float | None
    run_id: str


@dataclass(frozen=True)
class Search:
    """The search for the settings of a tuned method. keys: what was varied; tried: in the order of the search.

    chosen: None while undecided; spent_s: seconds that all its trials trained for, None where one was not measured;
    run_s: that one run trains for, the mean over the method's own
    """

    method: str
    metric: str
    keys: tuple[str, ...]
    tried: tuple[Tried, ...]
    chosen: dict[str, Any] | None
    at_edge: tuple[str, ...]
    spent_s: float | None
    run_s: float | None

    @property
    def scores(self) -> list[float]:
        """Of the trials with a result."""
        return [one.score for one in self.tried if one.score is not None]


def searches(collection: Collection) -> list[Search]:
    """Return what was searched for each tuned method that has trials, in the order of the experiment file."""
    return [
        _search(collection, name, collection.sweeps[name])
        for name, entry in collection.experiment.methods.items()
        if entry.tuning and collection.sweeps.get(name)
    ]


def _search(collection: Collection, method: str, trials: tuple[Record, ...]) -> Search:
    settled = _settled(collection, method)
    metric = settled.metric if settled else collection.experiment.compare.metric
    keys = tuple(collection.experiment.methods[method].sweep)
    took = [trial.cost.train_s for trial in trials if trial.cost and trial.cost.train_s is not None]
    own = [value for row in collection.rows if row.method == method for value in row.cost(TRAIN_TIME)]
    return Search(
        method=method,
        metric=metric,
        keys=keys,
        tried=tuple(Tried({key: t.params[key] for key in keys}, _score(t, metric), t.run_id) for t in trials),
        chosen=settled.chosen if settled else None,
        at_edge=at_edge(settled) if settled else (),
        spent_s=sum(took) if len(took) == len(trials) else None,
        run_s=mean(own),
    )


def twins(collection: Collection) -> list[tuple[Row, Row]]:
    """Return each tuned method that has finished runs with its row at declared settings that has them, too."""
    rows = {row.name: row for row in collection.rows if row.records}
    entries = collection.experiment.methods.values()
    pairs = [(rows.get(entry.default_of), rows.get(entry.name)) for entry in entries if entry.default_of]
    return [(tuned, plain) for tuned, plain in pairs if tuned and plain]


def sweep_results(collection: Collection) -> list[SweepResult]:
    """Return the sweeps of a collection that have trials, in the order of the experiment file."""
    return [_result(collection, method, trials) for method, trials in collection.sweeps.items()]


def trials_of(collection: Collection, row: Row) -> int:
    """Return with how many settings a method was tried before its runs: those of its sweep, else its only one."""
    settled = _settled(collection, row.method)
    return len(settled.trials) if settled else max(len(collection.sweeps.get(row.method, ())), 1)


def at_edge(sweep: Sweep) -> tuple[str, ...]:
    """Return the settings whose chosen number ends what was tried; of two values, each is an end and tells nothing."""
    return tuple(key for key in sweep.at_edge if key not in of_two(sweep))


def of_two(sweep: Sweep) -> tuple[str, ...]:
    """Return the numbers of which two values were tried: whether a better one lies beyond cannot be seen."""
    return tuple(key for key in sweep.at_edge if len(sweep.grid[key]) == 2)  # noqa: PLR2004


def _result(collection: Collection, method: str, trials: tuple[Record, ...]) -> SweepResult:
    settled = _settled(collection, method)
    metric = settled.metric if settled else collection.experiment.compare.metric
    keys = list(collection.experiment.methods[method].sweep)
    scores = {_value(trial.params, keys): _score(trial, metric) for trial in trials}
    return SweepResult(
        method=method,
        name=", ".join(keys),
        metric=metric,
        scores=scores,
        chosen=_value(settled.chosen, keys) if settled and settled.chosen.keys() >= set(keys) else None,
        at_edge=at_edge(settled) if settled else (),
        of_two=of_two(settled) if settled else (),
        trials={_value(trial.params, keys): trial.run_id for trial in trials},
        seeds=tuple(sorted({trial.seed for trial in trials})),
    )


def _settled(collection: Collection, method: str) -> Sweep | None:
    """Return what was locked; for records from elsewhere, what the runs at the chosen value say about it."""
    if method in collection.choices:
        return collection.choices[method]
    runs = [run for row in collection.rows if row.method == method for run in (*row.records, *row.failures)]
    return next((run.sweep for run in runs if run.sweep), None)


def _value(settings: dict[str, Any], keys: list[str]) -> str:
    return ", ".join(f"{settings[key]:g}" if isinstance(settings[key], float) else str(settings[key]) for key in keys)


def _score(trial: Record, metric: str) -> float | None:
    return trial.validation.metrics.get(metric) if trial.validation and trial.status == "ok" else None
