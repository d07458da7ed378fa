"""How a kernel starts changes no bit of a run."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from bakeoff.execution.local import execute
from bakeoff.experiment.load import load_experiment
from bakeoff.system.workspace import PACKAGE
from bench import Bench


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
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
