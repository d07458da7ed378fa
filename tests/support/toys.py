"""A small workspace in a temporary folder, with a notebook built in memory."""

from __future__ import annotations

import json
import time
from pathlib import Path

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook

from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.system.workspace import Workspace

HEAD = """
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}}
model: models/tiny
seeds: [1, 2]
compare: {reference: steady}
"""
METHODS = "methods: {steady: {kind: toy}, swept: {kind: toy, rank: [2, 4, 8]}, plain: {kind: yardstick}}\n"
PARAMETERS = """\
params = "params/toy.yaml"
method = "steady"
seed: int = None
role: str = None
stop_after: int = None
rank: int = None
changes: list = None"""
BERT = {
    "model_type": "bert",
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
}
HERE = str(Path(__file__).parent)
SETUP = f"import sys\nsys.path.insert(0, {HERE!r})\nimport toy_methods\nrun = toy_methods.ToyRun(globals())"


def gone(pid: int, *, within_s: float = 10) -> bool:
    """Say whether a process ends within that time; one that only waits to be reaped has ended."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def notebook() -> nbformat.NotebookNode:
    cells = [
        ("parameters", PARAMETERS),
        ("setup", SETUP),
        ("train", "run.fit()"),
        ("result", "run.finish()"),
        ("result", "run.show()"),
    ]
    return new_notebook(cells=[new_code_cell(source, metadata={"tags": [tag]}) for tag, source in cells])


class Toys:
    """A workspace whose experiment file can be rewritten."""

    def __init__(self, root: Path) -> None:
        for name in ("notebooks", "params", "models/tiny"):
            (root / name).mkdir(parents=True)
        nbformat.write(notebook(), root / "notebooks" / "train.ipynb")
        (root / "data.csv").write_text("text,label\n" + "".join(f"good {n},1\nbad {n},0\n" for n in range(8)))
        (root / "models/tiny/config.json").write_text(json.dumps(BERT))
        (root / "models/tiny/model.safetensors").touch()
        self.workspace = Workspace(root)
        self.file = root / "params" / "toy.yaml"
        self.write()

    def write(self, methods: str = METHODS, *, head: str = HEAD) -> Experiment:
        self.file.write_text(head + methods, encoding="utf-8")
        return self.experiment

    @property
    def experiment(self) -> Experiment:
        return self.changed()

    def changed(self, *changes: str) -> Experiment:
        return load_experiment(self.file, shown_as="params/toy.yaml", changes=changes)
