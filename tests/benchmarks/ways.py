"""One process: methods as bakeoff trains them and as the plain way does, in turn, on the same texts.

Prints one JSON line: method -> rounds, each with the seconds of both and this machine's rate just then.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import gc
import importlib.util
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.update(HF_HUB_OFFLINE="1", BAKEOFF_VECTOR_CACHE="off", TOKENIZERS_PARALLELISM="false")

import torch

import rates
from bakeoff.experiment.load import load_experiment
from bakeoff.notebook.train import TrainingRun
from bakeoff.runs.run import Request, resolve
from bakeoff.system.workspace import Workspace
from bakeoff.training.cost import TRAIN, Meter
from bakeoff.training.machine import device, resolve_dtype

KEPT = "linear_probe, vectors kept"
"""As every seed but the first has it, and every experiment on texts that one has read."""
METHODS = ("full", "lora", "prefix", "linear_probe", KEPT)
PASSES = {"full": 3, "lora": 2, "prefix": 2, "linear_probe": 1, KEPT: 0}
"""Forward passes that a step's products come to: one more for inputs, one more for weights."""
EPOCHS = {"linear_probe": 5}
"""Of the plain way where it trains more than one: so many had the notebook written by hand; ours is solved."""
EXPERIMENT = """
data: {source: items, text: text, label: label, max_length: 256}
model: bundled:minilm-l6
seeds: [1]
defaults: {epochs: 1, batch_size: 32, threads: %d}
compare: {reference: full}
methods:
  full: {learning_rate: 5.0e-5}
  lora: {learning_rate: 1.0e-3, rank: 8, alpha: 32, dropout: 0.05}
  prefix: {learning_rate: 1.0e-2, virtual_tokens: 10}
  linear_probe: {}
"""
VALIDATION = 32


class Place:
    """A workspace of texts that lie as the plain way reads them, "text;label" a line."""

    def __init__(self, root: Path, data: Path, *, train: int, test: int, threads: int) -> None:
        for folder in ("notebooks", "params", "items"):
            (root / folder).mkdir()
        rows = {split: _rows(data / f"{split}.txt") for split in ("train", "test")}
        parts = {"train": rows["train"][:train], "validation": rows["train"][-VALIDATION:], "test": rows["test"][:test]}
        for split, held in parts.items():
            with (root / "items" / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows([("text", "label"), *held])
        file = root / "params" / "speed.yaml"
        file.write_text(EXPERIMENT % threads, encoding="utf-8")
        self.workspace, self.fit_s = Workspace(root), 0.0
        self.experiment = load_experiment(file, shown_as="params/speed.yaml")

    def trained(self, method: str, seed: int, **overrides: Any) -> Any:
        """Return a trainee after training, before prediction."""
        os.environ["BAKEOFF_VECTOR_CACHE"] = "1" if method == KEPT else "off"
        request = Request(method=method.partition(",")[0], seed=seed, overrides=overrides)
        run = TrainingRun(
            resolve(request, self.experiment, workspace=self.workspace), self.experiment, workspace=self.workspace
        )
        run.load_data()
        run.build_model()
        clock = rates.clock_of(torch.get_num_threads())
        begun = clock()
        with contextlib.redirect_stderr(io.StringIO()):  # the bar
            run.fit()
        self.fit_s = clock() - begun
        return run.trainee


def _rows(file: Path) -> list[list[str]]:
    return [line.rsplit(";", 1) for line in file.read_text(encoding="utf-8").splitlines()]


def plain(file: Path, method: str, *, train: int, test: int) -> dict[str, float]:
    """Run the plain way in this process; return its seconds and its peak of memory."""
    spec = importlib.util.spec_from_file_location("plain_trainer", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    said, meter, clock = io.StringIO(), Meter(), rates.clock_of(torch.get_num_threads())
    module.time = SimpleNamespace(monotonic=clock)  # type: ignore[attr-defined]
    kind = method.partition(",")[0]
    asked = {"method": kind, "train": train, "test": test, "epochs": EPOCHS.get(kind, 1)}
    given, sys.argv = sys.argv, [str(file), *(word for name in asked for word in (f"--{name}", str(asked[name])))]
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()), meter.phase("train"):
            module.main()
    finally:
        sys.argv = given
    found = json.loads(said.getvalue().splitlines()[-1])
    return {"train_s": found["train_s"], "test_s": found["test_s"], "peak": meter.peak("rss", "train") or 0}


def ours(place: Place, method: str, seed: int) -> dict[str, float]:
    """Train and predict; return seconds, peak of memory, and the work in products.

    work, test_work: FLOP of the products that the real tokens need, without padding
    """
    trainee = place.trained(method, seed)
    trainee.predict("test")
    one = _work(trainee)
    return {
        # A run counts what making its vectors took when they were made; here it is what this one takes.
        "train_s": place.fit_s if method == KEPT else _spent(trainee, *TRAIN),
        "test_s": _spent(trainee, "test"),
        "peak": trainee.cost.peak_rss_train_bytes,
        "tokens": trainee.training.tokens_real,
        "test_tokens": int(trainee.encoded["test"].lengths.sum()),
        "work": PASSES[method] * one["train"],
        "test_work": one["test"] * (method != KEPT),
    }


def _spent(trainee: Any, *phases: str) -> float:
    meter = trainee.meter
    found: float = (meter.processor if torch.get_num_threads() == 1 else meter.spent)(*phases) or 0.0
    return found


def _work(trainee: Any) -> dict[str, float]:
    """Return split -> FLOP of one forward pass: linear layers, and scores and sums of attention."""
    encoder = trainee.base.encoder
    weights = sum(
        module.weight.numel()
        for name, module in encoder.named_modules()
        if isinstance(module, torch.nn.Linear) and not name.startswith("pooler") and "lora_" not in name
    )
    layers, width = encoder.config.num_hidden_layers, encoder.config.hidden_size
    found = {}
    for split in ("train", "test"):
        lengths = trainee.encoded[split].lengths.astype(float)
        found[split] = 2 * weights * lengths.sum() + 4 * layers * width * (lengths**2).sum()
    return found


def switched(place: Place, seed: int, what: str) -> dict[str, float]:
    """Return the seconds without and with one of the settings of speed."""
    if what == "batches by tokens":
        trainee = place.trained("lora", seed)
        found = {}
        for name, size in (("without", 64), ("with", None)):
            trainee.config = trainee.config.model_copy(update={"eval_batch_size": size})
            trainee.logits.clear()
            before = _spent(trainee, "test")
            trainee.predict("test")
            found[name] = _spent(trainee, "test") - before
        return found
    found = {}
    for name, rows in (("without", "all"), ("with", "named")):
        os.environ["BAKEOFF_EMBEDDING_ROWS"] = rows
        found[name] = _spent(place.trained("full", seed + (rows == "all")), *TRAIN)
    return found


def profile(place: Place, seed: int, *, most: int = 12) -> list[tuple[str, float]]:
    """Return the operators that training fully takes longest in, each with its share of the processor's time."""
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as watched

    with watched(activities=[ProfilerActivity.CPU], acc_events=True) as seen:
        place.trained("full", seed)
    kept = [one for one in seen.key_averages() if one.key.startswith(("aten::", "Optimizer", "autograd", "mkldnn"))]
    whole = sum(one.self_cpu_time_total for one in kept)
    ranked = sorted(kept, key=lambda one: -one.self_cpu_time_total)[:most]
    return [(one.key, one.self_cpu_time_total / whole) for one in ranked]


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--methods", nargs="*", default=[])
    parser.add_argument("--switches", nargs="*", default=[])
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--plain", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--train", type=int, default=640)
    parser.add_argument("--test", type=int, default=640)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    dtype = resolve_dtype("auto", device())
    items = {"train": asked.train, "test": asked.test}
    found: dict[str, Any] = {"dtype": dtype, "methods": {}, "switches": {}, "profile": []}
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        os.environ["BAKEOFF_CACHE"] = folder
        place = Place(Path(folder).resolve(), asked.data, **items, threads=asked.threads)
        if asked.methods:
            place.trained(asked.methods[0], 1000)  # what happens once in a process is no part of a round
        for method in asked.methods:
            rounds = found["methods"].setdefault(method, [])
            if method == KEPT:
                place.trained(method, 1000).predict("test")
            for n in range(asked.rounds):
                one: dict[str, Any] = {
                    "rate": rates.product_rate(getattr(torch, dtype)),
                    "ours": ours(place, method, n),
                }
                if asked.plain:
                    one["plain"] = plain(asked.plain, method, **items)
                rounds.append(one)
                gc.collect()
        for what in asked.switches:
            found["switches"][what] = [switched(place, 100 + 2 * n, what) for n in range(asked.rounds)]
        if asked.profile:
            found["profile"] = profile(place, 200)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
