"""Runs on a cluster of Ray with nodes on loopback: the same results, through lost nodes, and GPUs where they are.

BAKEOFF_LOST_NODES says how many nodes are killed (`make lost-nodes`).
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bakeoff.errors import BadValue, UnknownName
from bakeoff.execution.engines.named import engine_named
from bakeoff.runs.record import read_records
from bakeoff.system.workspace import Workspace
from clusters import EXPERIMENT, lay_out, made, results, tables

pytestmark = pytest.mark.slow
ray = pytest.importorskip("ray", reason="ray is not installed", exc_type=ImportError)
LOST = int(os.environ.get("BAKEOFF_LOST_NODES", "2"))
LONG = EXPERIMENT.replace("[1, 2]", "[1, 2, 3]").split("methods:")[0] + (
    "methods:\n  full: {{epochs: 40}}\ncompare: {{reference: full}}\n"
)
STORE = 80 * 2**20


class Nodes:
    """A cluster of this machine's own: a head that runs nothing, and nodes that do."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        health = {
            "health_check_initial_delay_ms": 0,
            "health_check_period_ms": 1000,
            "health_check_failure_threshold": 10,
        }
        head = {"num_cpus": 0, "num_gpus": 0, "object_store_memory": STORE, "_system_config": health}
        self.cluster = Cluster(initialize_head=True, head_node_args={**head, "include_dashboard": False})
        self.nodes: list[Any] = []

    @property
    def address(self) -> str:
        return str(self.cluster.address)

    def add(self, **resources: float) -> str:
        """Add a node of one processor; return its id."""
        given = {"num_cpus": 1, "num_gpus": 0, "object_store_memory": STORE, **resources}
        self.nodes.append(self.cluster.add_node(**given))
        return str(self.nodes[-1].node_id)

    def lose(self, place: int) -> None:
        """Kill a node and all its processes, as a power cut would."""
        self.cluster.remove_node(self.nodes.pop(place), allow_graceful=False)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """Return a cluster of three nodes, the first with a GPU that is none."""
    found = Nodes()
    found.add(num_gpus=1)
    found.add()
    found.add()
    yield found
    found.cluster.shutdown()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Callable[[str], Workspace]:
    """Return a function that lays out a workspace for an experiment."""
    return lambda text: lay_out(tmp_path_factory.mktemp("place") / "work", tiny_bert, text)


def taken(workspace: Workspace) -> dict[str, list[str]]:
    """Return by run the nodes that took it, in order."""
    logs = workspace.runs_folder("small").glob("*/log.txt")
    return {log.parent.name: re.findall(r"^# on node (\w+)", log.read_text(), re.MULTILINE) for log in logs}


def on_ray(workspace: Workspace, nodes: Nodes, *words: str) -> subprocess.Popen[str]:
    """Start `bakeoff run --on ray` with a cluster that is there."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "bakeoff", "run", "params/small.yaml", "--on", "ray", *words],
        cwd=workspace.root,
        env={**os.environ, "RAY_ADDRESS": nodes.address},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def begun(workspace: Workspace, *, besides: int = 0, within_s: float = 120) -> None:
    """Wait until as many runs have a checkpoint, and are not over, as there are nodes for."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        folders = [path for path in workspace.runs_folder("small").glob("*") if path.is_dir()]
        going = [path for path in folders if (path / ".attempt").exists() and (path / "epochs.jsonl").exists()]
        if len(going) > besides:
            return
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
    with_gpu = str(nodes.nodes[0].node_id)
    where = taken(many)
    probes = {run: ids for run, ids in where.items() if run.startswith("linear_probe")}
    assert {*map(tuple, probes.values())} == {(with_gpu,)}
    assert len({ids[0] for ids in where.values()}) > 1
    assert made(many, "run", "params/small.yaml", "--on", "ray", RAY_ADDRESS=nodes.address).startswith(
        f"{len(where)} of {len(where)} runs"
    )


def test_what_no_node_has_is_one_line(nodes, place):
    workspace = place(EXPERIMENT.replace("defaults", "resources: {{gpus: 2}}\ndefaults"))
    done = on_ray(workspace, nodes)
    told, _ = done.communicate(timeout=120)
    assert done.returncode == 2
    assert told.splitlines()[-1].startswith("bakeoff: resources: no node of the cluster has 1 cpus, 2 gpus for a run")
    assert not list(workspace.runs_folder("small").glob("*/record.json"))


def test_lost_nodes_lose_no_run_and_count_none_twice(nodes, place):
    alone, many = place(LONG), place(LONG)
    made(alone, "run", "params/small.yaml", "--no-report")
    draw = random.Random(LOST)
    going = on_ray(many, nodes, "--no-report")
    for _ in range(LOST):
        begun(many)
        time.sleep(draw.uniform(0, 1))
        if going.poll() is not None:
            break
        nodes.lose(draw.randrange(len(nodes.nodes)))
        nodes.add()
    told, _ = going.communicate(timeout=600)
    assert going.returncode == 0, told
    ended = re.findall(r"done (full seed \d)", told)
    assert sorted(ended) == ["full seed 1", "full seed 2", "full seed 3"]
    assert results(many) == results(alone)
    records = read_records(many.runs_folder("small"))
    assert max(len(ids) for ids in taken(many).values()) > 1
    assert any(record.training.resumed_from_epoch for record in records)


def test_an_interrupt_cancels_and_the_next_command_goes_on(nodes, place):
    workspace = place(LONG)
    going = on_ray(workspace, nodes, "--no-report", "--set", "seeds=[1]")
    begun(workspace)
    going.send_signal(signal.SIGINT)
    told, _ = going.communicate(timeout=60)
    assert going.returncode == 130, told
    assert "the same command goes on from here" in told
    again = on_ray(workspace, nodes, "--no-report", "--set", "seeds=[1]")
    told, _ = again.communicate(timeout=300)
    assert again.returncode == 0, told
    (record,) = read_records(workspace.runs_folder("small"))
    assert record.training.resumed_from_epoch


def test_engines_that_are_none_are_one_line(monkeypatch):
    with pytest.raises(UnknownName, match="did you mean 'ray'"):
        engine_named("rya")
    with pytest.raises(BadValue, match="is no host and port"):
        engine_named("ray://head")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadValue, match=re.escape("pip install 'bakeoff[ray]'")):
        engine_named("ray")
