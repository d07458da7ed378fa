"""A grid from the file to its compared runs: real kernels, the notebook is a toy."""

from __future__ import annotations

import pytest

from bakeoff.execution.local import execute
from bakeoff.execution.plan import plan
from bakeoff.experiment.cells import cells_of
from bakeoff.runs.choice import current_choice

HEAD = """
data: {split: {train: 4, validation: 2, test: 2}}
datasets: {first: {source: data.csv}, second: {source: other.csv}}
model: models/tiny
seeds: [1, 2]
compare: {reference: steady}
"""


@pytest.mark.slow
def test_every_cell_chooses_for_itself(module_toys):
    root, workspace = module_toys.workspace.root, module_toys.workspace
    (root / "other.csv").write_text((root / "data.csv").read_text().replace("good", "fine"))
    experiment = module_toys.write("methods: {steady: {kind: toy}, swept: {kind: toy, rank: [2, 4]}}\n", head=HEAD)
    assert len(plan(experiment, workspace).in_state("waiting")) == 4
    summary = execute(experiment, workspace)
    assert (summary.finished, summary.without_result) == (12, {}), "2 trials, and 2 seeds of 2 methods, on 2 data sets"
    for cell in cells_of(experiment):
        choice = current_choice(cell.experiment, "swept", workspace=workspace)
        assert choice, cell.name
        chosen = [item for item in plan(experiment, workspace, only=[cell.name, "swept"]).items
                  if item.request.role != "sweep"]  # fmt: skip
        assert {item.request.overrides["rank"] for item in chosen} == {choice.chosen["rank"]}
    assert not plan(experiment, workspace).to_do, "nothing is done twice"
