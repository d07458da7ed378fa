"""Reports of fixed records: made without training, built by the real path, normalised for hashing.

Records have fixed run ids and no hash of code, so that neither a move nor a new fingerprint makes them stale; what
depends on the machine (times, memory, host, dates) is set to plausible values.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from bakeoff.data.sources import locate_data
from bakeoff.data.splits import Splits, load_splits
from bakeoff.execution.sweep import choose, lock_choice
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.methods.registry import TABLE
from bakeoff.report.build import build_report
from bakeoff.runs.choice import Trial
from bakeoff.runs.commands import command
from bakeoff.runs.predictions import write_predictions
from bakeoff.runs.record import Cost, Epoch, Failure, Inputs, Record, Trace, Training, write_record
from bakeoff.runs.run import Request, about, resolve
from bakeoff.system.workspace import Workspace
from bakeoff.training.run import quality
from tiny import make_texts

ROOT = Path(__file__).resolve().parents[2]
FILES = ("report.html", "report.pdf", "summary.csv", "summary.md", "summary.tex", "summary.txt")
MIB = 1024**2
BERT = {"model_type": "bert", "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
DATA = """
data: {{source: texts.csv, label: mood, split: {{{more}train: 300, validation: 150, test: {test}}}, max_length: 32}}
model: models/tiny
defaults: {{epochs: 2, batch_size: 8}}
report: {{language: {language}, title: "{title}"}}
"""
SEEDS = """
seeds: [1, 2, 3]
compare: {reference: full}
methods:
  majority: {}
  tfidf: {}
  untrained: {}
  linear_probe: {solver: adamw}
  full: {learning_rate: 1e-3}
  prefix: {virtual_tokens: 2}
  lora: {rank: [2, 4, 8]}
  adalora: {}
  lopsided: {kind: bitfit, learning_rate: 0.5}
  broken: {kind: full, learning_rate: 1e30}
  ia3: {}
"""
GROUPS = """
seeds: [1, 2]
compare: {reference: lora, metric: macro_f1, equivalence_margin: 0.02}
methods: {majority: {}, tfidf: {}, full: {}, lora: {}, dora: {}, top_layers: {}}
"""


@dataclass(frozen=True)
class World:
    """An experiment and what became of its runs.

    failing: (entry, seed) -> failure; missing: (entry, seed) without a record; one_class: entries that give every text
    one class; extra: runs that the experiment does not declare; spoilt: with stale, superseded and unreadable records;
    test: texts to predict
    """

    text: str
    title: str
    failing: dict[tuple[str, int], Failure] = field(default_factory=dict)
    missing: tuple[tuple[str, int], ...] = ()
    one_class: tuple[str, ...] = ()
    extra: tuple[Request, ...] = ()
    spoilt: bool = False
    classes: int = 2
    grouped: bool = False
    test: int = 240


KINDS = sorted(TABLE.keys() - {"imported"})
"""All but the one that is a file of answers."""
WORLDS = {
    "seeds": World(
        SEEDS,
        "Three seeds, a sweep, failures",
        failing={
            **{
                ("broken", seed): Failure(type="Diverged", message="loss is not finite", where="train", kind="diverged")
                for seed in (1, 2, 3)
            },
            ("prefix", 2): Failure(
                type="KernelDied", message="the kernel process was ended by SIGKILL", where="train", kind="killed"
            ),
        },
        missing=(("ia3", 1), ("ia3", 2), ("ia3", 3), ("adalora", 3)),
        one_class=("lopsided",),
        extra=(Request(method="full", seed=7, role="candidate", overrides={"epochs": 3}),),
        spoilt=True,
    ),
    "groups": World(GROUPS, "Two seeds, groups, three classes, macro-F1", classes=3, grouped=True),
    "kinds": World(
        "seeds: [1]\ncompare: {reference: full}\nmethods:\n" + "".join(f"  {kind}: {{}}\n" for kind in KINDS),
        "Every kind of method, one seed",
    ),
}
CASES = [*((world, language) for world in ("seeds", "groups") for language in ("en", "ru")), ("kinds", "en")]


def sha(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def generator(*parts: object) -> np.random.Generator:
    return np.random.default_rng(int(sha(*parts)[:12], 16))


def build(world: str, language: str, root: Path) -> dict[str, bytes]:
    """Write the records of a world below an empty folder, build their report, return file name -> content."""
    made = WORLDS[world]
    workspace, experiment = lay_out(made, world, language, root)
    splits = load_splits(experiment.data, locate_data(experiment.data.source, workspace=workspace))
    Maker(made, experiment, workspace, splits).write_all()
    build_report(experiment, workspace)
    return {name: (workspace.report_folder(world) / name).read_bytes() for name in FILES}


def lay_out(world: World, name: str, language: str, root: Path) -> tuple[Workspace, Experiment]:
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    for folder in ("params", "models/tiny"):
        (root / folder).mkdir(parents=True)
    (root / "models/tiny/config.json").write_text(json.dumps(BERT), encoding="utf-8")
    (root / "models/tiny/model.safetensors").write_bytes(b"weights that nothing reads")
    with (root / "texts.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "mood", "author"])
        for number, (text, mood) in enumerate(make_texts(660 + world.test)):
            label = "mixed" if world.classes > 2 and number % 5 == 0 else mood
            writer.writerow([f"{text} #{number}", label, f"author {number // 3}"])
    more = "group: author, " if world.grouped else ""
    head = DATA.format(more=more, test=world.test, language=language, title=world.title)
    file = root / "params" / f"{name}.yaml"
    file.write_text(head + world.text, encoding="utf-8")
    return Workspace(root), load_experiment(file, shown_as=f"params/{name}.yaml")


class Maker:
    """Writes the records and predictions of a world."""

    def __init__(self, world: World, experiment: Experiment, workspace: Workspace, splits: Splits) -> None:
        self.world, self.experiment, self.workspace, self.splits = world, experiment, workspace, splits

    def write_all(self) -> None:
        chosen: dict[str, Any] = {}
        for name, entry in self.experiment.methods.items():
            if entry.sweep:
                chosen[name] = self.swept(name)
        for request in (*self.requests(chosen), *self.world.extra):
            self.write(request, sweep=chosen.get(request.method))
        if self.world.spoilt:
            self.spoil()

    def swept(self, name: str) -> Any:
        """Write the trials of a sweep and lock what they chose."""
        entry = self.experiment.entry(name)
        trials = []
        for values in product(*entry.sweep.values()):
            point = dict(zip(entry.sweep, values, strict=True))
            asked = Request(method=name, seed=self.experiment.sweep_seed, role="sweep", overrides=point)
            trial = self.write(asked)
            trials.append(Trial(point, trial.run_id, trial))
        choice = choose(self.experiment, entry, trials)
        lock_choice(choice, self.experiment.name, workspace=self.workspace)
        return choice.sweep()

    def requests(self, chosen: dict[str, Any]) -> Iterator[Request]:
        for name, entry in self.experiment.methods.items():
            seeds = self.experiment.seeds_of(entry)
            for seed in seeds:
                if (name, seed) not in self.world.missing:
                    overrides = chosen[name].chosen if name in chosen else {}
                    yield Request(method=name, seed=seed, role="candidate", overrides=overrides)

    def spoil(self) -> None:
        """Leave records of other settings, of the same settings but older, and one that cannot be read."""
        asked = Request(method="full", seed=1)
        stale = self.record(asked)
        method_then = {**stale.identity["method"], "learning_rate": 5e-5}
        self.put(stale, run_id="full-s1-0000aaaa", identity={**stale.identity, "method": method_then})
        older = {**stale.environment, "finished_at": "2026-01-01T00:00:00+00:00"}
        self.put(stale, run_id="full-s1-0000bbbb", environment=older)
        gone = stale.request.model_copy(update={"method": "long_gone"})
        self.put(stale, run_id="long_gone-s1-0000cccc", request=gone, method="long_gone")
        unreadable = self.workspace.run_folder(self.experiment.name, "full-s1-0000dddd").record
        unreadable.parent.mkdir(parents=True)
        unreadable.write_text("{}", encoding="utf-8")

    def put(self, record: Record, **changes: Any) -> None:
        changed = record.model_copy(update=changes)
        file = self.workspace.run_folder(self.experiment.name, changed.run_id).record
        file.parent.mkdir(parents=True)
        write_record(changed, file)

    def write(self, request: Request, *, sweep: Any = None) -> Record:
        record = self.record(request, sweep=sweep)
        folder = self.workspace.run_folder(self.experiment.name, record.run_id)
        folder.path.mkdir(parents=True)
        if record.status == "ok":
            write_predictions(self.predictions(record), self.splits, folder.predictions)
        write_record(record, folder.record)
        return record

    def record(self, request: Request, *, sweep: Any = None) -> Record:
        """Make the record of a run; its identity is that of today but for code and versions."""
        run = resolve(request, self.experiment, workspace=self.workspace)
        told = about(run, command=command(run, self.workspace.relative(self.experiment.file)))
        told["identity"] = {**run.identity, "versions": {}, "code": {}}
        told["run_id"] = f"{run.method}-s{run.seed}-{sha(run.method, run.seed, run.role, run.request.overrides)[:8]}"
        told |= {"compare": self.experiment.compare.model_dump(mode="json"), "environment": environment(run.seed)}
        failure = self.world.failing.get((run.method, run.seed))
        if failure:
            status = "diverged" if failure.type == "Diverged" else "failed"
            return Record(**told, status=status, error=failure)
        blank = Record(**told, status="ok", sweep=None if run.role == "sweep" else sweep, inputs=self.inputs(run))
        parts = {
            split: quality(self.splits[split]["label"].to_numpy(), logits, names=self.splits.label_names)
            for split, logits in self.predictions(blank).items()
        }
        measured = {
            "validation": parts["validation"],
            "test": parts.get("test"),
            "training": training(blank, parts["validation"].metrics),
            "cost": cost(blank),
            "trace": Trace(predictions_sha256=sha(blank.run_id)),
        }
        return blank.model_copy(update=measured)

    def inputs(self, run: Any) -> Inputs:
        known: dict[str, Any] = {}
        if run.located_model:
            known = {
                "model_id": run.located_model.id,
                "model_architecture": "BertModel",
                "model_pretrained": True,
                "base_weights_sha256": sha("base"),
                "pad_token": "[PAD]",
                "head": "BertForSequenceClassification",
            }
        return Inputs(
            data_id=run.located_data.id,
            data_revision=run.located_data.revision,
            data_sha256=run.located_data.sha256,
            label_names=self.splits.label_names,
            splits=self.splits.facts(),
            overlap=self.splits.overlap(),
            shared_groups=self.splits.shared_groups(),
            dropped=self.splits.dropped,
            max_length=run.data.max_length,
            comparability_sha256=self.splits.comparability_sha256(),
            **known,
        )

    def predictions(self, record: Record) -> dict[str, Any]:
        """Return split -> logits (N, C): some texts are easy for all methods, some for one of them."""
        splits = ("validation",) if record.role == "sweep" else ("validation", "test")
        return {split: self.logits(record, split) for split in splits}

    def logits(self, record: Record, split: str) -> Any:
        gold = self.splits[split]["label"].to_numpy()
        n, classes = len(gold), len(self.splits.label_names)
        if record.kind == "majority" or record.method in self.world.one_class:
            return np.tile(np.eye(classes, dtype=np.float32)[0], (n, 1))
        seed = record.seed if not record.deterministic else 0
        rng = generator(record.method, seed, split, sorted(record.request.overrides.items()))
        ease = generator("texts", split).normal(size=n) + 0.6 * generator(record.method, split).normal(size=n)
        rank = np.argsort(np.argsort(ease + 0.5 * rng.normal(size=n), kind="stable"), kind="stable")
        right = rank < round(n * (accuracy(record) + 0.02 * (rng.random() - 0.5)))
        guess = np.where(right, gold, (gold + rng.integers(1, classes, size=n)) % classes)
        sure = 0.25 + rng.integers(0, 12, size=n) / 4
        return np.where(np.arange(classes) == guess[:, None], sure[:, None], 0.0).astype(np.float32)


def accuracy(record: Record) -> float:
    """Return about how good a method is (fraction)."""
    if record.kind == "untrained":
        return 0.49
    usual = {"tfidf": 0.76, "linear_probe": 0.79, "full": 0.86, "lora": 0.86, "prefix": 0.8, "adalora": 0.845}
    own = usual.get(record.kind, 0.7 + int(sha(record.kind)[:4], 16) % 180 / 1000)
    return own - 0.01 * abs(record.params.get("rank", 8) - 4) / 4 if record.kind == "lora" else own


def training(record: Record, metrics: dict[str, float]) -> Training | None:
    if not record.params.get("epochs"):
        return Training(epochs=1, steps=0, samples_seen=300) if record.trained else None
    epochs, rng = record.params["epochs"], generator(record.run_id, "history")
    history = tuple(
        Epoch(
            epoch=epoch,
            step=38 * epoch,
            train_loss=0.75 / epoch + int(rng.integers(100)) / 5000,
            validation_loss=0.5 + int(rng.integers(100)) / 5000,
            validation={name: value * (1 - 0.125 * (epochs - epoch)) for name, value in metrics.items()},
            elapsed_s=10.5 * epoch,
        )
        for epoch in range(1, epochs + 1)
    )
    return Training(
        epochs=epochs,
        steps=38 * epochs,
        samples_seen=300 * epochs,
        tokens_real=4_000 * epochs,
        tokens_padded=4_400 * epochs,
        truncated_share=0.0,
        effective_batch=8,
        dtype="float32",
        pooling="pooler",
        history=history,
    )


def cost(record: Record) -> Cost:
    size = int(sha(record.kind)[:6], 16)
    neural, trained = record.inputs.model_id is not None, record.trained
    whole = 22_713_986 if neural else 41_013
    trainable = whole if record.kind == "full" else 0 if not trained else 1_000 + size % 400_000
    factor = 1 + record.seed / 64
    return Cost(
        params_trainable=trainable,
        params_total=whole,
        params_added=trainable if trained and neural and record.kind != "full" else None,
        artifact_bytes=4 * trainable + 1_000,
        load_s=0.75,
        tokenize_s=0.5 if neural else None,
        train_s=(20 + size % 100) * factor if trained else None,
        train_cpu_s=2 * 0.9375 * (20 + size % 100) * factor if trained else None,
        validation_s=4.0,
        test_s=5.25 * factor,
        train_tokens_per_s=1024.0 if trained and neural else None,
        inference_ms_per_item=2.5 * factor,
        inference_cpu_s=2 * 0.9375 * 2.5 * factor * 0.24,
        eval_batch_size=64 if neural else None,
        rss_after_load_bytes=600 * MIB,
        peak_rss_train_bytes=(800 + size % 500) * MIB if trained else None,
        peak_rss_eval_bytes=700 * MIB,
    )


def environment(seed: int) -> dict[str, Any]:
    return {
        "finished_at": f"2026-01-05T10:{seed % 60:02d}:50+00:00",
        "python": "3.11.2",
        "implementation": "CPython",
        "platform": "Linux-6.1-x86_64",
        "machine": "x86_64",
        "packages": {"torch": "2.13.0", "transformers": "5.23.1", "peft": "0.21.0"},
        "lock_sha256": sha("lock"),
        "cpu_model": "A processor",
        "cpu_flags": ["avx2", "avx512f"],
        "cpu_capability": "AVX512",
        "cores": 2,
        "logical_cores": 4,
        "threads": 2,
        "runs_at_a_time": 1,
        "memory_bytes": 8 * 1024**3,
        "load_average": [1.5, 1.25, 1.0],
        "device": "cpu",
        "device_name": None,
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "dirty": False,
    }


def normalised(name: str, content: bytes, root: Path) -> bytes:
    """Return what is hashed: no module paths, no folder of this machine, pictures by hash, floats without last bits."""
    if name.endswith(".pdf"):
        return content
    text = content.decode("utf-8").replace(str(root), "ROOT")
    text = re.sub(r"base64,([A-Za-z0-9+/=]{64,})", lambda found: f"base64,{sha(found.group(1))}", text)
    text = re.sub(r"\bbakeoff(\.[a-z_]\w*)+", "bakeoff.MODULE", text)
    text = re.sub(r"\d+\.\d{10,}(?!\d*e)", lambda found: f"{float(found.group()):.9f}", text)
    return text.encode("utf-8")
