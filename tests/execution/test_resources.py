from __future__ import annotations

from types import SimpleNamespace

import pytest

from bakeoff.execution import resources as slots
from bakeoff.execution.attempt import failed_record
from bakeoff.execution.kernels import raised
from bakeoff.execution.plan import plan
from bakeoff.execution.resources import Budget, Durations, Needs, jobs_that_fit, needs_of, this_many, threads_of
from bakeoff.experiment.load import load_experiment
from bakeoff.runs.record import write_record
from clusters import lay_out


@pytest.mark.parametrize(
    ("threads", "cores", "gpu", "jobs"),
    [
        ([1, 1, 1], 2, False, 2),
        ([1], 8, False, 8),
        ([1, 2], 8, False, 4),
        ([3], 8, False, 2),
        ([4], 2, False, 1),
        ([None], 8, False, 1),
        ([1, None], 8, False, 1),
        ([], 4, False, 4),
        ([1, 1], 8, True, 1),
    ],
)
def test_as_many_as_have_cores_of_their_own(threads, cores, gpu, jobs):
    assert jobs_that_fit(threads, cores=cores, gpu=gpu, memory_bytes=2**40) == jobs


@pytest.mark.parametrize(("said", "jobs"), [(f"{8 * 2**30}\n", 2), ("max\n", 64), (None, 64)])
def test_a_container_s_memory_counts(monkeypatch, tmp_path, said, jobs):
    file = tmp_path / "memory.max"
    if said:
        file.write_text(said)
    monkeypatch.setattr(slots, "CONTAINER_MEMORY", (file,))
    monkeypatch.setattr(slots, "GPUS", ())
    monkeypatch.setattr(slots, "available_cores", lambda: 64)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(total=2**40))
    assert this_many([]) == jobs


def test_processes_that_train_together_have_cores_and_gpus_each(tmp_path, tiny_bert):
    workspace = lay_out(tmp_path / "work", tiny_bert)
    changes = ("methods.full={processes: 4, batch_size: 8}", "defaults.threads=2")
    experiment = load_experiment(workspace.root / "params/small.yaml", changes=changes, root=workspace.root)
    (item, *_) = [item for item in plan(experiment, workspace).items if item.request.method == "full"]
    assert threads_of(item) == 8
    assert needs_of(item, experiment, gpus=1.0) == Needs(cpus=8, gpus=4)
    assert str(needs_of(item, experiment)) == "8 processors"


def test_memory_limits_what_runs_at_a_time():
    assert jobs_that_fit([1], cores=64, gpu=False, memory_bytes=10 * 2**30) == 2
    assert jobs_that_fit([1], cores=64, gpu=False, memory_bytes=2**30) == 1


@pytest.mark.parametrize(
    ("kind", "jobs", "next_time"),
    [("MemoryError", 4, 2), ("MemoryError", 2, 1), ("MemoryError", 1, 1), ("ValueError", 4, 8)],
)
def test_fewer_runs_at_a_time_after_memory_ran_out(toys, monkeypatch, kind, jobs, next_time):
    monkeypatch.setattr(slots, "jobs_that_fit", lambda *_, **__: 8)
    toys.write("methods: {steady: {kind: toy}}")
    item = plan(toys.experiment, toys.workspace).to_do[0]
    failure = raised(kind, "no room", where="train")
    record = failed_record(item.run, failure, experiment=toys.experiment, workspace=toys.workspace, jobs=jobs)
    folder = toys.workspace.run_folder("toy", item.run.run_id)
    folder.path.mkdir(parents=True)
    write_record(record, folder.record)
    assert this_many(plan(toys.experiment, toys.workspace).to_do) == next_time


def test_threads_of_a_run(toys):
    toys.write("methods: {plain: {kind: yardstick}, steady: {kind: toy}, narrow: {kind: toy, threads: 2}}")
    items = {item.request.method: item for item in plan(toys.experiment, toys.workspace).items}
    assert {name: threads_of(item) for name, item in items.items()} == {"plain": 1, "steady": None, "narrow": 2}


def test_a_gpu_takes_one_run_at_a_time(toys, monkeypatch, tmp_path):
    monkeypatch.setattr(slots, "available_cores", lambda: 4)
    monkeypatch.setattr(slots, "ROOM_BYTES", 1)
    monkeypatch.setattr(slots, "GPUS", (tmp_path / "gpu",))
    toys.write("methods: {steady: {kind: toy, threads: 1}}")
    items = plan(toys.experiment, toys.workspace).to_do
    assert this_many(items) == 4
    (tmp_path / "gpu").touch()
    assert this_many(items) == 1


def test_no_run_starts_that_would_not_end_in_time(toys, monkeypatch):
    toys.write("methods: {steady: {kind: toy}, other: {kind: toy}}")
    found = plan(toys.experiment, toys.workspace).to_do
    steady = [item for item in found if item.request.method == "steady"]
    (other, *_) = [item for item in found if item.request.method == "other"]
    now = [0.0]
    monkeypatch.setattr(slots, "time", SimpleNamespace(monotonic=lambda: now[0]))
    budget = Budget(120.0, Durations())
    assert budget.allows(steady[0]), "nothing is known of it yet"
    budget.add(SimpleNamespace(status="ok", item=steady[0], seconds=70.0))
    now[0] = 40.0
    assert budget.allows(steady[1])
    now[0] = 60.0
    assert not budget.allows(steady[1])
    assert budget.skipped == {
        steady[1].name: "not started: 2 minutes were given, and it takes about 70 s and 60 s were left"
    }
    assert budget.allows(other), "a method that has yet to be timed"
    now[0] = 120.0
    assert not budget.allows(other)
    assert budget.skipped[other.name] == "not started: 2 minutes were given, and they were over"
