"""Realistic records in memory: the demo's eight methods under three seeds, with the sweep of LoRA's rank.

Predictions are drawn so that items are easy or hard for all methods alike; every metric is computed from them.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm

from bakeoff.data.schema import Data, Label, Split, SplitFacts
from bakeoff.experiment.entries import MethodEntry
from bakeoff.experiment.model import Compare, Experiment, Report
from bakeoff.metrics.classification import per_class, score_all
from bakeoff.runs.record import Cost, Epoch, Failure, Inputs, Quality, Record, Sweep, Trace, Training
from bakeoff.runs.run import Request
from bakeoff.stats.compare import Comparison, compare
from bakeoff.stats.inputs import Contender
from bakeoff.study.collect import Collection, Excluded, Row

MIB = 1024**2
RANKS = (2, 4, 8, 16)
TEST, VALIDATION = 2000, 1000

# accuracy, trainable parameters, artifact bytes, train_s, peak RSS in MiB, epochs
FACTS: dict[str, tuple[float, int | None, int | None, float | None, int | None, int]] = {
    "majority": (0.500, 2, 30, 0.001, 310, 0),
    "tfidf": (0.752, 41_013, 1_300_000, 0.62, 402, 0),
    "untrained": (0.497, 0, 91_000_000, None, None, 0),
    "linear_probe": (0.781, 770, 4_100, 31.0, 842, 5),
    "full": (0.848, 22_713_986, 91_000_000, 126.0, 1312, 3),
    "prefix": (0.792, 46_850, 190_000, 84.0, 861, 3),
    "lora": (0.846, 147_842, 600_000, 92.0, 893, 3),
    "mamba": (0.641, 9_514_370, 38_200_000, 210.0, 1730, 3),
}
DETERMINISTIC = ("majority", "tfidf")
BASELINES = ("majority", "tfidf", "untrained")
LOOP = {"linear_probe": {"solver": "adamw"}}  # seeds make a difference to it then
NEURAL = ("untrained", "linear_probe", "full", "prefix", "lora", "mamba")


def sha(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def experiment(**changes: Any) -> Experiment:
    entries = {
        name: MethodEntry(
            name=name,
            kind="full" if name == "mamba" else name,
            model="bundled:mamba2-small" if name == "mamba" else None,
            options={**({"learning_rate": 1e-3} if name in NEURAL[1:] else {}), **LOOP.get(name, {})},
            sweep={"rank": RANKS} if name == "lora" else {},
        )
        for name in changes.pop("names", FACTS)
    }
    settings: dict[str, Any] = {
        "name": "demo",
        "file": Path("params/demo.yaml"),
        "data": Data(
            source="bundled:icwsm2014/movies",
            label=Label(column="score", bins=(0.0,), names=("negative", "positive")),
            where="abs(score) >= 0.5",
            split=Split(train=2000, validation=1000, test=2000),
        ),
        "model": "bundled:minilm-l6",
        "seeds": (41, 42, 43),
        "methods": entries,
        "compare": Compare(),
        "report": Report(title="Ways to fine-tune a small encoder on movie-review sentiment"),
    }
    return Experiment(**{**settings, **changes})


@functools.cache
def gold(n: int = TEST, classes: int = 2) -> Any:
    return np.random.default_rng(n).permutation(np.arange(n) % classes)


@functools.cache
def predictions(method: str, seed: int, n: int = TEST, rank: int = 8, classes: int = 2) -> Any:
    """Return predictions that are right where a mix of item ease, method and seed noise stays below a threshold."""
    truth = gold(n, classes)
    if method == "majority":
        return np.zeros(n, dtype=int)
    seed = 41 if method in DETERMINISTIC else seed
    shared = np.random.default_rng(n + 1).normal(size=n)
    own = np.random.default_rng(sum(map(ord, method)) + n).normal(size=n)
    rng = np.random.default_rng([sum(map(ord, method)), seed, n, rank])
    wanted = FACTS[method][0] + 0.004 * rng.normal() + (0 if method != "lora" else 0.004 * np.log2(rank / 8))
    ease = np.sqrt(0.6) * shared + np.sqrt(0.25) * own + np.sqrt(0.15) * rng.normal(size=n)
    right = ease < norm.ppf(wanted)
    return np.where(right, truth, (truth + rng.integers(1, classes, size=n)) % classes)


def logits(method: str, seed: int, n: int = TEST, rank: int = 8, classes: int = 2) -> Any:
    """Return logits (N, C) that give the predictions, more or less surely; the majority is equally sure of all."""
    guess = predictions(method, seed, n, rank, classes)
    rng = np.random.default_rng([sum(map(ord, method)), 41 if method in DETERMINISTIC else seed, n])
    sure = np.ones(n) if method == "majority" else 0.2 + 3 * rng.random(n)
    return np.where(np.arange(classes) == guess[:, None], sure[:, None], 0.0).astype(np.float32)


@functools.cache
def quality(method: str, seed: int, n: int, names: tuple[str, ...], rank: int = 8) -> Quality:
    truth, guess = gold(n, len(names)), predictions(method, seed, n, rank, len(names))
    confusion = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(confusion, (truth, guess), 1)
    table = per_class(truth, guess, classes=len(names))
    return Quality(
        metrics=score_all(truth, guess, logits=logits(method, seed, n, rank, len(names))),
        per_class=dict(zip(names, table, strict=True)),
        confusion=tuple(map(tuple, confusion.tolist())),
    )


def split_facts(n: int, names: tuple[str, ...], duplicates: int) -> SplitFacts:
    counts = np.bincount(np.arange(n) % len(names))
    return SplitFacts(
        n=n,
        labels=dict(zip(names, counts.tolist(), strict=True)),
        item_ids_sha256=sha("items", n),
        words_median=18,
        words_p95=37,
        words_max=58,
        duplicates=duplicates,
    )


def inputs(method: str, names: tuple[str, ...]) -> Inputs:
    model = "bundled:mamba2-small" if method == "mamba" else "bundled:minilm-l6"
    known: dict[str, Any] = {}
    if method in NEURAL:
        known = {
            "model_id": model,
            "model_revision": None if method == "mamba" else "0.1.0",
            "model_architecture": "Mamba2Model" if method == "mamba" else "BertModel",
            "model_pretrained": method != "mamba",
            "base_weights_sha256": sha(model),
        }
    return Inputs(
        data_id="bundled:icwsm2014/movies",
        data_revision="vaderSentiment 0.5",
        data_sha256=sha("movies"),
        label_names=names,
        splits={
            "train": split_facts(2000, names, 3),
            "validation": split_facts(VALIDATION, names, 0),
            "test": split_facts(TEST, names, 1),
        },
        overlap={"train/validation": 2, "train/test": 4, "validation/test": 0},
        dropped={"where": 1786},
        max_length=256,
        comparability_sha256=sha("comparable"),
        **known,
    )


def history(method: str, seed: int, epochs: int, seconds: float) -> tuple[Epoch, ...]:
    rng = np.random.default_rng([seed, epochs, len(method)])
    final = FACTS[method][0]
    return tuple(
        Epoch(
            epoch=epoch,
            step=63 * epoch,
            train_loss=0.7 * 0.6**epoch + 0.01 * rng.random(),
            validation_loss=0.5 + 0.02 * rng.random(),
            validation={
                "accuracy": final - 0.09 * 0.4**epoch + 0.006 * rng.normal(),
                "macro_f1": final - 0.1 * 0.4**epoch + 0.006 * rng.normal(),
            },
            elapsed_s=seconds * epoch / epochs,
        )
        for epoch in range(1, epochs + 1)
    )


def environment(seed: int) -> dict[str, Any]:
    return {
        "finished_at": f"2026-01-05T10:{seed % 60:02d}:50+00:00",
        "python": "3.11.2",
        "platform": "Linux-6.1-x86_64",
        "packages": {"torch": "2.13.0", "transformers": "5.23.1", "peft": "0.21.0"},
        "lock_sha256": sha("lock"),
        "cpu_model": "Intel(R) Xeon(R) Platinum 8481C",
        "cpu_flags": ["avx2", "avx512_bf16", "avx512f"],
        "threads": 2,
        "memory_bytes": 8 * 1024**3,
        "load_average": [round(1.5 + seed / 100, 2), 1.2, 1.1],
        "device": "cpu",
        "device_name": None,
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "dirty": False,
    }


def cost(method: str, seed: int) -> Cost:
    _, trainable, artifact, train_s, peak, _ = FACTS[method]
    jitter = 1 + 0.03 * (seed % 3 - 1)
    total = {"tfidf": 41_013, "majority": 2, "mamba": 9_514_370}.get(method, 22_713_986)
    return Cost(
        params_trainable=trainable,
        params_total=total,
        params_added=trainable if method in ("prefix", "lora", "linear_probe") else None,
        artifact_bytes=artifact,
        load_s=0.8,
        tokenize_s=0.4 if method in NEURAL else None,
        train_s=None if train_s is None else train_s * jitter,
        train_cpu_s=None if train_s is None else 2 * 0.93 * train_s * jitter,  # of two threads
        validation_s=4.1,
        test_s=5.2 * jitter,
        train_tokens_per_s=None if train_s is None or method not in NEURAL else 2000 * 28 * 3 / train_s,
        inference_ms_per_item=2.6 * jitter,
        inference_cpu_s=2 * 0.91 * 2.6 * jitter * TEST / 1000,
        eval_batch_size=64,
        rss_after_load_bytes=600 * MIB,
        peak_rss_train_bytes=None if peak is None else int(peak * MIB * jitter),
        peak_rss_eval_bytes=700 * MIB,
    )


def sweep() -> Sweep:
    scores = {f"rank={rank}": quality("lora", 41, VALIDATION, ("a", "b"), rank).metrics["accuracy"] for rank in RANKS}
    best = max(RANKS, key=lambda rank: scores[f"rank={rank}"])
    return Sweep(
        metric="accuracy",
        grid={"rank": RANKS},
        chosen={"rank": best},
        validation=scores,
        at_edge=("rank",) if best in (RANKS[0], RANKS[-1]) else (),
        trials=tuple(f"lora-s40-{sha('lora', 40, rank, 'sweep')[:8]}" for rank in RANKS),
    )


def record(
    method: str,
    seed: int = 41,
    *,
    names: tuple[str, ...] = ("negative", "positive"),
    role: str | None = None,
    rank: int | None = None,
    **changes: Any,
) -> Record:
    """Return a finished run; `changes` replace fields of the record."""
    rank = rank if rank is not None or method != "lora" else sweep().chosen["rank"]
    role = role or ("baseline" if method in BASELINES else "candidate")
    overrides = {} if rank is None else {"rank": rank}
    params = {"learning_rate": 1e-3, "epochs": FACTS[method][5], "batch_size": 32, **overrides}
    settings: dict[str, Any] = {
        "run_id": f"{method}-s{seed}-{sha(method, seed, rank, role)[:8]}",
        "experiment": "demo",
        "request": Request(method=method, seed=seed, role=role, overrides=overrides),
        "method": method,
        "kind": "full" if method == "mamba" else method,
        "summary": f"What {method} does, in one sentence.",
        "role": role,
        "seed": seed,
        "params": params if method in NEURAL[1:] else {},
        "params_sha256": sha(method, rank),
        "identity": {"method": {"kind": method}, "data": {"split": {}}},
        "compare": Compare().model_dump(mode="json"),
        "command": f"papermill notebooks/train.ipynb -p method {method} -p seed {seed}",
        "status": "ok",
        "trained": method != "untrained",
        "deterministic": method in DETERMINISTIC,
        "sweep": sweep() if method == "lora" and role == "candidate" else None,
        "inputs": inputs(method, names),
        "training": training(method, seed),
        "validation": quality(method, seed, VALIDATION, names, rank or 8),
        "test": None if role == "sweep" else quality(method, seed, TEST, names, rank or 8),
        "cost": cost(method, seed),
        "environment": environment(seed),
        "trace": Trace(predictions_sha256=sha("predictions", method, seed)),
    }
    return Record(**{**settings, **changes})


def training(method: str, seed: int) -> Training | None:
    _, _, _, seconds, _, epochs = FACTS[method]
    if method in DETERMINISTIC:
        return Training(epochs=1, steps=0 if method == "majority" else 14, samples_seen=2000)
    if not epochs or seconds is None:
        return None
    return Training(
        epochs=epochs,
        steps=63 * epochs,
        samples_seen=2000 * epochs,
        tokens_real=50_000 * epochs,
        tokens_padded=52_000 * epochs,
        truncated_share=0.0,
        effective_batch=32,
        dtype="bfloat16",
        pooling="last" if method == "mamba" else "pooler",
        history=history(method, seed, epochs, seconds),
    )


def failed(method: str, seed: int = 41, *, kind: str = "diverged", message: str = "loss is not finite") -> Record:
    return record(
        method,
        seed,
        status="failed",
        error=Failure(type="RuntimeError", message=message, where="train", kind=kind),
        training=None,
        validation=None,
        test=None,
        cost=None,
        trace=None,
    )


def row(method: str, seeds: tuple[int, ...] = (41, 42, 43), *, failing: tuple[int, ...] = (), **changes: Any) -> Row:
    mine = seeds[:1] if method in DETERMINISTIC else seeds
    return Row(
        name=method,
        method=method,
        records=tuple(record(method, seed, **changes) for seed in mine if seed not in failing),
        failures=tuple(failed(method, seed) for seed in mine if seed in failing),
    )


def collection(
    seeds: tuple[int, ...] = (41, 42, 43),
    *,
    failing: dict[str, tuple[int, ...]] | None = None,
    missing: tuple[str, ...] = (),
    names: tuple[str, ...] = ("negative", "positive"),
) -> Collection:
    """Return the demo's collection; `failing`: method -> failed seeds, `missing`: methods nobody has run."""
    rows = [
        Row(name=method, method=method, records=(), missing=seeds)
        if method in missing
        else row(method, seeds, failing=(failing or {}).get(method, ()), names=names)
        for method in FACTS
    ]
    extra = Row(name="lora (seed 7)", method="lora", records=(record("lora", 7, names=names),), declared=False)
    trials = tuple(record("lora", 40, role="sweep", rank=rank, names=names) for rank in RANKS)
    return Collection(
        experiment=experiment(seeds=seeds),
        rows=tuple(rows),
        additional=(extra,),
        sweeps={} if "lora" in missing else {"lora": trials},
        excluded=(Excluded("full-s41-00000000", "made under other settings: learning_rate: 0.0001 is now 5e-05"),),
    )


def empty() -> Collection:
    """Return a collection of an experiment nobody has run."""
    rows = tuple(Row(name=name, method=name, records=(), missing=(41, 42, 43)) for name in FACTS)
    return Collection(experiment=experiment(), rows=rows, additional=(), sweeps={}, excluded=())


def comparison(found: Collection, *, resamples: int = 200) -> Comparison:
    """Compare a collection's finished rows."""
    contenders = [
        Contender(
            name=row.name,
            seeds=row.seeds,
            item_ids=np.arange(TEST),
            gold=gold(TEST, len(row.any.inputs.label_names)),
            predicted=np.stack(
                [
                    predictions(row.method, r.seed, TEST, r.params.get("rank", 8), len(r.inputs.label_names))
                    for r in row.records
                ]
            ),
            trained=row.any.trained,
            deterministic=row.any.deterministic,
            comparability=row.any.inputs.comparability_sha256,
            baseline=row.any.role == "baseline",
        )
        for row in found.rows
        if row.records
    ]
    asked = found.experiment.compare
    return compare(
        contenders,
        metric=asked.metric,
        reference=asked.reference,
        alpha=asked.alpha,
        margin=asked.equivalence_margin,
        resamples=resamples,
    )
