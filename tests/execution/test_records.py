from __future__ import annotations

import pytest

from bakeoff.execution import records
from bakeoff.execution.local import execute
from bakeoff.execution.plan import plan
from bakeoff.execution.records import KeptRecords
from bakeoff.runs import run as settling
from toy_methods import leave


@pytest.fixture
def reads(monkeypatch):
    """The record files that are read, in order, by run."""
    seen: list[str] = []
    read = records.read_whole

    def counted(folder):
        seen.append(folder.path.name)
        return read(folder)

    monkeypatch.setattr(records, "read_whole", counted)
    return seen


def runs_of(toys):
    return [item.run for item in plan(toys.experiment, toys.workspace).to_do]


def test_a_plan_reads_only_the_records_that_have_changed(toys, reads):
    runs = runs_of(toys)
    for run in runs:
        leave(run, toys.workspace)
    reads.clear()
    kept = KeptRecords()
    first = plan(toys.experiment, toys.workspace, kept=kept)
    assert sorted(reads) == sorted(run.run_id for run in runs)
    reads.clear()
    assert plan(toys.experiment, toys.workspace, kept=kept) == first
    assert reads == []
    leave(runs[1], toys.workspace, accuracy=0.9)
    again = plan(toys.experiment, toys.workspace, kept=kept)
    assert reads == [runs[1].run_id]
    assert next(i.record for i in again.items if i.run == runs[1]).validation.metrics["accuracy"] == 0.9


def test_a_record_that_goes_or_breaks_is_noticed(toys, reads):
    runs = runs_of(toys)
    for run in runs[:2]:
        leave(run, toys.workspace)
    kept = KeptRecords()
    assert len(plan(toys.experiment, toys.workspace, kept=kept).in_state("finished")) == 2
    toys.workspace.run_folder("toy", runs[0].run_id).record.unlink()
    toys.workspace.run_folder("toy", runs[1].run_id).record.write_text("{}")
    states = {
        item.run.run_id: item.state for item in plan(toys.experiment, toys.workspace, kept=kept).items if item.run
    }
    assert states[runs[0].run_id] == "pending"
    assert states[runs[1].run_id] == "stale"
    reads.clear()
    plan(toys.experiment, toys.workspace, kept=kept)
    assert reads == []


def test_no_record_is_read_twice_while_runs_are_executed(toys, reads):
    toys.write("methods: {steady: {kind: toy}, plain: {kind: yardstick}}\n")
    before = runs_of(toys)
    leave(before[0], toys.workspace)
    reads.clear()
    assert execute(toys.experiment, toys.workspace, jobs=1).finished == 3
    assert sorted(reads) == sorted(run.run_id for run in before)


@pytest.mark.parametrize("seeds", [3, 30])
def test_models_data_and_code_are_looked_at_once_whatever_the_number_of_seeds(toys, monkeypatch, seeds):
    """Per method, not per run: ten thousand runs are planned in seconds."""
    looked: list[str] = []
    for name in ("locate_data", "code_hashes", "check_options"):
        found = getattr(settling, name)
        monkeypatch.setattr(
            settling, name, lambda *a, found=found, name=name, **k: looked.append(name) or found(*a, **k)
        )
    experiment = toys.experiment.model_copy(update={"seeds": tuple(range(1, seeds + 1))})
    items = plan(experiment, toys.workspace).items
    settled = {(item.run.method, str(item.run.params)) for item in items if item.run}
    assert len(items) > seeds
    assert len({item.run.run_id for item in items if item.run}) == sum(item.run is not None for item in items)
    for name in ("locate_data", "code_hashes", "check_options"):
        assert looked.count(name) == len(settled)
