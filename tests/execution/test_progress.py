from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from bakeoff.execution.attempt import Outcome, Summary
from bakeoff.execution.plan import plan
from bakeoff.execution.progress import Bars, Lines, line, read_progress, share_done, spoken, watcher, where_it_is
from bakeoff.execution.resources import Durations
from bakeoff.execution.state import Item
from bakeoff.runs.record import Cost
from bakeoff.runs.run import Request
from bakeoff.system.workspace import RunFolder
from toy_methods import failure, leave

STATE = {"epoch": 2, "epochs": 3, "step": 40, "steps": 60, "loss": 0.41234, "stage": "train"}


def console(*, terminal):
    return Console(file=io.StringIO(), force_terminal=terminal, width=120, color_system=None)


def item(method="full", seed=1, role="candidate", **overrides):
    return Item(Request(method=method, seed=seed, role=role, overrides=overrides), None, "pending")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3540, "59 min"),
        (3600, "1 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_spoken(seconds, said):
    assert spoken(seconds) == said


@pytest.mark.parametrize(
    ("state", "said", "share"),
    [
        (STATE, "epoch 2/3, step 40/60, loss 0.412", 2 / 3),
        ({**STATE, "loss": None}, "epoch 2/3, step 40/60", 2 / 3),
        ({"stage": "predict"}, "predict", 0.0),
        ({}, "starting", 0.0),
        ({"step": 5, "steps": 0}, "starting", 0.0),
        ({"step": 9, "steps": 3}, "step 9/3", 1.0),
        ({"step": "x", "steps": None, "loss": "high"}, "starting", 0.0),
    ],
)
def test_where_a_kernel_is(state, said, share):
    assert where_it_is(state) == said
    assert share_done(state) == pytest.approx(share)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[1]", b"\xff", b"5"])
def test_a_progress_file_that_says_nothing(tmp_path, content):
    if content is not None:
        (tmp_path / "progress.json").write_bytes(content)
    assert read_progress(RunFolder(tmp_path)) == {}


def test_a_progress_file(tmp_path):
    (tmp_path / "progress.json").write_text(json.dumps(STATE))
    assert read_progress(RunFolder(tmp_path)) == STATE


def test_names_and_lines_tell_how_runs_ended():
    assert item("lora", 2, rank=4).name == "lora seed 2 rank=4"
    assert item("lora", 2, "sweep", rank=4).name == "lora seed 2 rank=4 (trial)"
    bad = Outcome(item(), "failed", 12.0, "ValueError: list[int] [/]")
    assert line(bad) == r"[red]FAILED[/] full seed 1  12 s  ValueError: list\[int] \[/]"


def test_lines_count_and_are_plain_text(toys):
    out = console(terminal=False)
    told = watcher(out)
    assert isinstance(told, Lines)
    current = plan(toys.experiment, toys.workspace, only=["steady"])
    first, second = current.items
    with told:
        told.begin(first, current)
        told.tick(first, STATE, 1.0)
        record = leave(first.run, toys.workspace, accuracy=0.75)
        told.end(Outcome(first, "ok", 61.0, record=record), plan(toys.experiment, toys.workspace, only=["steady"]))
        leave(second.run, toys.workspace, status="failed", error=failure())
        told.end(Outcome(second, "failed", 2.0, "ValueError: no luck"), current)
        told.say("chose [rank=4]")
    assert out.file.getvalue().splitlines() == [
        "[1/2] done steady seed 1  1 min  validation accuracy 0.750",
        "[2/2] FAILED steady seed 2  2.0 s  ValueError: no luck",
        "chose [rank=4]",
    ]


def test_bars_show_both_and_leave_lines_behind(toys):
    out = console(terminal=True)
    told = watcher(out)
    assert isinstance(told, Bars)
    current = plan(toys.experiment, toys.workspace, only=["steady"])
    with told:
        told.begin(current.items[0], current)
        told.tick(current.items[0], STATE, 1.0)
        told._progress.refresh()
        told.end(Outcome(current.items[0], "ok", 5.0), current)
        leave(current.items[0].run, toys.workspace)
        later = plan(toys.experiment, toys.workspace, only=["steady"])
        told.begin(later.items[1], later)
        told.tick(later.items[1], STATE, 1.0)
        told._progress.refresh()
        told.say("done [x]")
    shown = out.file.getvalue()
    for text in ("0 of 2", "steady seed 1", "epoch 2/3, step 40/60, loss 0.412", "about 4.0 s left", "done [x]"):
        assert text in shown


def test_bars_show_each_run_that_goes_on(toys):
    out = console(terminal=True)
    told = Bars(out, Durations())
    current = plan(toys.experiment, toys.workspace, only=["steady"])
    first, second = current.items
    with told:
        told.side_by_side(2)
        for one in (first, second):
            told.begin(one, current)
            told.tick(one, STATE, 1.0)
        assert [task.description for task in told._progress.tasks] == ["runs", "steady seed 1", "steady seed 2"]
        assert told._progress.tasks[0].fields["note"] == "0 of 2"
        told.end(Outcome(second, "ok", 5.0), current)
        told.tick(first, STATE, 2.0)
        assert [task.description for task in told._progress.tasks] == ["runs", "steady seed 1"]
        assert told._progress.tasks[0].fields["note"] == "1 of 2, about 3.0 s left"


def test_time_left_is_shared_by_the_runs_that_go_on():
    durations = Durations()
    durations.add(Outcome(item(), "ok", 10.0))
    going = [(item("full", 2), 4.0), (item("full", 3), 0.0)]
    assert durations.left(going, [item("full", 4), item("full", 5)], jobs=2) == (6 + 10 + 10 + 10) / 2
    assert durations.left(going, [], jobs=2) == 10, "never less than the run that takes longest"
    assert durations.left(going[:1], [], jobs=8) == 6


def test_time_left_is_learnt_from_runs_that_ended(toys):
    durations = Durations()
    others = [item("full", 2), item("lora", 1)]
    assert durations.left([(item(), 0)], others) is None
    durations.add(Outcome(item(), "failed", 99.0))
    assert durations.left([(item(), 0)], others) is None, "a failure says nothing"
    durations.add(Outcome(item(), "ok", 10.0))
    assert durations.left([(item(), 4)], others) == 6 + 10 + 10
    durations.add(Outcome(item("lora", 1, "sweep"), "ok", 2.0))
    assert durations.left([(item(), 20)], others) == 0 + 10 + 2


def test_time_left_knows_earlier_records(toys):
    run = plan(toys.experiment, toys.workspace, only=["steady"]).items[0].run
    record = leave(run, toys.workspace, cost=Cost(load_s=1.0, train_s=8.0, test_s=1.0))
    assert Durations([record]).left([(item("steady", 2), 0)], []) == 10.0


def test_exit_status():
    assert Summary(finished=2, total=2).exit_status == 0
    assert Summary(finished=1, total=2).exit_status == 1
    assert Summary(finished=1, total=2, interrupted=True).exit_status == 130
