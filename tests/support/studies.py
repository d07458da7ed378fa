"""Studies made up for tests of what is said: the demo's, and ones with scripted accuracies."""

import functools

import numpy as np

import sample
from bakeoff.experiment.entries import MethodEntry
from bakeoff.stats.compare import compare
from bakeoff.stats.inputs import Contender
from bakeoff.study.collect import Collection, Row
from prose import replaced

SEEDS = (41, 42, 43)


@functools.cache
def whole(seeds=SEEDS):
    """The demo's collection; making its records takes a second."""
    return sample.collection(seeds)


@functools.cache
def verdicts_of_the_whole():
    return sample.comparison(whole(), resamples=50)


def demo(*, seeds=SEEDS, failing=None, missing=()):
    """The demo's collection and its comparison, with some runs failed or never run."""
    if (seeds, failing, missing) == (SEEDS, None, ()):
        return whole(), verdicts_of_the_whole()
    found = whole(seeds)
    rows = tuple(
        Row(row.name, row.method, (), missing=seeds)
        if row.name in missing
        else fail(row, (failing or {}).get(row.name, ()))
        for row in found.rows
    )
    sweeps = {} if "lora" in missing else found.sweeps
    found = Collection(found.experiment, rows, found.additional, sweeps, found.excluded)
    return found, sample.comparison(found, resamples=20)


def fail(row, seeds):
    lost = tuple(sample.failed(row.method, record.seed) for record in row.records if record.seed in seeds)
    return Row(row.name, row.method, tuple(record for record in row.records if record.seed not in seeds), lost)


def scripted(*accuracies, seeds=SEEDS, n=2000, jitter=0.005, metric="accuracy"):
    """Verdicts of methods full, m1, m2, ... with these accuracies on items that are hard or easy for all alike."""
    rng = np.random.default_rng(4)
    gold, ease = rng.integers(0, 2, n), rng.random(n)
    made = []
    for k, accuracy in enumerate(accuracies):
        right = ease + jitter * rng.normal(size=(len(seeds), n)) < accuracy
        predicted = np.where(right, gold, 1 - gold)
        made.append(Contender(f"m{k}" if k else "full", tuple(seeds), np.arange(n), gold, predicted))
    return compare(made, metric=metric, reference="full", alpha=0.05, margin=0.01, resamples=100)


@functools.cache
def full_run(name, seed):
    return sample.record("full", seed).model_copy(update={"method": name, "run_id": f"{name}-s{seed}"})


def bare(comparison, **changes):
    """A collection that has nothing to say but what the comparison does."""
    rows = tuple(
        Row(one.name, one.name, tuple(full_run(one.name, seed) for seed in one.seeds)) for one in comparison.methods
    )
    return Collection(sample.experiment(**changes), rows, (), {}, ())


def cheaper(comparison, **changes):
    """A collection in which m1 costs what LoRA does."""
    return replaced(bare(comparison), "m1", cost=sample.cost("lora", 41), **changes)


def of_methods(names, *, seeds):
    """Return a collection of methods that are kinds of `full` with facts of their own."""
    entries = {name: MethodEntry(name=name, kind="full", model=None, options={}, sweep={}) for name in names}
    rows = [Row(name, name, tuple(sample.record(name, seed, kind="full") for seed in seeds)) for name in names]
    experiment = sample.experiment(names=("full",), seeds=seeds).model_copy(update={"methods": entries})
    return Collection(experiment=experiment, rows=tuple(rows), additional=(), sweeps={}, excluded=())
