from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from bakeoff.errors import InputError, UnknownName
from bakeoff.execution.plan import plan
from bakeoff.execution.sweep import choose, lock_choice
from bakeoff.runs import fingerprint
from bakeoff.runs.run import Request, resolve
from bakeoff.study.study import StudyData
from toy_methods import failure, leave, locked
from toys import HEAD


def states(toys, **options):
    return [(item.name, item.state) for item in plan(toys.experiment, toys.workspace, **options).items]


def finish(toys, *, only=(), accuracy=0.5, **changes):
    """Leave a record for everything a plan would do now; the sweep's choice is not made."""
    for item in plan(toys.experiment, toys.workspace, only=only).to_do:
        score = {2: 0.6, 4: 0.8, 8: 0.8}.get(item.run.params.get("rank"), accuracy)
        sweep = locked(item.run, toys.experiment, toys.workspace)
        leave(item.run, toys.workspace, **{"accuracy": score, "sweep": sweep, **changes})


def decide(toys):
    found = plan(toys.experiment, toys.workspace)
    for (name, _), trials in found.undecided.items():
        choice = choose(toys.experiment, toys.experiment.methods[name], trials)
        lock_choice(choice, "toy", workspace=toys.workspace)
        return choice
    return None


def reasons(toys, state="stale"):
    return {item.name: item.reason for item in plan(toys.experiment, toys.workspace).in_state(state)}


def test_order_seed_by_seed_baselines_first_and_trials_before_seeds(toys):
    assert states(toys) == [
        ("plain seed 1", "pending"),
        ("steady seed 1", "pending"),
        ("swept seed 0 rank=2 (trial)", "pending"),
        ("swept seed 0 rank=4 (trial)", "pending"),
        ("swept seed 0 rank=8 (trial)", "pending"),
        ("swept seed 1", "waiting"),
        ("steady seed 2", "pending"),
        ("swept seed 2", "waiting"),
    ]


def test_untrained_networks_come_between_baselines_and_trained_ones(toys):
    toys.write("methods: {steady: {kind: toy}, probe: {kind: frozen_toy}, plain: {kind: yardstick}}\n")
    assert [name.split()[0] for name, _ in states(toys)] == ["plain", "probe", "steady", "probe", "steady"]


def test_planning_writes_nothing(toys):
    before = sorted(toys.workspace.root.rglob("*"))
    plan(toys.experiment, toys.workspace)
    assert sorted(toys.workspace.root.rglob("*")) == before


def test_a_sweep_waits_then_runs_with_what_it_chose(toys):
    finish(toys)
    found = plan(toys.experiment, toys.workspace)
    assert [item.state for item in found.items] == ["finished"] * 5 + ["waiting", "finished", "waiting"]
    assert found.in_state("waiting")[0].reason == "for the choice of rank on validation (0 of 3 trials left)"
    assert found.to_do == []
    assert decide(toys).chosen == {"rank": 4}
    assert [one for one in states(toys) if one[1] == "pending"] == [
        ("swept seed 1 rank=4", "pending"),
        ("swept seed 2 rank=4", "pending"),
    ]
    finish(toys)
    assert {state for _, state in states(toys)} == {"finished"}


def test_the_trial_and_the_run_with_the_chosen_value_are_two_runs(toys):
    finish(toys)
    decide(toys)
    items = plan(toys.experiment, toys.workspace, only=["swept"]).items
    assert len({item.run.run_id for item in items}) == 5


def test_a_sweep_of_a_baseline_keeps_its_trials_apart(toys):
    toys.write("methods: {steady: {kind: toy}, plain: {kind: yardstick, strength: [0.5, 1.0]}}\n")
    items = plan(toys.experiment, toys.workspace, only=["plain"]).items
    assert [item.request.role for item in items] == ["sweep", "sweep", "candidate"]
    finish(toys, only=["plain"])
    decide(toys)
    items = plan(toys.experiment, toys.workspace, only=["plain"]).items
    assert [item.request.role for item in items] == ["sweep", "sweep", "baseline"]
    assert len({item.run.run_id for item in items}) == 3


def test_all_trials_failed_blocks_the_seeds_with_the_reason(toys):
    finish(toys, only=["swept"], status="failed", error=failure("no memory"))
    found = plan(toys.experiment, toys.workspace, only=["swept"])
    assert [item.state for item in found.items] == ["failed"] * 3 + ["blocked"] * 2
    assert "no trial of its sweep has a result" in found.items[-1].reason
    assert "no memory" in found.items[-1].reason


def test_one_failed_trial_is_tried_again_before_the_choice(toys):
    finish(toys, only=["swept"])
    trial = plan(toys.experiment, toys.workspace, only=["swept"]).items[0]
    leave(trial.run, toys.workspace, status="failed", error=failure())
    found = plan(toys.experiment, toys.workspace, only=["swept"])
    assert [item.state for item in found.items] == ["failed", "finished", "finished", "waiting", "waiting"]
    assert "(1 of 3 trials left)" in found.items[-1].reason


def test_only_looks_at_some_methods_and_knows_their_names(toys):
    assert [name for name, _ in states(toys, only=["steady"])] == ["steady seed 1", "steady seed 2"]
    with pytest.raises(UnknownName, match="--only: unknown method 'stedy'; did you mean 'steady'"):
        plan(toys.experiment, toys.workspace, only=["stedy"])


def test_failed_and_diverged(toys):
    finish(toys, only=["plain"], status="failed", error=failure("no luck"))
    finish(toys, only=["steady"], status="diverged", error=failure("loss nan", "Diverged"))
    found = plan(toys.experiment, toys.workspace)
    assert reasons(toys, "failed") == {"plain seed 1": "ValueError: no luck"}
    assert set(reasons(toys, "diverged").values()) == {"Diverged: loss nan"}
    assert [item.name for item in found.to_do if item.request.role != "sweep"] == ["plain seed 1"]


def test_a_checkpoint_makes_a_run_resumable(toys):
    run = resolve(Request(method="steady", seed=1), toys.experiment, workspace=toys.workspace)
    folder = toys.workspace.run_folder("toy", run.run_id)
    folder.checkpoint.mkdir(parents=True)
    assert states(toys, only=["steady"])[0][1] == "pending", "an empty folder is no checkpoint"
    (folder.checkpoint / "state").touch()
    lines = [json.dumps({"epoch": n}) for n in (1, 2)]
    folder.epochs.write_text("\n".join(lines) + '\n{"epoch": 3, "st')
    item = plan(toys.experiment, toys.workspace, only=["steady"]).items[0]
    assert (item.state, item.epoch, item.reason) == ("resumable", 2, "goes on after epoch 2")
    leave(run, toys.workspace, status="failed", error=failure("no luck"))
    item = plan(toys.experiment, toys.workspace, only=["steady"]).items[0]
    assert (item.state, item.reason) == ("failed", "ValueError: no luck; goes on after epoch 2")


def test_stale_after_a_change_of_the_experiment_file(toys):
    finish(toys)
    toys.write(head=HEAD.replace("train: 4", "train: 3") + "defaults: {epochs: 5}\n")
    found = reasons(toys)
    assert found["steady seed 2"] == "data.split.train: 4 is now 3; epochs: 3 is now 5"
    assert "swept seed 0 rank=2 (trial)" in found


def test_only_what_a_change_concerns_is_stale(toys):
    finish(toys)
    methods = "methods: {steady: {kind: toy, epochs: 9}, swept: {kind: toy, rank: [2, 4, 8]}, plain: {kind: yardstick}}"
    toys.write(methods)
    assert reasons(toys) == {"steady seed 1": "epochs: 3 is now 9", "steady seed 2": "epochs: 3 is now 9"}


def test_a_comment_or_a_title_changes_nothing(toys):
    finish(toys)
    toys.write(head="# a comment\n" + HEAD + "report: {title: Another}\n")
    assert reasons(toys) == {}


def test_stale_after_a_change_of_the_data(toys):
    finish(toys)
    (toys.workspace.root / "data.csv").write_text("text,label\nworse,0\n")
    assert set(reasons(toys).values()) == {"content of the data changed"}


def test_a_touched_file_with_the_same_content_changes_nothing(toys):
    finish(toys)
    os.utime(toys.workspace.root / "data.csv", (1, 1))
    assert reasons(toys) == {}


def test_stale_after_a_change_of_the_model(toys):
    finish(toys)
    (toys.workspace.root / "models/tiny/config.json").write_text('{"hidden": 16}')
    found = reasons(toys)
    assert set(found.values()) == {"content of the model changed"}
    assert "plain seed 1" not in found, "a method without a network does not care"


def test_stale_after_a_change_of_code_and_versions(toys, monkeypatch):
    finish(toys)
    monkeypatch.setattr(fingerprint, "definitions_sha256", lambda path: (f"changed {path.name}",))
    monkeypatch.setattr(fingerprint, "installed", lambda name: "99.9" if name == "rich" else "1")
    steady = reasons(toys)["steady seed 1"]
    assert "code of method toy changed" in steady
    assert "rich: " in steady
    assert "is now 99.9" in steady
    assert "rich" not in reasons(toys)["plain seed 1"], "only the libraries a method uses"


def test_a_new_choice_makes_the_seeds_stale(toys):
    finish(toys)
    choice = decide(toys)
    finish(toys, only=["swept"])
    other = {"chosen": {"rank": 8}, "validation": {**choice.validation, "rank=8": 1.0}}
    lock_choice(choice.model_copy(update=other), "toy", workspace=toys.workspace)
    assert reasons(toys) == {
        "swept seed 1 rank=8": "rank: 4 is now 8",
        "swept seed 2 rank=8": "rank: 4 is now 8",
    }


def believed(toys):
    """Return the searches whose choices a report goes by."""
    return list(StudyData.of(toys.experiment, workspace=toys.workspace).collection.choices)


def test_a_search_that_lost_a_trial_counts_nowhere_until_it_is_made_again(toys):
    """The plan called its runs finished while no report compared them."""
    finish(toys)
    decide(toys)
    finish(toys, only=["swept"])
    whole = states(toys)
    trial = next(item.run for item in plan(toys.experiment, toys.workspace).items if item.request.role == "sweep")
    folder = toys.workspace.run_folder("toy", trial.run_id)
    folder.predictions.unlink()  # what it measured can still be read, by the report as well
    assert (believed(toys), states(toys)) == (
        ["swept"],
        [(name, "stale" if name == "swept seed 0 rank=2 (trial)" else state) for name, state in whole],
    )
    shutil.rmtree(folder.path)
    assert believed(toys) == []
    assert reasons(toys, "waiting") == dict.fromkeys(
        ("swept seed 1", "swept seed 2"), "for the choice of rank on validation (1 of 3 trials left)"
    )
    finish(toys, only=["swept"])
    assert (believed(toys), states(toys)) == (["swept"], whole)


def test_a_run_made_by_hand_is_no_reason(toys):
    by_hand = Request(method="steady", seed=1, overrides={"epochs": 1})
    leave(resolve(by_hand, toys.experiment, workspace=toys.workspace), toys.workspace)
    assert states(toys, only=["steady"])[0] == ("steady seed 1", "pending")


def by_hand(toys, rank, **changes):
    """Leave what a person makes of the swept method's first seed before anything is chosen."""
    request = Request(method="swept", seed=1, overrides={"rank": rank})
    return leave(resolve(request, toys.experiment, workspace=toys.workspace), toys.workspace, **changes)


def test_a_run_from_before_the_choice_is_never_the_chosen_one(toys):
    early = by_hand(toys, 4)
    finish(toys)
    assert decide(toys).chosen == early.request.overrides, "the very run that the choice asks for"
    assert [one for one in states(toys) if one[1] != "finished"] == [
        ("swept seed 1 rank=4", "stale"),
        ("swept seed 2 rank=4", "pending"),
    ]
    assert reasons(toys) == {"swept seed 1 rank=4": "made before rank had been chosen on validation"}
    finish(toys)
    assert {state for _, state in states(toys)} == {"finished"}


def test_a_run_chosen_by_a_sweep_of_something_else_was_not_chosen_by_this_one(toys):
    finish(toys)
    choice = decide(toys)
    of_another = choice.sweep().model_copy(update={"chosen": {"epochs": 3}})
    by_hand(toys, 4, sweep=of_another)
    assert ("swept seed 1 rank=4", "stale") in states(toys)
    by_hand(toys, 4, sweep=choice.sweep())
    assert ("swept seed 1 rank=4", "finished") in states(toys)


def test_a_value_that_is_fixed_needs_no_choice(toys):
    toys.write("methods: {steady: {kind: toy}, swept: {kind: toy, rank: 4}}\n")
    leave(resolve(Request(method="swept", seed=1), toys.experiment, workspace=toys.workspace), toys.workspace)
    assert states(toys, only=["swept"])[0] == ("swept seed 1", "finished")


def test_the_newest_record_of_a_slot_is_compared(toys):
    for epochs, day in ((7, "2024-01-01"), (9, "2025-01-01"), (8, "2024-06-01")):
        toys.write(head=HEAD + f"defaults: {{epochs: {epochs}}}\n")
        finish(toys, only=["plain"], environment={"finished_at": day})
    toys.write()
    assert reasons(toys) == {"plain seed 1": "epochs: 9 is now 3"}


def test_an_unusable_record_is_redone(toys):
    finish(toys, only=["plain"])
    item = plan(toys.experiment, toys.workspace, only=["plain"]).items[0]
    folder = toys.workspace.run_folder("toy", item.run.run_id)
    folder.predictions.unlink()
    assert reasons(toys) == {"plain seed 1": "its result cannot be used: no predictions beside the record"}
    folder.record.write_text('{"schema_version": 99}')
    assert reasons(toys)["plain seed 1"].startswith("its result cannot be used: schema_version: ")


def test_a_run_whose_notebook_was_cut_off_is_gone_on_with(toys):
    finish(toys, only=["plain"])
    item = plan(toys.experiment, toys.workspace, only=["plain"]).items[0]
    toys.workspace.run_folder("toy", item.run.run_id).attempt.touch()
    assert reasons(toys, "resumable") == {"plain seed 1": "its result is whole, its notebook is not"}


def test_a_missing_model_is_one_clear_error(toys):
    (toys.workspace.root / "models/tiny/config.json").unlink()
    with pytest.raises(InputError, match=r"no config.json"):
        plan(toys.experiment, toys.workspace)


def test_planning_a_finished_experiment_is_quick(toys):
    finish(toys)
    started = time.process_time()
    plan(toys.experiment, toys.workspace)
    assert time.process_time() - started < 1.0


def test_planning_never_imports_torch():
    code = (
        "import sys, bakeoff.execution.plan, bakeoff.execution.local, bakeoff.execution.status, bakeoff.cli\n"
        "heavy = {'torch', 'transformers', 'pandas', 'datasets', 'papermill'} & set(sys.modules)\n"
        "print(heavy or '')"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""
