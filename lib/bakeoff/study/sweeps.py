"""What a sweep tried and chose, as plain data for its table and its figure.

Everything comes from validation: a trial has no test result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bakeoff.runs.record import Record, Sweep
from bakeoff.study.collect import Collection, Row

__all__ = ["SweepResult", "at_edge", "of_two", "sweep_results", "trials_of"]


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
