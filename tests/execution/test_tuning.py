"""A tuned method from the file to its compared runs: real kernels, the notebook is a toy."""

from __future__ import annotations

import pytest

from bakeoff.execution.local import execute
from bakeoff.execution.plan import plan
from bakeoff.runs.choice import current_choice, read_choice
from bakeoff.runs.record import read_records

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
