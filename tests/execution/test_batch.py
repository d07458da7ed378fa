"""Runs as jobs: what is to be done in which order, one run by itself, and the scripts that are printed."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bakeoff.errors import BadValue, UnknownName
from bakeoff.execution.batch.scripts import ARRAY, commands, slurm_script, snakefile
from bakeoff.execution.batch.single import execute_one
from bakeoff.execution.batch.stages import Job, stages
from bakeoff.execution.plan import plan
from bakeoff.execution.resources import Needs, needs_of
from bakeoff.experiment.entries import Resources
from bakeoff.runs.choice import read_choice
from bakeoff.runs.record import Cost
from toy_methods import failure, leave
from toys import METHODS, Toys

HALVED = """
methods:
  steady: {kind: toy}
  searched: {kind: toy, epochs: 4, tune: {trials: 4, search: halving, over: {rank: [2, 16]}}}
"""


@pytest.fixture(autouse=True)
def _warm_again(monkeypatch):
    """Fork the kernels of many jobs."""
    monkeypatch.delenv("BAKEOFF_WARM_KERNELS", raising=False)


def staged(toys: Toys) -> list[list[Job]]:
    return stages(plan(toys.experiment, toys.workspace))


def test_trials_come_first_and_what_they_choose_for_last(toys):
    first, second = staged(toys)
    assert [job.trial for job in first].count(True) == 3
    assert {job.name.partition("-")[0] for job in first if not job.trial} == {"plain", "steady"}
    assert [job.name for job in second] == ["swept seed 1", "swept seed 2"]
    trials = tuple(job.mark for job in first if job.trial)
    assert all(job.after == trials and not job.trial for job in second)


def test_halving_has_a_stage_for_each_rung(toys):
    toys.write(HALVED)
    *rungs, last = staged(toys)
    assert [sum(job.trial for job in stage) for stage in rungs] == [4] * len(rungs)
    assert len(rungs) == len(toys.experiment.methods["searched"].rungs) > 1
    marks = [job.mark for stage in [*rungs, last] for job in stage]
    assert len({*marks}) == len(marks)
    assert all(job.after == tuple(one.mark for one in rungs[0] if one.trial) for job in rungs[1])


def test_nothing_is_left_of_a_plan_that_is_done(toys):
    toys.write("methods: {steady: {kind: toy}}")
    for item in plan(toys.experiment, toys.workspace).items:
        leave(item.run, toys.workspace)
    assert staged(toys) == []


def test_jobs_one_by_one_do_what_one_execution_does(toys):
    """Twice over: jobs that find their run done say so and change nothing."""
    told: list[str] = []
    for _ in range(2):
        for stage in staged(toys) or [[]]:
            for job in stage:
                summary = execute_one(toys.experiment, toys.workspace, job.name, say=told.append)
                assert (summary.finished, summary.without_result) == (1, {})
    assert [item.state for item in plan(toys.experiment, toys.workspace).items] == ["finished"] * 8
    assert len(told) == 1
    assert read_choice(toys.experiment, "swept", workspace=toys.workspace).chosen == {"rank": 4}
    again = execute_one(toys.experiment, toys.workspace, "swept seed 1")
    assert (again.outcomes, again.exit_status) == ([], 0)


def test_rungs_one_by_one_stop_the_worse_trials(toys):
    toys.write(HALVED)
    for stage in staged(toys):
        for job in stage:
            assert execute_one(toys.experiment, toys.workspace, job.name).exit_status == 0
    found = plan(toys.experiment, toys.workspace)
    assert {item.state for item in found.items} == {"finished"}
    assert any(item.record.stopped_after for item in found.items if item.request.role == "sweep")


def test_a_run_waits_for_trials_that_have_not_been_tried(toys):
    summary = execute_one(toys.experiment, toys.workspace, "swept seed 1")
    assert summary.exit_status == 1
    assert "3 of 3 trials left" in summary.without_result["swept seed 1"]


def test_a_trial_that_failed_is_left_out_of_the_choice(toys):
    for item in plan(toys.experiment, toys.workspace, only=["swept"]).items:
        if item.run and item.request.overrides == {"rank": 4}:
            leave(item.run, toys.workspace, status="failed", error=failure())
        elif item.run:
            leave(item.run, toys.workspace, accuracy=item.request.overrides["rank"] / 10)
    assert execute_one(toys.experiment, toys.workspace, "swept seed 1").exit_status == 0
    choice = read_choice(toys.experiment, "swept", workspace=toys.workspace)
    assert (choice.chosen, [*choice.left_out]) == ({"rank": 8}, ["rank=4"])


def test_a_failed_run_leaves_its_record_and_status_1(toys):
    toys.write("methods: {steady: {kind: toy, behaviour: raise}}")
    summary = execute_one(toys.experiment, toys.workspace, "steady seed 1")
    assert summary.exit_status == 1
    assert summary.without_result == {"steady seed 1": "ValueError: the toy broke"}


def test_an_unknown_run_is_one_line_with_the_nearest(toys):
    with pytest.raises(UnknownName, match="did you mean 'swept seed 1'"):
        execute_one(toys.experiment, toys.workspace, "swept sed 1")


def test_commands_name_place_run_and_changes(toys):
    experiment = toys.changed("seeds=[7]")
    lines = list(commands(stages(plan(experiment, toys.workspace)), experiment, toys.workspace))
    assert lines[0] == "# stage 1 of 2: 3 trials and 2 runs"
    assert lines[-2] == "# stage 2 of 2: 1 runs with what was chosen"
    assert lines[-1].endswith("-m bakeoff run params/toy.yaml --set 'seeds=[7]' --one 'swept seed 7'")
    assert lines[-1].startswith(f"cd {toys.workspace.root} && ")


def test_the_array_script_is_bash_and_asks_for_what_runs_need(toys):
    toys.write(METHODS.replace("{kind: toy}", "{kind: toy, resources: {cpus: 4, gpus: 0.5, memory_gb: 1.5}}"))
    lines = list(slurm_script(staged(toys), toys.experiment, toys.workspace))
    subprocess.run(["bash", "-n"], input="\n".join(lines), text=True, check=True)
    asked = [line for line in lines if "--array=" in line]
    assert [line for line in asked if "--cpus-per-task=4 --gres=gpu:1 --mem=1536M" in line]
    assert [line for line in asked if "--cpus-per-task=1 --output" in line]
    many = [[Job(f"r{number}", f"r{number}", Needs()) for number in range(ARRAY + 5)]]
    lines = list(slurm_script(many, toys.experiment, toys.workspace))
    assert [line.split('"$script" task ')[1] for line in lines if "--array=" in line] == ['0)")', f'{ARRAY})")']


def test_the_snakefile_is_read_by_python_where_rules_are_left_out(toys):
    lines = list(snakefile(staged(toys), toys.experiment, toys.workspace))
    plain = [line for line in lines if line.startswith(("AFTER", "RUNS_", '    "', "}"))]
    content: dict[str, dict[str, object]] = {}
    exec("\n".join(plain), content)
    names = {name for table, runs in content.items() if table.startswith("RUNS_") for name in runs.values()}
    assert names == {job.name for stage in staged(toys) for job in stage}


def test_what_a_snakefile_has_done_keeps_no_later_one_from_doing_it_again(toys):
    """Else nothing made a run whose result is gone, or that lacks a test set the file has now."""
    first, second = (
        [line for line in snakefile(staged(toys), toys.experiment, toys.workspace) if "output: touch(" in line]
        for _ in range(2)
    )
    assert first
    assert not set(first) & set(second)


@pytest.mark.parametrize("name", ["ws 😀", 'of "Ж" \\ {x}', "\udcff"])
def test_a_snakefile_spells_every_path_as_python_reads_it(toys, name):
    """JSON's surrogates for an emoji were none for Python, and no run began."""
    root = toys.workspace.root / name
    lines = snakefile(staged(toys), toys.experiment, replace(toys.workspace, root=root))
    (line,) = (line for line in lines if line.startswith("workdir: "))
    assert eval(line.removeprefix("workdir: ")) == str(root)


def test_needs_come_from_the_method_then_the_file_then_earlier_runs(toys):
    toys.write(
        "resources: {cpus: 2, gpus: 1}\nmethods: {steady: {kind: toy, resources: {gpus: 0}}, plain: {kind: yardstick}}"
    )
    experiment = toys.experiment
    by_method = {item.request.method: item for item in plan(experiment, toys.workspace).items}
    assert needs_of(by_method["steady"], experiment) == Needs(cpus=2, gpus=0)
    assert needs_of(by_method["plain"], experiment) == Needs(cpus=2, gpus=1)
    cost = Cost(peak_rss_train_bytes=2 * 2**30)
    record = leave(by_method["steady"].run, toys.workspace, cost=cost, environment={"device": "cuda"})
    toys.write("methods: {steady: {kind: toy}}")
    assert needs_of(by_method["steady"], toys.experiment, [record]) == Needs(cpus=1, gpus=1, memory_gb=3.0)


@pytest.mark.parametrize(
    ("given", "reason"),
    [("{gpus: 1.5}", "part of 1"), ("{cpu: 2}", "did you mean 'cpus'"), ("{cpus: 0}", "cpus"), ("3", "not a mapping")],
)
def test_resources_that_cannot_be_used_are_one_line(toys, given, reason):
    for text in (f"methods: {{steady: {{kind: toy, resources: {given}}}}}", f"resources: {given}\n{METHODS}"):
        with pytest.raises((BadValue, UnknownName)) as caught:
            toys.write(text)
        assert reason in str(caught.value) or text.startswith("resources: 3")
        assert "resources" in str(caught.value)


def test_resources_change_no_run(toys):
    before = [item.run.run_id for item in plan(toys.experiment, toys.workspace).items if item.run]
    toys.write("resources: {cpus: 2}\n" + METHODS.replace("yardstick}", "yardstick, resources: {memory_gb: 1}}"))
    assert [item.run.run_id for item in plan(toys.experiment, toys.workspace).items if item.run] == before
    assert toys.experiment.methods["plain"].resources == Resources(memory_gb=1)
    assert Path(toys.file).exists()
