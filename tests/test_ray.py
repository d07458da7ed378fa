"""Runs on a cluster of Ray with nodes on loopback: the same results, through lost nodes, and GPUs where they are.

BAKEOFF_LOST_NODES says how many nodes are killed (`make lost-nodes`); none without it, since nodes of one machine take
minutes to be given up and started anew.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bakeoff.errors import BadValue, UnknownName
from bakeoff.execution.engines.named import engine_named
from bakeoff.runs.record import read_records
from bakeoff.system.workspace import Workspace
from clusters import EXPERIMENT, lay_out, made, results, tables

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="ray is not installed"),
]
SUPPORT = Path(__file__).parent / "support"
LOST = int(os.environ.get("BAKEOFF_LOST_NODES", "0"))
LONG = EXPERIMENT.replace("[1, 2]", "[1, 2, 3]").split("methods:")[0] + (
    "methods:\n  full: {{epochs: 40, resources: {{gpus: 0}}}}\ncompare: {{reference: full}}\n"
)
ENVIRONMENT = {
    "PYTHONPATH": str(SUPPORT / "quick"),
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_raylet_start_wait_time_s": "120",
    "RAY_worker_niceness": "0",
    "RAY_worker_register_timeout_seconds": "240",
}
"""Processes of Ray that start soon, and have time to where the machine is busy."""


class Nodes:
    """A cluster of this machine's own: a head that runs nothing, and nodes that do."""

    def __init__(self) -> None:
        self.clients = _port()
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(SUPPORT / "ray_nodes.py"), str(self.clients)],
            env={**os.environ, **ENVIRONMENT},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.address = self._answer()
        self.ids: list[str] = []
        self.with_gpu: set[str] = set()

    def _answer(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the cluster has ended"
        return line.strip()

    def _tell(self, line: str) -> str:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self._answer()

    def add(self, **resources: float) -> None:
        """Add a node of one processor."""
        self.ids.append(self._tell(f"add {json.dumps(resources)}"))
        if resources.get("num_gpus"):
            self.with_gpu.add(self.ids[-1])

    def lose(self, place: int) -> None:
        """Kill a node and all its processes, as a power cut would."""
        self.ids.pop(place)
        self._tell(f"lose {place}")

    def close(self) -> None:
        """End all of it."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


def _port() -> int:
    with socket.socket() as one:
        one.bind(("", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """Return a cluster of three nodes, the first with a GPU that is none."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        found = Nodes()
        for gpus in (1, 0, 0):
            found.add(num_gpus=gpus)
        yield found
        found.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Callable[[str], Workspace]:
    """Return a function that lays out a workspace for an experiment."""
    return lambda text: lay_out(tmp_path_factory.mktemp("place") / "work", tiny_bert, text)


def taken(workspace: Workspace) -> dict[str, list[str]]:
    """Return by run the nodes that took it, in order."""
    logs = workspace.runs_folder("small").glob("*/log.txt")
    return {log.parent.name: re.findall(r"^# on node (\w+)", log.read_text(), re.MULTILINE) for log in logs}


GOING: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    """End what a test that failed has left going."""
    yield
    while GOING:
        with GOING.pop() as process, suppress(ProcessLookupError):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def on_ray(workspace: Workspace, nodes: Nodes, *words: str) -> subprocess.Popen[str]:
    """Start `bakeoff run --on ray` with a cluster that is there."""
    going = subprocess.Popen(
        [sys.executable, "-P", "-m", "bakeoff", "run", "params/small.yaml", "--on", "ray", *words],
        cwd=workspace.root,
        env={**os.environ, "RAY_ADDRESS": nodes.address},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    GOING.append(going)
    return going


def begun(workspace: Workspace, going: subprocess.Popen[str], *, within_s: float = 600) -> bool:
    """Wait until a run has a checkpoint and is not over; return whether there is one before the command has ended."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if going.poll() is not None:
            return False
        folders = [path for path in workspace.runs_folder("small").glob("*") if path.is_dir()]
        at_it = [path for path in folders if (path / ".attempt").exists() and [*path.glob("checkpoint/epoch-*")]]
        if at_it:
            return True
        time.sleep(0.1)
    raise TimeoutError("no run has begun")


def test_three_nodes_make_what_one_machine_makes(nodes, place):
    """GPU runs all on the one node that has a GPU, and tables equal but for what is measured."""
    text = EXPERIMENT.replace("linear_probe: {{}}", "linear_probe: {{resources: {{gpus: 1}}}}")
    alone, many = place(text), place(text)
    made(alone, "run", "params/small.yaml")
    made(many, "run", "params/small.yaml", "--on", "ray", RAY_ADDRESS=nodes.address)
    assert results(many) == results(alone)
    assert tables(many) == tables(alone)
    with_gpu = nodes.ids[0]
    where = taken(many)
    probes = {run: ids for run, ids in where.items() if run.startswith("linear_probe")}
    assert {*map(tuple, probes.values())} == {(with_gpu,)}
    assert len({ids[0] for ids in where.values()}) > 1
    assert made(many, "run", "params/small.yaml", "--on", "ray", RAY_ADDRESS=nodes.address).startswith(
        f"{len(where)} of {len(where)} runs"
    )


def test_nodes_that_do_not_see_the_workspace_work_through_a_store(nodes, place, tmp_path):
    """A run is cancelled on one node after an epoch; the next command goes on from what the store has, on any."""
    text = EXPERIMENT.replace("epochs: 1", "epochs: 40").replace("linear_probe", "full")
    alone, many = place(text), place(text)
    made(alone, "run", "params/small.yaml", "--no-report", "--set", "seeds=[1]")
    words = ("--no-report", "--set", "seeds=[1]", "--store", (tmp_path / "store").as_uri())
    going = on_ray(many, nodes, *words)
    deadline = time.monotonic() + 600
    while not list((tmp_path / "store").glob("small/runs/*/checkpoint.json")) and time.monotonic() < deadline:
        time.sleep(0.1)
    for _ in range(2):
        os.killpg(going.pid, signal.SIGINT)
        time.sleep(0.5)
    told, _ = going.communicate(timeout=600)
    assert going.returncode == 130, told
    shutil.rmtree(many.runs_folder("small"), ignore_errors=True)  # where a run had ended here
    going = on_ray(many, nodes, *words)
    told, _ = going.communicate(timeout=600)
    assert going.returncode == 0, told
    assert results(many) == results(alone)
    assert tables(many) == tables(alone)
    assert any(
        record.training and record.training.resumed_from_epoch for record in read_records(many.runs_folder("small"))
    )


def test_what_no_node_has_is_one_line(nodes, place):
    workspace = place(EXPERIMENT.replace("defaults", "resources: {{gpus: 2}}\ndefaults"))
    done = on_ray(workspace, nodes)
    told, _ = done.communicate(timeout=600)
    assert done.returncode == 2, told
    assert told.splitlines()[-1].startswith(
        "bakeoff: resources: no node of the cluster has 1 processor, 2 GPUs for a run"
    )
    assert not list(workspace.runs_folder("small").glob("*/record.json"))


@pytest.mark.skipif(not LOST, reason="`make lost-nodes` kills them")
def test_lost_nodes_lose_no_run_and_count_none_twice(nodes, place):
    """As many nodes as are asked for, in as many studies as that takes."""
    alone, draw, lost, studies = place(LONG), random.Random(LOST), 0, 0
    made(alone, "run", "params/small.yaml", "--no-report")
    moved, resumed = 0, 0
    while lost < LOST:
        many, studies = place(LONG), studies + 1
        going = on_ray(many, nodes, "--no-report")
        while lost < LOST and begun(many, going):
            time.sleep(draw.uniform(0, 1))
            nodes.lose(draw.randrange(len(nodes.ids)))
            nodes.add()
            lost += 1
        told, _ = going.communicate(timeout=600)
        assert going.returncode == 0, told
        ended = re.findall(r"done (full seed \d)", told)
        assert sorted(ended) == ["full seed 1", "full seed 2", "full seed 3"]
        assert results(many) == results(alone)
        moved += sum(len(ids) - 1 for ids in taken(many).values())
        resumed += sum(
            record.training.resumed_from_epoch is not None for record in read_records(many.runs_folder("small"))
        )
    told = f"{lost} nodes lost in {studies} studies, runs begun again {moved} times, {resumed} of them after an epoch"
    print(told)  # noqa: T201 - the figures of `make lost-nodes`
    assert moved
    assert resumed


@pytest.mark.skipif(not LOST, reason="`make lost-nodes` kills them")
def test_a_run_whose_last_fitting_node_is_lost_does_not_wait_for_ever(nodes, place, monkeypatch):
    """The node with the GPU goes; what ran on it ends with a reason and goes on once there is another."""
    monkeypatch.setenv("BAKEOFF_NODE_WAIT", "20")
    if not nodes.with_gpu.intersection(nodes.ids):
        nodes.add(num_gpus=1)
    workspace = place(LONG.replace("gpus: 0", "gpus: 1"))
    going = on_ray(workspace, nodes, "--no-report", "--set", "seeds=[1]")
    assert begun(workspace, going)
    for one in nodes.with_gpu.intersection(nodes.ids):
        nodes.lose(nodes.ids.index(one))
    told, _ = going.communicate(timeout=600)
    assert going.returncode == 1, told
    assert "NoNode: no node of the cluster has had 1 processor, 1 GPU for 20 s" in told
    nodes.add(num_gpus=1)
    going = on_ray(workspace, nodes, "--no-report", "--set", "seeds=[1]")
    told, _ = going.communicate(timeout=600)
    assert going.returncode == 0, told
    (record,) = read_records(workspace.runs_folder("small"))
    assert record.training.resumed_from_epoch


def test_an_interrupt_cancels_and_the_next_command_goes_on(nodes, place):
    workspace = place(LONG)
    going = on_ray(workspace, nodes, "--no-report", "--set", "seeds=[1]")
    assert begun(workspace, going)
    os.killpg(going.pid, signal.SIGINT)  # a terminal tells the whole group
    told, _ = going.communicate(timeout=600)
    assert going.returncode == 130, told
    assert "the same command goes on from here" in told
    again = on_ray(workspace, nodes, "--no-report", "--set", "seeds=[1]")
    told, _ = again.communicate(timeout=600)
    assert again.returncode == 0, told
    (record,) = read_records(workspace.runs_folder("small"))
    assert record.training.resumed_from_epoch


def test_a_client_of_a_cluster_elsewhere(nodes, place):
    """`ray://` reaches a cluster that this machine is no part of."""
    workspace, address = place(EXPERIMENT), f"ray://127.0.0.1:{nodes.clients}"
    told = made(workspace, "run", "params/small.yaml", "--only", "tfidf", "--no-report", "--on", address)
    assert "3 of 3 runs finished, 3 executed now" in told


def test_a_cluster_of_its_own(place, tmp_path, monkeypatch):
    """`--on ray` starts one, with a token that nobody else has, and ends it."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("RAY_AUTH_MODE")
    workspace = place(EXPERIMENT)
    words = ("run", "params/small.yaml", "--only", "tfidf", "--no-report", "--on", "ray")
    assert "3 of 3 runs finished, 3 executed now" in made(workspace, *words, HOME=str(tmp_path), RAY_ADDRESS="")
    assert (tmp_path / ".ray" / "auth_token").is_file()


def test_a_cluster_that_does_not_answer_is_one_line(place, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    workspace = place(EXPERIMENT)
    for address in ("ray", f"ray://127.0.0.1:{_port()}"):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "bakeoff", "run", "params/small.yaml", "--on", address],
            cwd=workspace.root,
            env={**os.environ, "RAY_ADDRESS": f"127.0.0.1:{_port()}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert done.stderr.startswith("bakeoff: --on: no cluster answers at ")
    assert not workspace.runs_folder("small").exists() or not list(workspace.runs_folder("small").iterdir())


def test_engines_that_are_none_are_one_line(monkeypatch):
    with pytest.raises(UnknownName, match="did you mean 'ray'"):
        engine_named("rya")
    with pytest.raises(BadValue, match="is no host and port"):
        engine_named("ray://head")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadValue, match=re.escape("pip install 'bakeoff[ray]'")):
        engine_named("ray")
