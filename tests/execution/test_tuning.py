"""A tuned method from the file to its compared runs: real kernels, the notebook is a toy."""

from __future__ import annotations

import json
import shutil

import pytest

from bakeoff.execution.attempt import Attempt, left_behind
from bakeoff.execution.local import execute
from bakeoff.execution.plan import plan
from bakeoff.runs.choice import current_choice, read_choice
from bakeoff.runs.record import read_records
from toy_methods import leave, trained

TUNED = """
tune: {trials: 3, over: {rank: [2, 16]}, also_default: true}
methods: {steady: {kind: toy, tune: false}, tuned: {kind: toy, rank: 4}}
"""


@pytest.mark.slow
def test_trials_come_first_and_the_choice_is_locked(module_toys):
    experiment, workspace = module_toys.write(TUNED), module_toys.workspace
    first = plan(experiment, workspace)
    assert [item.name for item in first.items if item.request.role == "sweep"] == [
        f"tuned seed 0 rank={point['rank']} (trial)" for point in experiment.methods["tuned"].points
    ]
    assert {item.request.method for item in first.in_state("waiting")} == {"tuned"}
    summary = execute(experiment, workspace)
    assert (summary.finished, summary.without_result) == (9, {}), "3 trials, and 2 seeds of 3 rows"
    choice = current_choice(experiment, "tuned", workspace=workspace)
    assert choice.drawn
    assert choice.chosen in experiment.methods["tuned"].points
    records = read_records(workspace.runs_folder("toy"))
    trials = [one for one in records if one.role == "sweep"]
    assert {one.seed for one in trials} == {0}
    assert all(one.test is None for one in trials)
    rows = {name: {one.params["rank"] for one in records if one.method == name and one.role != "sweep"}
            for name in experiment.methods}  # fmt: skip
    assert rows == {"steady": {8}, "tuned": {choice.chosen["rank"]}, "tuned_default": {4}}
    assert not plan(experiment, workspace).to_do, "nothing is done twice"
    more = module_toys.changed("tune.trials=4")
    assert read_choice(more, "tuned", workspace=workspace) is None
    again = plan(more, workspace)
    assert len([item for item in again.to_do if item.request.role == "sweep"]) == 1, "the first three are kept"


HALVED = """
defaults: {epochs: 4}
tune: {trials: 4, over: {rank: [2, 16]}, search: halving}
methods: {steady: {kind: toy, tune: false}, halved: {kind: toy}}
"""


def trials_of(found):
    return [item for item in found.items if item.request.role == "sweep"]


@pytest.mark.slow
def test_halving_goes_on_from_checkpoints_and_keeps_them_until_the_choice(module_toys):
    experiment, workspace = module_toys.write(HALVED), module_toys.workspace
    first = plan(experiment, workspace)
    assert {item.request.stop_after for item in trials_of(first)} == {1}
    assert all(item.name.endswith("(trial to epoch 1)") for item in trials_of(first))
    summary = execute(experiment, workspace)
    assert (summary.finished, summary.without_result) == (8, {}), "4 trials, and 2 seeds of 2 rows"
    assert len(summary.outcomes) == 4 + 4 + 2 + 1, "4 trials to epoch 1, 2 of them on to epoch 2, 1 to the end"
    assert summary.executed == 8
    made = read_records(workspace.runs_folder("toy"))
    records = [one for one in made if one.method == "halved" and one.role == "sweep"]
    assert sorted(one.training.epochs for one in records) == [1, 1, 2, 4]
    assert sorted(one.training.resumed_from_epoch or 0 for one in records) == [0, 0, 1, 2]
    assert sum("stop_after" in one.command for one in records) == 3
    choice = current_choice(experiment, "halved", workspace=workspace)
    assert len(choice.validation) == 1
    assert sorted(choice.stopped.values()) == [1, 1, 2]
    assert choice.rungs == experiment.methods["halved"].rungs
    assert not any(workspace.run_folder("toy", one.run_id).checkpoint.exists() for one in records)
    again = plan(experiment, workspace)
    assert not again.to_do, "nothing is done twice"
    assert sorted(item.reason for item in trials_of(again)) == [
        "", "stopped after epoch 1 of 4", "stopped after epoch 1 of 4", "stopped after epoch 2 of 4",
    ]  # fmt: skip
    plain = module_toys.changed("tune.search=quasi_random")
    assert read_choice(plain, "halved", workspace=workspace) is None
    assert len([item for item in trials_of(plan(plain, workspace)) if item.to_do]) == 3, "each is trained whole"


def left(toys, item, accuracy, epochs, **changes):
    """Leave what a trial that was stopped leaves behind."""
    leave(item.run, toys.workspace, accuracy=accuracy, training=trained(accuracy, epochs), **changes)
    folder = toys.workspace.run_folder("toy", item.run.run_id)
    folder.checkpoint.mkdir(exist_ok=True)
    (folder.checkpoint / "state").write_text(str(epochs))
    folder.epochs.write_text("".join(json.dumps({"epoch": n + 1}) + "\n" for n in range(epochs)))
    return folder


def test_a_search_goes_on_from_wherever_it_was_killed(toys):
    experiment, workspace = toys.write(HALVED), toys.workspace
    items = trials_of(plan(experiment, workspace))
    folders = [left(toys, item, score, 1) for item, score in zip(items[:3], (0.6, 0.9, 0.7), strict=True)]
    found = plan(experiment, workspace)
    assert [item.state for item in trials_of(found)] == ["finished"] * 3 + ["pending"]
    assert not {item.run.run_id for item in items[:3]} & found.over, "checkpoints are kept"
    left(toys, items[3], 0.8, 1)
    second = trials_of(plan(experiment, workspace))
    assert [item.request.stop_after for item in second] == [1, 2, 1, 2]
    assert [item.state for item in second] == ["finished", "resumable", "finished", "resumable"]
    assert [second[1].reason, second[0].reason] == ["goes on after epoch 1", "stopped after epoch 1 of 4"]
    folders[1].attempt.touch()  # killed in its second epoch: what it had counts
    assert [item.state for item in trials_of(plan(experiment, workspace))] == [item.state for item in second]
    shutil.rmtree(folders[1].checkpoint)
    gone = trials_of(plan(experiment, workspace))[1]
    assert (gone.state, gone.reason) == ("stale", "stopped after epoch 1 of 4; its checkpoint is gone")


def test_what_a_trial_had_at_a_rung_stands_until_it_has_come_further(toys):
    experiment, workspace = toys.write(HALVED), toys.workspace
    first = trials_of(plan(experiment, workspace))
    for item, score in zip(first, (0.6, 0.9, 0.7, 0.8), strict=True):
        left(toys, item, score, 1)
    item = trials_of(plan(experiment, workspace))[1]
    folder = workspace.run_folder("toy", item.run.run_id)
    assert left_behind(first[1].run, folder).training.epochs == 1
    assert "without going on after epoch 1" in left_behind(item.run, folder).message
    attempt = Attempt(item, item.run, experiment=experiment, workspace=workspace, limit_s=None, jobs=1)
    assert attempt.look() is None, "it is started, not taken for finished"
    attempt.kill()
    attempt.wait(10)
    assert folder.record.exists()
    assert [one.request.stop_after for one in trials_of(plan(experiment, workspace))] == [1, 2, 1, 2]
