"""What is tested beside the declared metric: how good probabilities are, and how much of each class is found.

Each is a family of its own, of methods against the reference, and corrected as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bakeoff.metrics.calibration import TEMPERATURES, fit_temperature, reliability
from bakeoff.metrics.classification import metric_named
from bakeoff.metrics.metric import Metric
from bakeoff.runs.predictions import read_scored
from bakeoff.stats.compare import Comparison
from bakeoff.stats.difference import LEAST_SEEDS, Difference, paired_items, two_way
from bakeoff.stats.inputs import Contender, Measured, measure
from bakeoff.stats.multiplicity import holm
from bakeoff.stats.pairs import Tested, tested_pairs
from bakeoff.study.collect import Collection, Row
from bakeoff.system.workspace import Workspace

__all__ = ["QUALITIES_OF_CHANCES", "Bin", "Calibrated", "Calibration", "Estimate", "Facing", "calibration", "recalls"]


QUALITIES_OF_CHANCES = ("log_loss", "brier", "ece")
"""Metrics of how good probabilities are."""

_NEAR_END = 1.01

Scored = Mapping[str, tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.floating[Any]]]]


@dataclass(frozen=True)
class Estimate:
    """The mean of a metric over the seeds, and its interval: of seeds and test texts, of texts alone for few seeds."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Bin:
    """Answers of about the same confidence, those of all runs. share: of all answers; right: share of its own."""

    share: float
    confidence: float
    right: float


@dataclass(frozen=True)
class Calibrated:
    """One method's probabilities on test, in each of `QUALITIES_OF_CHANCES`.

    before: as they are; after: with the temperature of each run, fitted on its validation texts, by seed; neither
    `after` nor `temperatures` where a run kept no validation scores or no temperature is best for them
    bins: as they are, rising, the empty ones left out
    """

    name: str
    before: Mapping[str, Estimate]
    after: Mapping[str, Estimate]
    temperatures: tuple[float, ...]
    bins: tuple[Bin, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Facing:
    """A method against the reference in something other than the declared metric.

    what: a metric, or a class whose recall it is; tested: a positive estimate favours the method; own, theirs: means
    on test; p: corrected for `comparisons`, as its family is; alpha: what p is held to; most: the largest difference
    there can be
    """

    what: str
    tested: Tested
    difference: Difference
    own: float
    theirs: float
    p: float
    comparisons: int
    alpha: float
    most: float = math.inf

    @property
    def name(self) -> str:
        """The method that is held against the reference."""
        return self.tested.first

    @property
    def shown(self) -> bool:
        """Whether the corrected test shows a difference."""
        return self.p < self.alpha

    @property
    def at_once(self) -> tuple[float, float]:
        """The interval that holds together with those of all other comparisons of its family (Bonferroni)."""
        low, high = self.difference.at_once(comparisons=self.comparisons)
        return max(low, -self.most), min(high, self.most)


@dataclass(frozen=True)
class Calibration:
    """How good the probabilities of each method are, and each against the reference; none of what is not known."""

    methods: tuple[Calibrated, ...]
    against: tuple[Facing, ...]


def calibration(
    collection: Collection, contenders: Sequence[Contender], comparison: Comparison, *, workspace: Workspace
) -> Calibration:
    """Return how good probabilities are, from the scores that runs kept; a method without them is left out.

    The declared metric has its tests elsewhere, and is not tested here again.
    """
    rows = {row.name: row for row in collection.rows}
    scored = {one.name: _scored(rows[one.name], workspace) for one in contenders}
    known = [
        replace(one, logits=np.stack([part["test"][1] for part in scored[one.name]]))
        for one in contenders
        if all("test" in part for part in scored[one.name])
    ]
    rest = [metric_named(name) for name in QUALITIES_OF_CHANCES if name != comparison.metric]
    found = [one for metric in rest for one in _against(known, metric, comparison, what=metric.name)]
    methods = tuple(_calibrated(one, scored[one.name], alpha=comparison.alpha) for one in known)
    more = len(rest) * comparison.dropped
    corrected = holm([difference.p for _, _, difference, _, _ in found], more=more)
    return Calibration(methods, _facing(found, corrected, comparison, more=more))


def _scored(row: Row, workspace: Workspace) -> list[Scored]:
    return [read_scored(workspace.run_folder(run.experiment, run.run_id)) for run in row.records]


def _calibrated(one: Contender, scored: Sequence[Scored], *, alpha: float) -> Calibrated:
    found = [fit_temperature(*part["validation"]) for part in scored if "validation" in part]
    low, high = TEMPERATURES[0] * _NEAR_END, TEMPERATURES[1] / _NEAR_END
    usable = len(found) == len(scored) and all(low < one < high for one in found)
    temperatures = tuple(found) if usable else ()
    after = {}
    if temperatures and one.logits is not None:
        after = _estimates(replace(one, logits=one.logits / np.reshape(temperatures, (-1, 1, 1))), alpha=alpha)
    return Calibrated(one.name, _estimates(one, alpha=alpha), after, temperatures, _bins(one))


def _bins(one: Contender) -> tuple[Bin, ...]:
    scores = np.asarray(one.logits)
    logits = scores.reshape(-1, scores.shape[-1])
    counts, confidence, right = reliability(np.tile(one.gold, len(one.predicted)), logits)
    return tuple(
        Bin(float(n / counts.sum()), float(sure), float(hit))
        for n, sure, hit in zip(counts, confidence, right, strict=True)
        if n
    )


def _estimates(one: Contender, *, alpha: float) -> dict[str, Estimate]:
    found = {}
    for name in QUALITIES_OF_CHANCES:
        metric = metric_named(name)
        found[name] = _estimate(measure(one, metric=metric), metric, alpha=alpha)
    return found


def _estimate(measured: Measured, metric: Metric, *, alpha: float) -> Estimate:
    """Return a method's own mean with its interval; none of these metrics falls below zero."""
    values, bias = metric.sign * measured.scores, metric.sign * float(measured.excess.mean())
    if len(values) >= LEAST_SEEDS:
        found = two_way(values, units=measured.units, alpha=alpha, bias=bias, step=measured.step)
    else:
        found = paired_items(values, units=measured.units, alpha=alpha, counts=False, bias=bias, step=measured.step)
    return Estimate(found.estimate, max(found.low, 0.0), found.high)


Found = tuple[str, Tested, Difference, float, float]
"""What was compared, the test with its difference, and both means."""


def _against(contenders: Iterable[Contender], metric: Metric, comparison: Comparison, *, what: str) -> Iterator[Found]:
    """Test each method against the reference, where both are at hand and can be compared."""
    measured = {one.name: measure(one, metric=metric) for one in contenders}
    theirs = measured.pop(comparison.reference or "", None)
    if theirs is None:
        return
    for own in measured.values():
        (tested,) = tested_pairs([own, theirs], metric=metric, alpha=comparison.alpha, resamples=0)
        if tested.difference:
            first, second = (metric.sign * float(one.scores.mean()) for one in (own, theirs))
            yield what, tested, tested.difference, first, second


def _facing(
    found: Sequence[Found], p: Sequence[float], comparison: Comparison, *, more: int, most: float = math.inf
) -> tuple[Facing, ...]:
    """Put tests with their corrected p; more: comparisons of the family that are not at hand; most: as in `Facing`."""
    return tuple(
        Facing(what=what, tested=tested, difference=difference, own=own, theirs=theirs, p=one,
               comparisons=len(found) + more, alpha=comparison.alpha, most=most)
        for (what, tested, difference, own, theirs), one in zip(found, p, strict=True)
    )  # fmt: skip


def recalls(collection: Collection, contenders: Sequence[Contender], comparison: Comparison) -> tuple[Facing, ...]:
    """Return the recall of each class of each trained candidate against the reference's; none without a reference.

    The recall of a class is the accuracy on its texts, and is tested as that. A class of fewer than two texts, or all
    of whose texts are of one group, has no test. Corrected by Bonferroni, so that p and the interval of all at once
    say the same.
    """
    rows = {row.name: row for row in collection.rows}
    ours = [one for one in contenders if _candidate(rows[one.name]) or one.name == comparison.reference]
    inputs = collection.reference.any.inputs if collection.reference else None
    accuracy = metric_named("accuracy")
    found: list[Found] = []
    for place, name in enumerate(inputs.label_names if inputs else ()):
        parts = [part for one in ours if (part := _of_class(one, place))]
        found += _against(parts, accuracy, comparison, what=name)
    more = comparison.dropped * len({what for what, *_ in found})
    corrected = [min(1.0, (len(found) + more) * difference.p) for _, _, difference, _, _ in found]
    return _facing(found, corrected, comparison, more=more, most=1.0)


def _candidate(row: Row) -> bool:
    return bool(row.records) and row.any.trained and row.any.role != "baseline"


def _of_class(one: Contender, place: int) -> Contender | None:
    """Return a contender on the texts of one class alone; None where they allow no test."""
    held = one.gold == place
    groups = None if one.groups is None else one.groups[held]
    if np.count_nonzero(held) <= 1 or (groups is not None and len(pd.unique(groups)) == 1):
        return None
    return replace(
        one,
        item_ids=one.item_ids[held],
        gold=one.gold[held],
        predicted=one.predicted[:, held],
        groups=groups,
        logits=None,
    )
