"""How far the trials of a search by halving are to be trained, told from what they have reached."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bakeoff.experiment.halving import Rung
from bakeoff.metrics.classification import metric_named
from bakeoff.runs.choice import Trial
from bakeoff.runs.record import Record

__all__ = ["goals", "score_after", "score_of"]


def goals(trials: Sequence[Trial], rungs: Sequence[Rung], metric: str) -> list[int | None]:
    """Return the epoch to train each trial to, None for all epochs.

    A trial goes on from a rung when all that are to reach it have been tried, if it is among the better there on
    validation; of equal ones the first goes on. One without a result makes room for the next.
    """
    found, going = [rungs[0].epochs] * len(trials), list(range(len(trials)))
    for rung, after in pairwise(rungs):
        if any(_open(trials[place].record, rung) for place in going):
            break
        scores = {place: score_after(trials[place].record, rung.epochs, metric) for place in going}
        known = {place: score for place, score in scores.items() if score is not None}
        ranked = sorted(known, key=lambda place: -metric_named(metric).sign * known[place])
        going = sorted(ranked[: after.trials])
        for place in going:
            found[place] = after.epochs
    return [None if epochs == rungs[-1].epochs else epochs for epochs in found]


def _open(record: Record | None, rung: Rung) -> bool:
    """Return whether a trial has yet to be trained as far as a rung; one that failed on the way there has been."""
    return record is None or (record.status == "ok" and not record.reaches(rung.epochs))


def score_after(record: Record | None, epochs: int, metric: str) -> float | None:
    """Return a trial's metric on validation after so many epochs; None without a result, or of one stopped before."""
    if record is None or record.status != "ok" or not record.reaches(epochs):
        return None
    history = record.training.history if record.training else ()
    if len(history) >= epochs:
        return history[epochs - 1].validation.get(metric)
    return score_of(record, metric)


def score_of(record: Record | None, metric: str) -> float | None:
    """Return a trial's metric on validation as it ended; None without a result, or where it is not defined."""
    ended = record.validation if record and record.status == "ok" else None
    return ended.metrics.get(metric) if ended else None
