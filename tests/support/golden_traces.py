"""Traces of real runs: every kind of method trained for one epoch on a tiny random model, in this process.

The bits of a training depend on the processor and on the libraries, so hashes are kept per `machine()`.
"""

from __future__ import annotations

import csv
import gc
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bakeoff.errors import Diverged
from bakeoff.experiment.load import load_experiment
from bakeoff.methods.registry import TABLE
from bakeoff.notebook.train import TrainingRun
from bakeoff.runs.run import Request, resolve
from bakeoff.system.workspace import Workspace
from bakeoff.training.machine import environment
from tiny import make_texts, save_tiny, save_tiny_mamba

EXTRA = """
  distilbert_full: {kind: full, model: models/distilbert}
  distilbert_lora: {kind: lora, model: models/distilbert}
  mamba_full: {kind: full, model: models/mamba.json}
  mamba_probe: {kind: linear_probe, model: models/mamba.json}
  usual_dtype: {kind: full, dtype: auto}
  weighted: {kind: full, class_weights: balanced, gradient_accumulation: 2, warmup_share: 0.25, schedule: cosine}
  pooled: {kind: full, pooling: mean}
  swept: {kind: lora, rank: [2, 4]}
  broken: {kind: full, learning_rate: 1e30}
"""
EXPERIMENT = """
data: {source: texts.csv, split: {train: 48, validation: 24, test: 32}, max_length: 32}
model: models/bert
seeds: [1, 2]
defaults: {epochs: 1, batch_size: 8, dtype: float32, threads: 1}
compare: {reference: full}
methods:
"""
KINDS = sorted(TABLE.keys() - {"imported", "zero_shot"})
"""All but a file of answers and one that asks a causal model."""
REQUESTS: dict[str, Request] = {
    **{f"{kind}-s1": Request(method=kind, seed=1) for kind in KINDS},
    **{
        f"{name}-s1": Request(method=name, seed=1)
        for name in (
            "broken",
            "distilbert_full",
            "distilbert_lora",
            "mamba_full",
            "mamba_probe",
            "pooled",
            "usual_dtype",
            "weighted",
        )
    },
    "full-s2": Request(method="full", seed=2),
    "lora-s2": Request(method="lora", seed=2),
    "lora-s1-by-hand": Request(method="lora", seed=1, overrides={"rank": 3}),
    "swept-s1-trial": Request(method="swept", seed=1, role="sweep", overrides={"rank": 2}),
}
HANDFUL = ("full-s1", "linear_probe-s1", "lora-s1", "tfidf-s1", "swept-s1-trial", "broken-s1")
LIBRARIES = ("numpy", "peft", "scikit-learn", "torch", "transformers")


def machine() -> str:
    """Name what the last bits of a training hang on."""
    told = environment()
    libraries = (f"{name} {version(name)}" for name in LIBRARIES)
    return ", ".join((str(told["cpu_model"]), str(told["cpu_capability"]), told["device"], *libraries))


def lay_out(root: Path) -> Workspace:
    for folder in ("notebooks", "params", "models"):
        (root / folder).mkdir()
    for name in ("bert", "distilbert"):
        save_tiny(root / "models" / name, name)
    save_tiny_mamba(root / "models" / "mamba.json", root / "models" / "bert")
    with (root / "texts.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([("text", "label"), *make_texts(104)])
    kinds = "".join(f"  {kind}: {{}}\n" for kind in KINDS)
    (root / "params" / "traces.yaml").write_text(EXPERIMENT + kinds + EXTRA.lstrip("\n"), encoding="utf-8")
    return Workspace(root)


def trace(name: str, workspace: Workspace) -> dict[str, Any]:
    """Train one run as the notebook does, step by step, and return what its record says of the way."""
    experiment = load_experiment(workspace.root / "params" / "traces.yaml", shown_as="params/traces.yaml")
    run = TrainingRun(resolve(REQUESTS[name], experiment, workspace=workspace), experiment, workspace=workspace)
    run.load_data()
    run.build_model()
    try:
        run.fit()
    except Diverged as error:
        return {"diverged": str(error)}
    run.finish()
    made = json.loads(run.record.model_dump_json())
    gc.collect()
    kept = {split: made[split] for split in ("validation", "test")}
    return {"trace": made["trace"], "training": without_times(made["training"]), **kept}


def without_times(training: dict[str, Any] | None) -> dict[str, Any] | None:
    if training:
        training = {**training, "history": [{**epoch, "elapsed_s": None} for epoch in training["history"]]}
    return training
