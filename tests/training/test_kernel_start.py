"""How a kernel starts changes no bit of a run."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from bakeoff.execution import warm
from bakeoff.execution.local import execute
from bakeoff.execution.preflight import preflight
from bakeoff.execution.warm import warm_kernels
from bakeoff.experiment.load import load_experiment
from bakeoff.system.starter import make_workspace
from bakeoff.system.workspace import PACKAGE, Workspace
from bench import Bench
from tiny import make_texts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


@pytest.mark.slow
def test_runs_are_bit_for_bit_those_of_cold_kernels(bench: Bench, monkeypatch):
    root = bench.workspace.root
    for name in ("train", "compare"):
        shutil.copy(PACKAGE.parents[1] / "notebooks" / f"{name}.ipynb", root / "notebooks")
    split = "{train: 60, validation: 30, test: 30}"
    (root / "params").mkdir(exist_ok=True)
    (root / "params/small.yaml").write_text(
        f"data: {{source: texts.csv, split: {split}, max_length: 24}}\nmodel: {bench.models['bert']}\nseeds: [1]\n"
        "defaults: {epochs: 2, batch_size: 8, learning_rate: 5.0e-3, threads: 1}\n"
        "methods: {full: {}, prefix: {}, tfidf: {}}\n"
    )
    monkeypatch.chdir(root)
    left = {}
    for setting in ("off", "on"):
        monkeypatch.setenv("BAKEOFF_WARM_KERNELS", setting)
        summary = execute(load_experiment(root / "params/small.yaml"), bench.workspace, jobs=2)
        assert summary.without_result == {}
        records = sorted(root.glob("reports/small/runs/*/record.json"))
        assert len(records) == 3
        for file in records:
            record = json.loads(file.read_text())
            start = record["environment"]["kernel_start"]
            left.setdefault(file.parent.name, {})[start] = (record["trace"], record["test"], file.parent)
            file.parent.rename(file.parent.parent.parent / f"{setting}-{file.parent.name}")
    for name, both in left.items():
        assert sorted(both) == ["cold", "forked"], name
        assert both["cold"][:2] == both["forked"][:2]


def test_imports_begin_beside_the_checks_and_are_those_the_runs_use(
    tmp_path: Path, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_workspace(tmp_path)
    rows = "\n".join(f"{text},{label}" for text, label in make_texts(60))
    (tmp_path / "texts.csv").write_text(f"text,label\n{rows}\n", encoding="utf-8")
    file = tmp_path / "params" / "small.yaml"
    file.write_text(
        "data: {source: texts.csv, split: {train: 20, validation: 20, test: 20}, max_length: 16}\n"
        f"model: {tiny_bert}\nseeds: [1]\n"
        "defaults: {epochs: 1, threads: 1}\nmethods: {full: {}, majority: {}}\n"
    )
    experiment, workspace = load_experiment(file, root=tmp_path), Workspace(tmp_path)
    monkeypatch.setattr(warm, "_FORGES", {})
    monkeypatch.setattr(warm, "_HOLDERS", 0)
    preflight(experiment, workspace)
    assert not warm._FORGES, "nobody has asked for forked kernels"
    with warm_kernels():
        preflight(experiment, workspace, here=False)
        assert not warm._FORGES
        preflight(experiment, workspace)
        (forge,) = warm._FORGES.values()
        assert execute(experiment, workspace, jobs=2).finished == 2
        assert list(warm._FORGES.values()) == [forge]
        assert len(forge._kernels) == 2
        preflight(experiment, workspace)  # with nothing to run
        assert list(warm._FORGES.values()) == [forge]
