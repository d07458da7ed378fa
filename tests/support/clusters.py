"""A small experiment for executions on many machines, and what of its results has to be the same on all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from bakeoff.report.build import view
from bakeoff.runs.record import read_records
from bakeoff.system.workspace import Workspace
from tiny import make_texts

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENT = """
data:
  source: texts.csv
  split: {{train: 60, validation: 30, test: 40}}
  max_length: 32
model: {model}
seeds: [1, 2]
defaults: {{epochs: 1, batch_size: 8, threads: 1}}
methods:
  tfidf: {{inverse_penalty: [0.1, 1.0]}}
  linear_probe: {{}}
compare: {{reference: tfidf}}
"""
MEASURED = ("train_s", "peak_memory", "cost", "inference", "seconds")
"""What a run is measured by, in parts of columns' names: these differ from one execution to the next."""


def lay_out(root: Path, model: Path, text: str = EXPERIMENT) -> Workspace:
    """Make a workspace with the real notebooks, 140 texts and the experiment params/small.yaml."""
    shutil.copytree(ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (root / "params").mkdir()
    rows = [f'"{text}",{label}' for text, label in make_texts(140)]
    (root / "texts.csv").write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    (root / "params" / "small.yaml").write_text(text.format(model=model), encoding="utf-8")
    return Workspace(root)


def made(workspace: Workspace, *words: str, status: int = 0, **environment: str) -> str:
    """Call bakeoff in a workspace; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bakeoff", *words],
        cwd=workspace.root,
        env={**os.environ, "BAKEOFF_VECTOR_CACHE": "off", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def results(workspace: Workspace, name: str = "small") -> dict[str, tuple[Any, ...]]:
    """Return what each run came to: scores, hashes along the way and the bytes of its predictions."""
    folder = workspace.runs_folder(name)
    return {
        record.run_id: (
            record.status,
            record.validation,
            record.test,
            record.trace,
            record.sweep,
            (folder / record.run_id / "predictions.parquet").read_bytes(),
        )
        for record in read_records(folder)
    }


def tables(workspace: Workspace, name: str = "small") -> str:
    """Return an experiment's summary.csv without what is measured: the report's, or what that would be."""
    file = workspace.report_folder(name) / "summary.csv"
    made_now = None if file.is_file() else view(f"params/{name}.yaml", workspace=workspace).summary_files()
    table = pd.read_csv(StringIO(made_now["summary.csv"]) if made_now else file)
    assert len(table.columns) > 30
    kept = [column for column in table.columns if not any(part in column for part in MEASURED)]
    return table[kept].to_csv(index=False)
