"""Which records become which rows of a report."""

import dataclasses
import json
from pathlib import Path

import pytest

import sample
from bakeoff.errors import RecordError
from bakeoff.experiment.load import load_experiment
from bakeoff.report.text.language import speaking, spoken
from bakeoff.runs.record import Failure, Record, Sweep
from bakeoff.runs.run import Request, resolve
from bakeoff.study.collect import Row, collect
from bakeoff.system.workspace import Workspace

EXPERIMENT = """
data:
  source: texts.csv
  label: {column: label}
  split: {train: 4, validation: 2, test: 2}
model: model
seeds: [1, 2]
methods:
  majority: {}
  full: {epochs: 1}
  lora: {rank: [2, 4]}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with a tiny data file and a folder that names a model; nothing is ever loaded from them."""
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "tiny.yaml").write_text(EXPERIMENT, encoding="utf-8")
    (tmp_path / "texts.csv").write_text("text,label\n" + "a,x\nb,y\n" * 4, encoding="utf-8")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text(json.dumps({"model_type": "bert"}), encoding="utf-8")
    (tmp_path / "model" / "model.safetensors").touch()
    return Workspace(tmp_path)


def load(workspace: Workspace):
    return load_experiment(workspace.root / "params" / "tiny.yaml")


def made(workspace: Workspace, method: str, seed: int = 1, *, role: str = "candidate", **settings) -> Record:
    """Return the record that the experiment's run of this method and seed would leave."""
    overrides = settings.pop("overrides", {})
    request = Request(method=method, seed=seed, role=role, overrides=overrides)
    run = resolve(request, load(workspace), workspace=workspace)
    shared = {
        "run_id": run.run_id,
        "experiment": "tiny",
        "request": run.request,
        "role": run.role,
        "params": run.params,
        "params_sha256": run.params_sha256,
        "identity": run.identity,
    }
    return sample.record(method, seed, **{**shared, **settings})


def decided(trials: list[Record]) -> Sweep:
    return Sweep(
        metric="accuracy",
        grid={"rank": (2, 4)},
        chosen={"rank": 2},
        validation={"rank=2": 0.9, "rank=4": 0.8},
        at_edge=("rank",),
        trials=tuple(trial.run_id for trial in trials),
    )


def gather(workspace: Workspace, *records: Record, choices=None, **more):
    return collect(load(workspace), records, workspace=workspace, choices=choices or {}, **more)


def row(collection, name: str) -> Row:
    return next(one for one in collection.rows if one.name == name)


def test_rows_stand_in_the_order_of_the_file_with_what_is_missing(workspace: Workspace) -> None:
    found = gather(workspace)
    assert [one.name for one in found.rows] == ["majority", "full", "lora"]
    assert row(found, "full").missing == (1, 2)
    assert row(found, "majority").missing == (1,), "a method no seed changes runs once"
    assert found.reference is None


def test_runs_of_declared_seeds_are_declared(workspace: Workspace) -> None:
    runs = [made(workspace, "full", seed) for seed in (2, 1)]
    found = gather(workspace, *runs)
    assert row(found, "full").seeds == (1, 2)
    assert found.reference is row(found, "full")
    assert found.additional == ()


def test_other_seeds_and_settings_are_additional(workspace: Workspace) -> None:
    other_seed, fewer = made(workspace, "full", 7), made(workspace, "full", 1, overrides={"epochs": 2})
    found = gather(workspace, other_seed, fewer)
    assert sorted(one.name for one in found.additional) == ["full (seed 1, epochs 2)", "full (seed 7)"]
    assert row(found, "full").records == ()


def test_a_method_outside_the_file_is_additional(workspace: Workspace) -> None:
    found = gather(workspace, made(workspace, "tfidf"))
    assert [one.method for one in found.additional] == ["tfidf"]


def test_a_failure_counts_as_a_run_without_result(workspace: Workspace) -> None:
    failure = Failure(type="ValueError", message="no", where="train")
    found = gather(workspace, made(workspace, "full", 1, status="failed", error=failure, test=None))
    assert [run.seed for run in row(found, "full").failures] == [1]
    assert row(found, "full").missing == (2,)


def test_a_sweep_has_no_row_before_it_is_decided(workspace: Workspace) -> None:
    trials = [made(workspace, "lora", 0, role="sweep", overrides={"rank": rank}) for rank in (4, 2)]
    found = gather(workspace, *trials)
    assert row(found, "lora").records == ()
    assert [trial.params["rank"] for trial in found.sweeps["lora"]] == [2, 4], "in the order of the grid"
    assert found.additional == ()


def test_a_decided_sweep_takes_the_chosen_value_only(workspace: Workspace) -> None:
    chosen, other = (made(workspace, "lora", 1, overrides={"rank": rank}) for rank in (2, 4))
    trials = [made(workspace, "lora", 0, role="sweep", overrides={"rank": rank}) for rank in (2, 4)]
    choice = decided(trials)
    found = gather(workspace, chosen, other, *trials, choices={"lora": choice})
    assert row(found, "lora").records == (chosen,)
    assert found.choices == {"lora": choice}
    assert [one.name for one in found.additional] == ["lora (seed 1, rank 4)"]


def test_a_run_from_before_the_choice_stands_beside_it(workspace: Workspace) -> None:
    """Its test predictions were there when the value was chosen, whatever its value."""
    trials = [made(workspace, "lora", 0, role="sweep", overrides={"rank": rank}) for rank in (2, 4)]
    early = made(workspace, "lora", 1, overrides={"rank": 2}, sweep=None)
    of_another = decided(trials).model_copy(update={"chosen": {"epochs": 3}, "grid": {"epochs": (3, 4)}})
    other = made(workspace, "lora", 2, overrides={"rank": 2}, sweep=of_another)
    found = gather(workspace, early, other, *trials, choices={"lora": decided(trials)})
    assert row(found, "lora").records == ()
    assert row(found, "lora").missing == (1, 2)
    assert [one.name for one in found.additional] == ["lora (seed 1, rank 2)", "lora (seed 2, rank 2)"]


def test_a_choice_made_from_other_trials_is_none(workspace: Workspace) -> None:
    run = made(workspace, "lora", 1, overrides={"rank": 2})
    trials = [made(workspace, "lora", 0, role="sweep", overrides={"rank": rank}) for rank in (2, 4)]
    found = gather(workspace, run, trials[0], choices={"lora": decided(trials)})
    assert found.choices == {}
    assert row(found, "lora").records == ()


def test_a_trial_outside_the_declared_sweep_is_left_out(workspace: Workspace) -> None:
    inside = made(workspace, "lora", 0, role="sweep", overrides={"rank": 2})
    strays = [
        made(workspace, "lora", 0, role="sweep", overrides={"rank": 3}),
        made(workspace, "lora", 3, role="sweep", overrides={"rank": 2}),
        made(workspace, "lora", 0, role="sweep", overrides={"rank": 2, "epochs": 9}),
    ]
    found = gather(workspace, inside, *strays)
    assert found.sweeps == {"lora": (inside,)}
    assert {one.run_id for one in found.excluded} == {stray.run_id for stray in strays}


def test_a_choice_by_a_compared_seed_is_left_out_with_the_reason(workspace: Workspace) -> None:
    """As versions up to 0.1 chose: the seed that the best value was picked by counted among those it is judged by."""
    trials = [made(workspace, "lora", 1, role="sweep", overrides={"rank": rank}) for rank in (2, 4)]
    found = gather(
        workspace, made(workspace, "lora", 1, overrides={"rank": 2}), *trials, choices={"lora": decided(trials)}
    )
    assert (found.choices, row(found, "lora").records) == ({}, ())
    assert {one.reason for one in found.excluded} == {
        "a trial with seed 1, which is compared; sweeps choose with seed 0"
    }


def test_a_record_of_other_data_is_left_out_with_the_reason(workspace: Workspace) -> None:
    run = made(workspace, "full")
    (workspace.root / "texts.csv").write_text("text,label\nchanged,x\n", encoding="utf-8")
    found = gather(workspace, run)
    assert [(one.run_id, one.reason) for one in found.excluded] == [
        (run.run_id, "made under other settings: content of the data changed")
    ]


def test_data_that_are_not_here_are_no_fault_of_a_record(workspace: Workspace) -> None:
    runs = [made(workspace, "full", 1), made(workspace, "full", 2, overrides={"epochs": 9})]
    (workspace.root / "texts.csv").unlink()
    found = gather(workspace, *runs)
    assert found.excluded == ()
    assert row(found, "full").records == (runs[0],)
    assert [one.records for one in found.additional] == [(runs[1],)]


def test_a_changed_setting_is_named(workspace: Workspace) -> None:
    run = made(workspace, "full")
    file = workspace.root / "params" / "tiny.yaml"
    file.write_text(EXPERIMENT.replace("epochs: 1", "epochs: 3"), encoding="utf-8")
    (left,) = gather(workspace, run).excluded
    assert left.reason.startswith("made under other settings: ")
    assert left.reason.endswith("epochs: 1 is now 3")


def test_reasons_follow_the_language(workspace: Workspace) -> None:
    run = made(workspace, "full")
    file = workspace.root / "params" / "tiny.yaml"
    file.write_text(EXPERIMENT.replace("epochs: 1", "epochs: 3"), encoding="utf-8")
    with speaking("ru"):
        (left,) = gather(workspace, run).excluded
        reason = spoken(left.reason)
    assert left.reason == "made under other settings: epochs: 1 is now 3"
    assert reason == "получено при других настройках: epochs: было 1, теперь 3"


def test_other_library_versions_stay(workspace: Workspace) -> None:
    run = made(workspace, "full")
    older = run.model_copy(update={"identity": {**run.identity, "versions": {"torch": "1"}}, "run_id": "full-s1-old"})
    found = gather(workspace, older)
    assert row(found, "full").records == (older,)


def test_of_two_records_for_the_same_thing_the_current_one_counts(workspace: Workspace) -> None:
    now = made(workspace, "full")
    stale = now.model_copy(update={"run_id": "full-s1-stale", "environment": {"finished_at": "2999"}})
    found = gather(workspace, now, stale)
    assert row(found, "full").records == (now,)
    assert [(one.run_id, one.reason) for one in found.excluded] == [("full-s1-stale", f"superseded by {now.run_id}")]


def test_unreadable_records_are_listed(workspace: Workspace) -> None:
    error = RecordError(Path("runs/full-s1-broken/record.json"), "seed: missing")
    (left,) = gather(workspace, unreadable=[error]).excluded
    assert (left.run_id, left.reason) == ("full-s1-broken", "seed: missing")


def test_quality_and_cost_skip_what_is_missing() -> None:
    full = sample.row("full")
    assert len(full.quality("accuracy")) == 3
    assert full.quality("accuracy", split="validation")[0] == full.records[0].validation.metrics["accuracy"]
    assert full.quality("no such metric") == []
    assert full.cost("gpu_peak_allocated_train_bytes") == []
    bare = dataclasses.replace(full, records=(full.records[0].model_copy(update={"test": None, "cost": None}),))
    assert bare.quality("accuracy") == []
    assert bare.cost("train_s") == []
