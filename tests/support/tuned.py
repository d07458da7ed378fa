"""Made-up records of tuned methods: their trials, what these chose, and rows at declared settings beside them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

import sample
from bakeoff.experiment.entries import MethodEntry
from bakeoff.experiment.halving import Rung, ladder
from bakeoff.experiment.search import Tuning
from bakeoff.runs.record import Epoch, Quality, Record, Sweep, Training
from bakeoff.study.collect import Collection, Row
from studies import scripted

RATES = (1.6e-4, 1.6e-5, 5e-4, 5e-5, 2.8e-3, 2.8e-5, 9e-4, 9e-5)
SEEDS = (41, 42, 43)


def entry(name: str, keys: tuple[str, ...] = ("learning_rate",), trials: int = 8) -> MethodEntry:
    drawn = {"learning_rate": RATES[:trials], "rank": (2, 4, 8, 16, 3, 6, 12, 24)[:trials]}
    spaces = {"learning_rate": (1e-5, 3e-3), "rank": (2.0, 32.0)}
    return MethodEntry(
        name=name, kind="full", model=None, options={}, sweep={key: drawn[key] for key in keys},
        tuning=Tuning(trials=trials, search="quasi_random", space={key: spaces[key] for key in keys}),
        declared={"learning_rate": 5e-5, **({"rank": 8} if "rank" in keys else {})},
    )  # fmt: skip


def quality(value: float) -> Quality:
    right = round(100 * value)
    return Quality(
        metrics={"accuracy": value, "macro_f1": value},
        per_class={},
        confusion=((right, 100 - right), (100 - right, right)),
    )


def trial(method: str, point: dict[str, Any], score: float | None, place: int) -> Record:
    run = sample.record("full", 40, role="sweep")
    lost = {} if score is not None else {"status": "failed", "cost": None}
    found = quality(score) if score is not None else None
    changes = {"method": method, "run_id": f"{method}-s40-{place:08x}", "params": {**run.params, **point}, **lost}
    return run.model_copy(update={**changes, "validation": found, "test": None})


def scores(peak: float, best: float, spread: float = 0.02) -> list[float]:
    """Return a smooth hill over the rates."""
    return [round(best - spread * float(np.log10(rate / peak)) ** 2, 4) for rate in RATES]


def study(
    tested: dict[str, tuple[float, float]],
    *,
    seeds: tuple[int, ...] = SEEDS,
    keys: tuple[str, ...] = ("learning_rate",),
    validation: dict[str, float] | None = None,
    lost: tuple[int, ...] = (),
    decided: bool = True,
) -> tuple[Collection, Any]:
    """Return tuned methods with rows at declared settings, and their verdicts.

    tested: method -> accuracy on test tuned and with declared settings; validation: row -> the mean there, where it is
    not that on test; lost: places of trials without a result
    """  # fmt: skip
    names = [name for one in tested for name in (one, f"{one}_default")]
    accuracy = {
        f"{one}{tail}": value
        for one, pair in tested.items()
        for tail, value in zip(("", "_default"), pair, strict=True)
    }
    found = scripted(*accuracy.values(), seeds=seeds)
    rename = dict(zip([one.name for one in found.methods], names, strict=True))
    comparison = renamed(found, rename)
    entries: dict[str, MethodEntry] = {}
    rows, trials, choices = [], {}, {}
    for place, one in enumerate(tested):
        tuned = entry(one, keys)
        plain = MethodEntry(name=f"{one}_default", kind="full", model=None, options={}, sweep={}, default_of=one)
        entries |= {one: tuned, plain.name: plain}
        tried = [None if at in lost else value for at, value in enumerate(scores(10 ** (-4 + 0.3 * place), 0.8))]
        made = [trial(one, point, score, at) for at, (point, score) in enumerate(zip(tuned.points, tried, strict=True))]
        trials[one] = tuple(made)
        if decided:
            choices[one] = chosen(tuned, tried, made)
        for name in (one, plain.name):
            runs = [sample.record("full", seed) for seed in seeds]
            on_validation = (validation or {}).get(name, accuracy[name])
            rows.append(Row(name, name, tuple(
                run.model_copy(update={
                    "method": name, "run_id": f"{name}-s{run.seed}-00000000", "validation": quality(on_validation),
                    "test": quality(accuracy[name]), "sweep": choices.get(name),
                })
                for run in runs
            )))  # fmt: skip
    experiment = sample.experiment(names=["full"]).model_copy(update={"methods": entries, "seeds": seeds})
    return Collection(experiment, tuple(rows), (), trials, (), choices), comparison


def chosen(tuned: MethodEntry, tried: list[float | None], made: list[Record]) -> Sweep:
    known = {at: score for at, score in enumerate(tried) if score is not None}
    best = max(known, key=known.__getitem__)
    point = tuned.points[best]
    validation = {", ".join(f"{key}={value}" for key, value in tuned.points[at].items()): v for at, v in known.items()}
    edge = tuple(key for key, value in point.items() if value in (min(tuned.sweep[key]), max(tuned.sweep[key])))
    return Sweep(
        metric="accuracy", grid=tuned.sweep, drawn=True, chosen=point, validation=validation, at_edge=edge,
        trials=tuple(run.run_id for run in made),
    )  # fmt: skip


def halved(collection: Collection, *, trials: int = 8, epochs: int = 4) -> Collection:
    """Return the same study searched by halving: each epoch added .01, and the best trials had all of them."""
    rungs = ladder(trials=trials, epochs=epochs, factor=2)
    entries = {
        name: entry.model_copy(update={"rungs": rungs, "tuning": entry.tuning.model_copy(update={"search": "halving"})})
        if entry.tuning
        else entry
        for name, entry in collection.experiment.methods.items()
    }
    made = {name: tuple(_stopped(one, runs, rungs) for one in runs) for name, runs in collection.sweeps.items()}
    choices = {}
    for name, sweep in collection.choices.items():
        early = {one.run_id: one.stopped_after for one in made[name] if one.stopped_after}
        words = dict(zip(sweep.validation, (one.run_id for one in made[name]), strict=True))
        choices[name] = sweep.model_copy(update={
            "validation": {word: v for word, v in sweep.validation.items() if words[word] not in early},
            "stopped": {word: early[run] for word, run in words.items() if run in early},
        })  # fmt: skip
    experiment = collection.experiment.model_copy(update={"methods": entries})
    return dataclasses.replace(collection, experiment=experiment, sweeps=made, choices=choices)


def _stopped(run: Record, others: tuple[Record, ...], rungs: tuple[Rung, ...]) -> Record:
    def score(one: Record) -> float:
        return one.validation.metrics["accuracy"] if one.validation else 0.0

    place = sorted(others, key=score, reverse=True).index(run)
    epochs = max(rung.epochs for rung in rungs if place < rung.trials)
    whole = rungs[-1].epochs
    history = tuple(
        Epoch(epoch=n, step=n, train_loss=1.0, validation={"accuracy": score(run) - 0.01 * (whole - n)}, elapsed_s=1.0)
        for n in range(1, epochs + 1)
    )
    asked = run.request.model_copy(update={"stop_after": epochs if epochs < whole else None})
    return run.model_copy(update={
        "params": {**run.params, "epochs": whole}, "request": asked,
        "training": Training(epochs=epochs, steps=epochs, samples_seen=1, history=history),
        "validation": quality(history[-1].validation["accuracy"]),
    })  # fmt: skip


def renamed(found: Any, names: dict[str, str]) -> Any:
    methods = tuple(dataclasses.replace(one, name=names[one.name]) for one in found.methods)
    pairs, against = (
        tuple(dataclasses.replace(pair, first=names[pair.first], second=names[pair.second]) for pair in part)
        for part in (found.pairs, found.against_reference)
    )
    return dataclasses.replace(
        found, methods=methods, pairs=pairs, against_reference=against, reference=names[found.reference]
    )
