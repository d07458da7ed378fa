"""Several runs at a time: who starts when, told by attempts that are scripted; then with real kernels."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bakeoff.execution.attempt import Outcome
from bakeoff.execution.engines import here
from bakeoff.execution.local import execute
from bakeoff.execution.plan import plan
from bakeoff.execution.progress import Watcher
from bakeoff.execution.state import Item
from bakeoff.runs.record import read_records
from toy_methods import leave, locked
from toys import Toys, gone

ONE_SEED = """
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}}
model: models/tiny
seeds: [1]
compare: {reference: steady}
"""


class Story(Watcher):
    """What happened, in order; `most` counts the runs that went on at once."""

    def __init__(self):
        self.events, self.going, self.most, self.jobs = [], set(), 0, 0

    def side_by_side(self, jobs):
        self.jobs = jobs

    def begin(self, item, plan):
        self.events.append(f"begin {item.name}")
        self.going.add(item.name)
        self.most = max(self.most, len(self.going))

    def end(self, outcome, plan):
        self.events.append(f"end {outcome.item.name}")
        self.going.remove(outcome.item.name)

    def say(self, text):
        self.events.append("choice")


@pytest.fixture
def scripted(monkeypatch):
    """Stand in for kernels: a run ends after so many looks (default 2) as its name is given here."""
    looks: dict[str, int] = {}

    class Scripted:
        def __init__(self, item: Item, run, *, experiment, workspace, **_):
            self.item, self.run, self.experiment, self.workspace = item, run, experiment, workspace
            self.folder = workspace.run_folder(run.experiment, run.run_id)
            self.left, self.seconds = looks.get(item.name, 2), 0.0

        def wait(self, seconds):
            pass

        def look(self):
            self.left -= 1
            if self.left > 0:
                return None
            sweep = locked(self.run, self.experiment, self.workspace)
            return Outcome(self.item, "ok", 1.0, record=leave(self.run, self.workspace, sweep=sweep))

        def kill(self):
            raise AssertionError("nothing is to be killed")

    monkeypatch.setattr(here, "Attempt", Scripted)
    return looks


def test_candidates_wait_for_their_choice_and_others_go_on(toys, scripted):
    scripted["swept seed 0 rank=4 (trial)"] = 9
    toys.write("methods: {swept: {kind: toy, rank: [2, 4]}, steady: {kind: toy}}")
    story = Story()
    assert execute(toys.experiment, toys.workspace, jobs=2, watcher=story).exit_status == 0
    assert story.most == 2
    assert story.events == [
        "begin steady seed 1",
        "begin swept seed 0 rank=2 (trial)",
        "end steady seed 1",
        "end swept seed 0 rank=2 (trial)",
        "begin swept seed 0 rank=4 (trial)",
        "begin steady seed 2",
        "end steady seed 2",
        "end swept seed 0 rank=4 (trial)",
        "choice",
        "begin swept seed 1 rank=2",
        "begin swept seed 2 rank=2",
        "end swept seed 1 rank=2",
        "end swept seed 2 rank=2",
    ]


def test_a_trial_whose_notebook_still_goes_on_is_waited_for(toys, scripted):
    """Its record is there before its kernel has ended."""
    toys.write("methods: {swept: {kind: toy, rank: [2, 4]}}", head=ONE_SEED.replace("steady", "swept"))
    scripted["swept seed 0 rank=4 (trial)"] = 4
    slow = next(item for item in plan(toys.experiment, toys.workspace).items if item.request.overrides == {"rank": 4})

    class Early(Story):
        def begin(self, item, plan):
            super().begin(item, plan)
            if item.name == slow.name:
                leave(slow.run, toys.workspace)

    story = Early()
    execute(toys.experiment, toys.workspace, jobs=3, watcher=story)
    assert story.events[-4:] == [f"end {slow.name}", "choice", "begin swept seed 1 rank=2", "end swept seed 1 rank=2"]


def test_while_a_failed_trial_is_tried_again_the_old_choice_is_not_acted_on(toys, scripted):
    toys.write("methods: {swept: {kind: toy, rank: [2, 4]}}", head=ONE_SEED.replace("steady", "swept"))
    execute(toys.experiment, toys.workspace, jobs=2)
    for item in plan(toys.experiment, toys.workspace).items:
        if item.request.role != "sweep" or item.request.overrides == {"rank": 4}:
            toys.workspace.run_folder("toy", item.run.run_id).record.unlink()
    story = Story()
    execute(toys.experiment, toys.workspace, jobs=4, watcher=story)
    assert story.events[:3] == [
        "begin swept seed 0 rank=4 (trial)",
        "end swept seed 0 rank=4 (trial)",
        "begin swept seed 1 rank=2",
    ]


def test_no_run_starts_twice_and_no_slot_stays_empty(toys, scripted):
    toys.write("methods: {steady: {kind: toy}, other: {kind: toy}, plain: {kind: yardstick}}")
    story = Story()
    execute(toys.experiment, toys.workspace, jobs=9, watcher=story)
    begun = [event for event in story.events if event.startswith("begin")]
    assert len(begun) == len(set(begun)) == story.most == 5
    assert story.jobs == 9


# --- real kernels


def results(toys):
    """Return what may not depend on how many runs went on at a time."""
    records = read_records(toys.workspace.runs_folder("toy"), unreadable=pytest.fail)
    return {record.run_id: record.model_dump(exclude={"environment"}) for record in records}


@pytest.mark.slow
def test_runs_overlap_see_their_settings_and_give_the_same_results(tmp_path, monkeypatch):
    methods = "methods: {swept: {kind: toy, rank: [2, 8], threads: 1}, steady: {kind: toy, threads: 1}}"
    found = {}
    for jobs in (1, 2):
        toys = Toys(tmp_path / str(jobs))
        monkeypatch.chdir(toys.workspace.root)
        toys.write(methods, head=ONE_SEED)
        story = Story()
        summary = execute(toys.experiment, toys.workspace, jobs=jobs, watcher=story)
        assert (summary.exit_status, story.most) == (0, jobs)
        seen = {
            (o.record.environment["OMP_NUM_THREADS"], o.record.environment["BAKEOFF_JOBS"]) for o in summary.outcomes
        }
        assert seen == {("1", str(jobs))}
        found[jobs] = results(toys)
    assert found[1] == found[2]
    assert len(found[1]) == 4


@pytest.mark.slow
def test_two_kernels_are_alive_at_once_and_one_that_fails_leaves_the_other_alone(toys):
    toys.write(
        "methods: {meets: {kind: toy, behaviour: meet}, dies: {kind: toy, behaviour: die},"
        " steady: {kind: toy, behaviour: meet}}",
        head=ONE_SEED,
    )
    summary = execute(toys.experiment, toys.workspace, jobs=2)
    assert {outcome.item.request.method: outcome.status for outcome in summary.outcomes} == {
        "meets": "ok",
        "dies": "failed",
        "steady": "ok",
    }
    assert list(summary.without_result) == ["dies seed 1"]


DRIVER = """
import sys; sys.path.insert(0, {tests!r})
import toy_methods; toy_methods.install()
from bakeoff.cli import main
sys.exit(main(["run", "params/toy.yaml", "--no-report", "--jobs", "2"]))
"""


@pytest.mark.slow
def test_an_interrupt_ends_every_kernel_and_all_are_gone_on_from(toys):
    toys.write("methods: {steady: {kind: toy, behaviour: hang}, other: {kind: toy, behaviour: hang}}", head=ONE_SEED)
    code = DRIVER.format(tests=str(Path(__file__).parents[1] / "support"))
    process = subprocess.Popen([sys.executable, "-c", code], cwd=toys.workspace.root, stdout=subprocess.PIPE, text=True)
    runs = toys.workspace.runs_folder("toy")
    try:
        deadline = time.monotonic() + 90
        while len(list(runs.glob("*/checkpoint/state"))) < 2:
            assert time.monotonic() < deadline, "no two kernels got to their first epoch"
            time.sleep(0.1)
        kernels = [int(file.read_text()) for file in runs.glob("*/kernel.pid")]
        assert len(set(kernels)) == 2
        os.kill(process.pid, signal.SIGINT)  # the epoch at hand would end first, if it ended at all
        time.sleep(1)
        os.kill(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert "0 of 2 runs finished, 0 executed now" in output.splitlines()
    assert all(map(gone, kernels))
    assert [item.state for item in plan(toys.experiment, toys.workspace).items] == ["resumable"] * 2
    (toys.workspace.root / "go").touch()
    assert execute(toys.experiment, toys.workspace, jobs=2).exit_status == 0


@pytest.mark.slow
def test_each_run_has_a_time_limit_of_its_own(toys):
    toys.write("methods: {steady: {kind: toy, behaviour: hang}, other: {kind: toy}}", head=ONE_SEED)
    summary = execute(toys.experiment, toys.workspace, jobs=2, limit_s=20)
    assert list(summary.without_result) == ["steady seed 1"]
    assert "TimeLimit: stopped after 20 s" in summary.without_result["steady seed 1"]
