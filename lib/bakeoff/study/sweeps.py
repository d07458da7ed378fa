"""What a sweep or a search tried and chose, as plain data for tables and figures.

Everything comes from validation: a trial has no test result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bakeoff.experiment.halving import Rung
from bakeoff.metrics.classification import metric_named
from bakeoff.metrics.items import item_scores
from bakeoff.runs.record import Record, Sweep
from bakeoff.runs.rungs import score_after, score_of
from bakeoff.study.collect import TRAIN_TIME, Collection, Row, mean

__all__ = [
    "Search",
    "SweepResult",
    "Tried",
    "at_edge",
    "noise_of",
    "of_two",
    "reach_of",
    "searches",
    "stopped_of",
    "sweep_results",
    "trials_of",
    "twins",
]


NORMAL = 1.959964
"""Half of a 95 % interval of a normal distribution, in standard errors."""


@dataclass(frozen=True)
class SweepResult:
    """One sweep. name: what was varied; scores: value tried -> metric on validation (None: the trial failed).

    chosen: one of `scores`, None while undecided; at_edge, of_two: settings, as `at_edge` and `of_two` have them;
    trials: value tried -> run id; seeds: that the trials ran with; stopped: value tried -> epochs of a trial that
    halving stopped, and all that there were to be
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
    stopped: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Tried:
    """One trial of a search.

    score: on validation when it ended, None without a result; stopped_after: its epochs where halving stopped it before
    the last; first: score after the first rung of a search by halving
    """

    point: dict[str, Any]
    score: float | None
    run_id: str
    stopped_after: int | None = None
    first: float | None = None


@dataclass(frozen=True)
class Search:
    """The search for the settings of a tuned method. keys: what was varied; tried: in the order of the search.

    chosen: None while undecided; spent_s: seconds that all its trials trained for, None where one was not measured;
    run_s: that one run trains for, the mean over the method's own; rungs: of a search by halving
    """

    method: str
    metric: str
    keys: tuple[str, ...]
    tried: tuple[Tried, ...]
    chosen: dict[str, Any] | None
    at_edge: tuple[str, ...]
    spent_s: float | None
    run_s: float | None
    rungs: tuple[Rung, ...] = ()

    @property
    def lost(self) -> int:
        """Trials without a result."""
        return sum(one.score is None for one in self.tried)

    @property
    def whole(self) -> list[Tried]:
        """The trials with a result of all their epochs."""
        return [one for one in self.tried if one.score is not None and one.stopped_after is None]

    @property
    def scores(self) -> list[float]:
        """Of the trials with a result of all their epochs."""
        return [one.score for one in self.whole if one.score is not None]

    @property
    def comparable(self) -> list[float]:
        """Scores of all trials with a result after as many epochs: those of the first rung, or of all."""
        found = [one.first for one in self.tried] if self.rungs else self.scores
        return [score for score in found if score is not None]

    @property
    def saved(self) -> float | None:
        """Share of the epochs of training all trials whole that halving did without; None where it stopped nothing."""
        if not self.rungs or not any(one.stopped_after for one in self.tried):
            return None
        whole, told = self.rungs[-1].epochs, [one for one in self.tried if one.score is not None]
        if not told:
            return None
        return 1 - sum(one.stopped_after or whole for one in told) / (whole * len(told))


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
    keys, rungs = tuple(collection.experiment.methods[method].sweep), collection.experiment.methods[method].rungs
    took = [trial.cost.train_s for trial in trials if trial.cost and trial.cost.train_s is not None]
    own = [value for row in collection.rows if row.method == method for value in row.cost(TRAIN_TIME)]
    return Search(
        method=method,
        metric=metric,
        keys=keys,
        tried=tuple(_tried(trial, keys, metric, rungs) for trial in trials),
        chosen=settled.chosen if settled else None,
        at_edge=at_edge(settled) if settled else (),
        spent_s=sum(took) if len(took) == len(trials) else None,
        run_s=mean(own),
        rungs=rungs,
    )


def _tried(trial: Record, keys: tuple[str, ...], metric: str, rungs: tuple[Rung, ...]) -> Tried:
    return Tried(
        point={key: trial.params[key] for key in keys},
        score=score_of(trial, metric),
        run_id=trial.run_id,
        stopped_after=trial.stopped_after,
        first=score_after(trial, rungs[0].epochs, metric) if rungs else None,
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


def stopped_of(collection: Collection, row: Row) -> int:
    """Return how many of these settings halving stopped before their last epoch."""
    return sum(trial.stopped_after is not None for trial in collection.sweeps.get(row.method, ()))


def search_seconds(collection: Collection, row: Row) -> float | None:
    """Return what the trials behind a row trained for in all, 0 without any, None where one of them did not say."""
    spent = [run.cost.train_s if run.cost else None for run in collection.sweeps.get(row.method, ())]
    known = [value for value in spent if value is not None]
    return sum(known) if len(known) == len(spent) else None


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
    scores = {_value(trial.params, keys): score_of(trial, metric) for trial in trials}
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
        stopped={
            _value(trial.params, keys): (trial.stopped_after, trial.params["epochs"])
            for trial in trials
            if trial.stopped_after
        },
    )


def _settled(collection: Collection, method: str) -> Sweep | None:
    """Return what was locked; for records from elsewhere, what the runs at the chosen value say about it."""
    if method in collection.choices:
        return collection.choices[method]
    runs = [run for row in collection.rows if row.method == method for run in (*row.records, *row.failures)]
    return next((run.sweep for run in runs if run.sweep), None)


def noise_of(trial: Record, metric: str) -> float | None:
    """Return the standard error that the validation texts alone leave of a trial's metric.

    None without a result, and for a metric that is not made of the predicted classes.
    """
    declared = metric_named(metric)
    if trial.validation is None or declared.needs_logits or declared.items is None:
        return None
    counts = np.asarray(trial.validation.confusion)
    gold, given = (np.repeat(places.ravel(), counts.ravel()) for places in np.indices(counts.shape))
    if len(gold) < 2:  # noqa: PLR2004 - one text tells nothing of others
        return None
    scores = item_scores(declared, gold=gold, given=given[None])[0]
    return float(scores.std(ddof=1) / np.sqrt(len(scores)))


def reach_of(trial: Record, metric: str) -> float:
    """Return how far a 95 % interval of a trial's metric reaches for its validation texts alone; 0 where unknown."""
    return NORMAL * (noise_of(trial, metric) or 0.0)


def _value(settings: dict[str, Any], keys: list[str]) -> str:
    return ", ".join(f"{settings[key]:g}" if isinstance(settings[key], float) else str(settings[key]) for key in keys)
