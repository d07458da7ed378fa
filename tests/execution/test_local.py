"""Real kernels, real papermill; the notebook is a toy."""

from __future__ import annotations

import io
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from filelock import FileLock
from rich.console import Console

from bakeoff.errors import ExperimentBusy, UnknownName
from bakeoff.execution.local import execute
from bakeoff.execution.plan import plan
from bakeoff.execution.progress import Watcher, scores_so_far
from bakeoff.execution.resources import Budget, Durations, this_many
from bakeoff.runs.choice import read_choice
from bakeoff.runs.record import Cost, read_record, read_records
from bakeoff.runs.run import Request, resolve
from toy_methods import leave
from toys import HEAD, gone

pytestmark = pytest.mark.slow

TROUBLE = """
methods:
  steady: {kind: toy}
  raises: {kind: toy, behaviour: raise}
  dies: {kind: toy, behaviour: die}
  aborts: {kind: toy, behaviour: abort}
  diverges: {kind: toy, behaviour: diverge}
  silent: {kind: toy, behaviour: silent}
  late: {kind: toy, behaviour: late}
  lingers: {kind: toy, behaviour: linger}
"""
ONE_SEED = """
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}}
model: models/tiny
seeds: [1]
compare: {reference: steady}
"""


class Notes(Watcher):
    def __init__(self):
        self.begun, self.ended, self.said, self.ticks, self.rounds = [], [], [], [], []

    def begin(self, item, plan):
        self.begun.append(item.name)

    def tick(self, item, state, seconds):
        self.ticks.append((item.name, state))

    def end(self, outcome, plan):
        self.ended.append((outcome.item.name, outcome.status))

    def round_ended(self, plan):
        self.rounds.append(table_lines(scores_so_far(plan)))

    def say(self, text):
        self.said.append(text)


def table_lines(table):
    console = Console(width=100, file=io.StringIO())
    console.print(table)
    return [line.split() for line in console.file.getvalue().splitlines()]


@pytest.fixture(scope="module")
def trouble(module_toys):
    """Every way to go wrong, executed once."""
    experiment = module_toys.write(TROUBLE, head=ONE_SEED)
    notes = Notes()
    summary = execute(experiment, module_toys.workspace, watcher=notes)
    records = read_records(module_toys.workspace.runs_folder("toy"), unreadable=pytest.fail)
    return module_toys, summary, {record.method: record for record in records}, notes


def folder_of(toys, record):
    return toys.workspace.run_folder("toy", record.run_id)


def test_one_failing_run_does_not_stop_the_others(trouble):
    _, summary, records, notes = trouble
    assert notes.begun == [f"{name} seed 1" for name in records_in_order()]
    assert {name: record.status for name, record in records.items()} == {
        "steady": "ok",
        "raises": "failed",
        "dies": "failed",
        "aborts": "failed",
        "diverges": "diverged",
        "silent": "failed",
        "late": "ok",
        "lingers": "ok",
    }
    assert (summary.finished, summary.total, summary.exit_status) == (3, 8, 1)


def records_in_order():
    return ["steady", "raises", "dies", "aborts", "diverges", "silent", "late", "lingers"]


@pytest.mark.parametrize(
    ("method", "kind", "message", "where"),
    [
        ("raises", "ValueError", "the toy broke", "train"),
        (
            "dies",
            "KernelDied",
            "the kernel process was ended by SIGKILL; memory that ran out is the usual cause",
            "train",
        ),
        ("aborts", "KernelDied", "the kernel process was ended by SIGABRT; log.txt may say more", "train"),
        ("diverges", "Diverged", "the loss is not a number after step 3", "train"),
    ],
)
def test_a_failed_run_leaves_a_record_with_its_reason(trouble, method, kind, message, where):
    _, summary, records, _ = trouble
    error = records[method].error
    assert (error.type, error.message, error.where) == (kind, message, where)
    assert summary.without_result[f"{method} seed 1"] == f"{kind}: {message}"
    assert records[method].command.startswith("papermill notebooks/train.ipynb out.ipynb -p params params/toy.yaml")
    assert records[method].environment["finished_at"]
    assert records[method].compare["equivalence_margin"] == 0.01


def test_a_notebook_without_a_record_has_failed(trouble):
    _, _, records, _ = trouble
    assert records["silent"].error.type == "NoRecord"


def test_a_result_stands_though_a_later_cell_failed(trouble):
    _, summary, records, _ = trouble
    assert records["late"].status == "ok"
    outcome = next(o for o in summary.outcomes if o.item.request.method == "late")
    assert outcome.reason == "its result is whole; a later cell failed (result: RuntimeError: cannot draw)"


def test_executed_notebook_and_log_lie_in_the_run_folder(trouble):
    toys, _, records, _ = trouble
    folder = folder_of(toys, records["steady"])
    executed = nbformat.read(folder.notebook, as_version=4)
    assert executed.metadata.papermill.parameters["method"] == "steady"
    assert executed.metadata.papermill.parameters["params"] == "params/toy.yaml"
    assert "training as " in folder.log.read_text()
    assert "terminate called" in folder_of(toys, records["aborts"]).log.read_text()


def test_each_run_has_a_kernel_of_its_own(trouble):
    _, _, records, _ = trouble
    assert len({records[name].environment["pid"] for name in ("steady", "late")} | {os.getpid()}) == 3


def test_a_second_execution_retries_failures_only(trouble):
    toys, _, records, _ = trouble
    before = {name: folder_of(toys, record).record.stat().st_mtime_ns for name, record in records.items()}
    toys.write(TROUBLE.replace("behaviour: die}", "behaviour: die, epochs: 1}"), head=ONE_SEED)
    notes = Notes()
    execute(toys.experiment, toys.workspace, watcher=notes, only=["steady", "diverges", "silent", "late", "lingers"])
    assert notes.begun == ["silent seed 1"]
    for name in ("steady", "diverges", "late"):
        assert folder_of(toys, records[name]).record.stat().st_mtime_ns == before[name]


def test_nothing_is_left_running(trouble):
    assert [
        child for child in psutil.Process().children(recursive=True) if "ipykernel" in " ".join(child.cmdline())
    ] == []


def test_sweep_then_choice_then_seeds(toys):
    notes = Notes()
    summary = execute(toys.experiment, toys.workspace, only=["swept"], watcher=notes)
    assert [name for name, status in notes.ended] == [
        "swept seed 0 rank=2 (trial)",
        "swept seed 0 rank=4 (trial)",
        "swept seed 0 rank=8 (trial)",
        "swept seed 1 rank=4",
        "swept seed 2 rank=4",
    ]
    assert notes.said == [
        "swept: chose rank=4 on validation, accuracy 0.800 (tied with rank=8; the first in the file is taken)"
    ]
    assert summary.exit_status == 0
    records = [outcome.record for outcome in summary.outcomes]
    assert [record.test is None for record in records] == [True] * 3 + [False] * 2
    assert records[-1].sweep.trials == tuple(record.run_id for record in records[:3])
    again = Notes()
    assert execute(toys.experiment, toys.workspace, only=["swept"], watcher=again).exit_status == 0
    assert again.begun == []


def test_a_run_by_hand_before_the_choice_is_made_anew_after_it(toys):
    toys.write("methods: {steady: {kind: toy}, swept: {kind: toy, rank: [2, 4]}}", head=ONE_SEED)
    early = Request(method="swept", seed=1, overrides={"rank": 4})
    before = leave(resolve(early, toys.experiment, workspace=toys.workspace), toys.workspace)
    summary = execute(toys.experiment, toys.workspace, only=["swept"])
    assert (summary.exit_status, len(summary.outcomes)) == (0, 3)
    after = read_record(toys.workspace.run_folder("toy", before.run_id).record)
    assert (before.sweep, after.sweep.chosen) == (None, {"rank": 4})
    assert after.environment["pid"] != before.environment["pid"], "a kernel of its own made it"


def test_a_sweep_with_no_result_fails_its_method_and_no_other(toys):
    toys.write("methods: {swept: {kind: toy, rank: [2, 4], behaviour: raise}, steady: {kind: toy}}", head=ONE_SEED)
    summary = execute(toys.experiment, toys.workspace)
    assert (summary.finished, summary.total, summary.exit_status) == (1, 4, 1)
    assert "no trial of its sweep has a result (rank=2: ValueError" in summary.without_result["swept seed 1"]


def test_a_run_over_its_time_limit_is_stopped(toys):
    toys.write("methods: {steady: {kind: toy, behaviour: hang}}", head=ONE_SEED)
    notes = Notes()
    summary = execute(toys.experiment, toys.workspace, limit_s=20, watcher=notes)
    reason = "TimeLimit: stopped after 20 s, its time limit; goes on after epoch 1"
    assert summary.without_result == {"steady seed 1": reason}
    assert notes.ticks[-1][1]["epoch"] == 1, "progress was read while it ran"
    pid = int((toys.workspace.root / "kernel.pid").read_text())
    assert gone(pid)


def test_unknown_method_writes_nothing(toys):
    before = sorted(toys.workspace.root.rglob("*"))
    with pytest.raises(UnknownName):
        execute(toys.experiment, toys.workspace, only=["nobody"])
    assert sorted(toys.workspace.root.rglob("*")) == before


def test_one_orchestrator_per_experiment(toys):
    file = toys.workspace.lock("toy")
    file.parent.mkdir(parents=True)
    with FileLock(file), pytest.raises(ExperimentBusy, match=r"^toy: another process is executing this experiment"):
        execute(toys.experiment, toys.workspace)


def test_a_run_somebody_else_works_on_is_left_alone(toys, monkeypatch):
    monkeypatch.setattr("bakeoff.execution.attempt.ORPHAN_S", 0.2)
    toys.write("methods: {steady: {kind: toy}}")
    item = plan(toys.experiment, toys.workspace).items[0]
    folder = toys.workspace.run_folder("toy", item.run.run_id)
    folder.path.mkdir(parents=True)
    with FileLock(folder.lock):
        summary = execute(toys.experiment, toys.workspace)
    assert [outcome.status for outcome in summary.outcomes] == ["busy", "ok"]
    assert summary.without_result == {"steady seed 1": "another process is working on it"}
    assert not folder.record.exists()
    assert summary.exit_status == 1


@pytest.mark.parametrize("edited", ["methods: {steady: {kind: toy, epochs: 7}}", "methods: {", None])
def test_an_experiment_file_is_taken_as_it_was_when_the_run_began(toys, edited):
    experiment = toys.write("methods: {steady: {kind: toy}}", head=ONE_SEED)
    toys.file.unlink() if edited is None else toys.file.write_text(ONE_SEED + edited)
    summary = execute(experiment, toys.workspace)
    assert (summary.finished, summary.without_result) == (1, {})
    assert summary.outcomes[0].record.params["epochs"] == 3


# --- another process executes, and something happens to it

DRIVER = """
import sys; sys.path.insert(0, {tests!r})
import toy_methods; toy_methods.install()
from bakeoff.cli import main
sys.exit(main(["run", "params/toy.yaml", "--no-report", *{options!r}]))
"""


def start(toys, *options: str) -> subprocess.Popen[str]:
    code = DRIVER.format(tests=str(Path(__file__).parents[1] / "support"), options=list(options))
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=toys.workspace.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def hanging_kernel(toys) -> int:
    """Wait until the kernel is in the middle of its training; return its process id."""
    for _ in range(900):
        found = list(toys.workspace.runs_folder("toy").glob("*/checkpoint/state"))
        if found:
            return int((toys.workspace.root / "kernel.pid").read_text())
        time.sleep(0.1)
    raise AssertionError("no kernel got to its first epoch")


@pytest.fixture
def hanging(toys):
    toys.write("methods: {steady: {kind: toy, behaviour: hang}}", head=ONE_SEED)
    process = start(toys)
    yield toys, process, hanging_kernel(toys)
    process.kill()
    process.communicate()


def test_a_kernel_does_not_outlive_a_killed_orchestrator(hanging):
    toys, process, kernel = hanging
    os.kill(process.pid, signal.SIGKILL)
    assert gone(kernel)
    assert plan(toys.experiment, toys.workspace).items[0].state == "resumable"
    (toys.workspace.root / "go").touch()
    assert execute(toys.experiment, toys.workspace).exit_status == 0, "the locks of the dead hold nobody up"


def test_an_interrupt_lets_the_epoch_at_hand_end(toys):
    toys.write("methods: {steady: {kind: toy, behaviour: epochs}, next: {kind: toy}}", head=ONE_SEED)
    for name in ("epoch-1", "go"):
        (toys.workspace.root / name).touch()
    process = start(toys, "--jobs", "1")
    try:
        kernel = hanging_kernel(toys)
        process.send_signal(signal.SIGINT)
        assert "ends after its epoch" in process.stdout.readline()
        assert process.poll() is None
        assert plan(toys.experiment, toys.workspace).items[0].epoch == 1
        (toys.workspace.root / "epoch-2").touch()
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, errors) == (130, "")
    assert output.splitlines() == [
        "0 of 2 runs finished, 0 executed now",
        "interrupted; the same command goes on from here",
    ]
    assert gone(kernel)
    states = [(item.state, item.epoch) for item in plan(toys.experiment, toys.workspace).items]
    assert states == [("resumable", 2), ("pending", None)]


def test_an_interrupt_lets_a_run_without_epochs_end(toys):
    toys.write("methods: {steady: {kind: toy, behaviour: hang}, next: {kind: toy}}", head=ONE_SEED)
    process = start(toys, "--jobs", "1")
    try:
        hanging_kernel(toys)
        process.send_signal(signal.SIGINT)
        assert "ends after its epoch" in process.stdout.readline()
        (toys.workspace.root / "go").touch()
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "1 of 2 runs finished, 1 executed now" in output
    assert [item.state for item in plan(toys.experiment, toys.workspace).items] == ["finished", "pending"]


@pytest.mark.parametrize("numbers", [[signal.SIGINT, signal.SIGINT], [signal.SIGTERM]])
def test_two_interrupts_end_at_once_and_are_gone_on_from(hanging, numbers):
    toys, process, kernel = hanging
    for place, number in enumerate(numbers, 1):
        process.send_signal(number)
        if place < len(numbers):
            assert "Ctrl-C again stops at once" in process.stdout.readline()
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output.splitlines() == [
        "0 of 1 runs finished, 0 executed now",
        "interrupted; the same command goes on from here",
    ]
    assert errors == ""
    assert gone(kernel)
    item = plan(toys.experiment, toys.workspace).items[0]
    assert (item.state, item.epoch) == ("resumable", 1)


@pytest.mark.parametrize("killed", [False, True])
def test_a_second_orchestrator_waits_and_takes_up_what_the_first_left(hanging, killed):
    toys, process, _ = hanging
    second = start(toys)
    try:
        said = second.stdout.readline()
        holder = f"toy: process {process.pid} on {platform.node()} is executing this experiment"
        assert said == f"{holder}; this one goes on when that has ended (Ctrl-C gives up)\n"
        with pytest.raises(ExperimentBusy, match=f"^{holder}; wait for it or stop it$"):
            execute(toys.experiment, toys.workspace)
        if killed:
            process.kill()
        (toys.workspace.root / "go").touch()
        output, errors = second.communicate(timeout=60)
    finally:
        second.kill()
    assert (second.returncode, errors) == (0, "")
    made = "1 executed now" if killed else "nothing to execute"
    assert output.splitlines()[-1] == f"1 of 1 runs finished, {made}"
    assert process.wait(60) == (-signal.SIGKILL if killed else 0)
    assert not list(toys.workspace.report_folder("toy").glob(".lock.*"))


def test_who_waits_can_give_up(hanging):
    toys, process, _ = hanging
    second = start(toys)
    try:
        second.stdout.readline()
        second.send_signal(signal.SIGINT)
        output, errors = second.communicate(timeout=60)
    finally:
        second.kill()
    assert (second.returncode, output, errors) == (130, "", "bakeoff: interrupted\n")
    assert process.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="limits on memory as Linux has them")
def test_memory_that_runs_out_stops_no_other_run_and_fewer_go_on_next_time(toys, monkeypatch):
    hungry = "{kind: toy, behaviour: hungry}"
    toys.write(f"methods: {{steady: {{kind: toy}}, hungry: {hungry}, next: {{kind: toy}}}}", head=ONE_SEED)
    summary = execute(toys.experiment, toys.workspace, jobs=2)
    assert (summary.finished, summary.exit_status) == (2, 1)
    (failed,) = [outcome.record for outcome in summary.outcomes if outcome.status != "ok"]
    assert (failed.method, failed.error.kind, failed.environment["jobs"]) == ("hungry", "memory", 2)
    monkeypatch.setattr("bakeoff.execution.resources.jobs_that_fit", lambda *_, **__: 8)
    assert this_many(plan(toys.experiment, toys.workspace).to_do) == 1


def test_a_run_that_went_on_keeps_the_log_of_both_attempts(hanging):
    toys, process, _ = hanging
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    (toys.workspace.root / "go").touch()
    summary = execute(toys.experiment, toys.workspace)
    assert summary.exit_status == 0
    folder = folder_of(toys, summary.outcomes[0].record)
    log = folder.log.read_text()
    assert log.count("training as") == 2
    assert "goes on after epoch 1" in log
    assert read_record(folder.record).status == "ok"


def test_leave_helper_is_what_a_plan_takes_for_finished(toys):
    item = plan(toys.experiment, toys.workspace).items[0]
    leave(item.run, toys.workspace)
    assert plan(toys.experiment, toys.workspace).items[0].state == "finished"


@pytest.mark.parametrize("method", ["steady", "lingers"])
def test_what_kernel_and_notebook_say_is_the_whole_log(trouble, method):
    """No warning of the machinery, no progress bar of papermill."""
    toys, _, records, _ = trouble
    log = folder_of(toys, records[method]).log.read_text().splitlines()
    assert log == [log[0], f"training as {records[method].environment['pid']}"]
    assert log[0].startswith("# ")


def test_a_changed_experiment_is_swept_executed_and_found_finished_as_changed(toys):
    changes = ("name=toy-small", "seeds=[3]", "methods.swept.rank=[4, 16]", "methods.plain=null")
    changed, workspace = toys.changed(*changes), toys.workspace
    assert execute(changed, workspace, jobs=1).exit_status == 0
    records = read_records(workspace.runs_folder("toy-small"), unreadable=pytest.fail)
    assert {(record.method, record.role, record.seed) for record in records} == {
        ("steady", "candidate", 3),
        ("swept", "sweep", 2),
        ("swept", "candidate", 3),
    }
    assert {record.changes for record in records} == {changes}
    assert read_choice(changed, "swept", workspace=workspace).grid == {"rank": (4, 16)}
    assert read_choice(toys.changed("name=toy-small"), "swept", workspace=workspace) is None
    assert plan(changed, workspace).to_do == []
    assert [item.state for item in plan(toys.experiment, workspace).items if item.run] == ["pending"] * 6
    assert not workspace.report_folder("toy").exists()


def test_a_change_without_a_name_of_its_own_leaves_runs_that_are_stale_to_the_file(toys):
    toys.write("methods: {steady: {kind: toy}}\n", head=ONE_SEED)
    workspace, changed = toys.workspace, toys.changed("methods.steady.epochs=9")
    execute(changed, workspace)
    assert plan(changed, workspace).to_do == []
    (item,) = plan(toys.experiment, workspace).items
    assert (item.state, item.reason) == ("stale", "epochs: 9 is now 3")
    toys.write("methods: {steady: {kind: toy, epochs: 9}}\n", head=ONE_SEED)
    assert plan(toys.experiment, workspace).to_do == []


def test_time_that_is_over_leaves_the_rest_for_later(toys):
    toys.write("methods:\n  steady: {kind: toy}\n")
    budget = Budget(1e-9, Durations())
    summary = execute(toys.experiment, toys.workspace, budget=budget)
    assert (summary.finished, summary.outcomes, summary.exit_status) == (0, [], 1)
    assert set(summary.without_result) == set(budget.skipped)
    assert "were given, and they were over" in summary.without_result["steady seed 1"]
    assert execute(toys.experiment, toys.workspace, budget=Budget(600, Durations())).exit_status == 0


def test_what_waits_for_no_search_of_networks_has_its_first_seed_first(toys):
    """So the first table has every method, where each has a row at the settings of the file."""
    toys.write(
        "methods:\n  swept: {kind: toy, rank: [2, 4]}\n  steady: {kind: toy}\n",
        head=ONE_SEED.replace("[1]", "[1, 2]"),
    )
    notes, rounds = Notes(), []
    execute(toys.experiment, toys.workspace, jobs=1, watcher=notes, each_round=rounds.append)
    assert notes.begun[0] == "steady seed 1"
    assert [name.removesuffix(" (trial)") for name in notes.begun[1:3]] == [f"swept seed 0 rank={n}" for n in (2, 4)]
    assert [name.partition(" rank")[0] for name in notes.begun[3:]] == ["swept seed 1", "steady seed 2", "swept seed 2"]
    assert rounds == [1, 1]
    assert [[line[:2] for line in told[1:]] for told in notes.rounds] == [
        [["swept", "0"], ["steady", "1"]], [["swept", "1"], ["steady", "1"]],
    ]  # fmt: skip


def test_a_search_without_networks_is_short_and_waits_for_nothing(toys):
    kinds = "  scale: {kind: yardstick, strength: [1.0, 2.0]}\n  steady: {kind: toy, rank: [2, 4]}\n"
    toys.write(f"methods:\n{kinds}", head=ONE_SEED.replace("[1]", "[1, 2]"))
    found = plan(toys.experiment, toys.workspace)
    assert [(item.request.method, found.round_of(item)) for item in found.items] == [
        *[("scale", 0)] * 3, *[("steady", 1)] * 3, ("steady", 2)
    ]  # fmt: skip


@pytest.mark.parametrize(("jobs", "begun"), [(1, "brief long middling new"), (2, "new long middling brief")])
def test_the_longest_runs_of_the_last_round_come_first_so_that_all_slots_are_in_use(toys, jobs, begun):
    """Those of a method that no run has timed before all; with one slot the order changes nothing."""
    took = {"brief": 1.0, "long": 5.0, "middling": 3.0}
    toys.write("methods: {brief: {kind: toy}, long: {kind: toy}, middling: {kind: toy}, new: {kind: toy}}\n",
               head=HEAD.replace("reference: steady", "reference: long"))  # fmt: skip
    for item in plan(toys.experiment, toys.workspace).items:
        if item.request.seed == 1:
            cost = Cost(train_s=took[item.request.method]) if item.request.method in took else None
            leave(item.run, toys.workspace, cost=cost)
    notes = Notes()
    execute(toys.experiment, toys.workspace, jobs=jobs, watcher=notes)
    assert notes.begun == [f"{name} seed 2" for name in begun.split()]


def test_every_method_has_its_first_seed_before_any_has_its_second(toys):
    """Stopped at any time, what is there compares all methods; each round but the last tells the numbers so far."""
    toys.write("methods: {steady: {kind: toy}, again: {kind: toy}}\n")
    notes, rounds = Notes(), []
    execute(toys.experiment, toys.workspace, jobs=1, watcher=notes, each_round=rounds.append)
    assert notes.begun == ["steady seed 1", "again seed 1", "steady seed 2", "again seed 2"]
    (told,) = notes.rounds
    assert rounds == [1]
    assert [line[:4] for line in told] == [
        ["method", "seeds", "test", "accuracy"],
        ["steady", "1", "of", "2"],
        ["again", "1", "of", "2"],
    ]
    found = {item.name: item.record.test.metrics["accuracy"] for item in plan(toys.experiment, toys.workspace).items}
    assert [line[4] for line in told[1:]] == [f"{found[f'{name} seed 1']:.3f}" for name in ("steady", "again")]
