"""Which trials go on from a rung: told from made-up histories, as they lie on disk after any interruption."""

from __future__ import annotations

import pytest

import sample
from bakeoff.experiment.halving import ladder
from bakeoff.runs.choice import Trial
from bakeoff.runs.record import Epoch, Training
from bakeoff.runs.run import Request
from bakeoff.runs.rungs import goals, score_after

RUNGS = ladder(trials=4, epochs=4, factor=2)  # 4 to epoch 1, 2 to epoch 2, 1 to epoch 4


def trial(place: int, *scores: float, status: str = "ok", metric: str = "accuracy") -> Trial:
    """Return a trial with a score after each epoch that it was trained for; without any it has not been run."""
    point = {"learning_rate": 10.0 ** -(1 + place)}
    if not scores and status == "ok":
        return Trial(point, f"full-s40-{place}", None)
    history = tuple(
        Epoch(epoch=n, step=n, train_loss=1.0, validation={metric: score}, elapsed_s=1.0)
        for n, score in enumerate(scores, start=1)
    )
    record = sample.record("full", 40, role="sweep").model_copy(update={
        "run_id": f"full-s40-{place}", "status": status, "params": {"epochs": 4},
        "request": Request(method="full", seed=40, role="sweep", overrides=point, stop_after=max(len(scores), 1)),
        "training": Training(epochs=len(scores), steps=1, samples_seen=1, history=history),
    })  # fmt: skip
    return Trial(point, record.run_id, record)


def aims(*trials: Trial, metric: str = "accuracy") -> list[int | None]:
    return goals(trials, RUNGS, metric)


def test_all_begin_and_none_goes_on_before_all_have_been_tried():
    assert aims(*map(trial, range(4))) == [1, 1, 1, 1]
    assert aims(trial(0, 0.9), trial(1, 0.8), trial(2, 0.7), trial(3)) == [1, 1, 1, 1]


def test_the_better_half_goes_on_and_the_best_of_it_to_the_end():
    first = [trial(0, 0.6), trial(1, 0.9), trial(2, 0.7), trial(3, 0.8)]
    assert aims(*first) == [1, 2, 1, 2]
    assert aims(first[0], trial(1, 0.9, 0.5), *first[2:]) == [1, 2, 1, 2], "the other is still on its way"
    second = [first[0], trial(1, 0.9, 0.5), first[2], trial(3, 0.8, 0.6)]
    assert aims(*second) == [1, 2, 1, None]
    ended = [*second[:3], trial(3, 0.8, 0.6, 0.6, 0.1)]
    assert aims(*ended) == [1, 2, 1, None], "what comes after a rung does not change who went on from it"
    assert aims(*second[:3], trial(3, 0.8, 0.6, 0.6)) == [1, 2, 1, None], "killed on the way"


def test_of_equal_ones_the_first_go_on():
    assert aims(*(trial(place, 0.5) for place in range(4))) == [2, 2, 1, 1]


def test_lower_is_better_for_a_loss():
    losses = [trial(place, loss, metric="log_loss") for place, loss in enumerate((0.9, 0.3, 0.6, 0.5))]
    assert aims(*losses, metric="log_loss") == [1, 2, 1, 2]


@pytest.mark.parametrize("status", ["failed", "diverged"])
def test_one_without_a_result_makes_room_for_the_next(status):
    assert aims(trial(0, 0.6), trial(1, status=status), trial(2, 0.7), trial(3, 0.8)) == [1, 1, 2, 2]
    later = [trial(0, 0.6), trial(1, 0.9, status=status), trial(2, 0.7, 0.7), trial(3, 0.8, 0.9)]
    assert aims(*later) == [1, 1, 2, None]
    assert aims(*(trial(place, status=status) for place in range(4))) == [1, 1, 1, 1]


def test_a_trial_that_has_come_further_is_measured_where_the_others_are():
    whole = trial(0, 0.1, 0.2, 0.3, 0.99)
    assert whole.whole
    assert score_after(whole.record, 1, "accuracy") == 0.1
    assert aims(whole, trial(1, 0.9), trial(2, 0.7), trial(3, 0.8)) == [1, 2, 1, 2]


def test_a_trial_has_no_score_after_epochs_that_it_has_not_had():
    stopped = trial(0, 0.5, 0.6)
    assert (stopped.finished, stopped.whole, stopped.record.stopped_after) == (True, False, 2)
    assert score_after(stopped.record, 2, "accuracy") == 0.6
    assert score_after(stopped.record, 4, "accuracy") is None
    assert (stopped.record.reaches(2), stopped.record.reaches(4), stopped.record.reaches(None)) == (True, False, False)
