"""Studies over cells, made up: methods whose accuracies are known by number of training texts, data set and model."""

from itertools import product

import numpy as np

import sample
from bakeoff.stats.compare import compare
from bakeoff.stats.inputs import Contender
from bakeoff.study.grid import AtCell, over_cells
from bakeoff.study.sizes import Sizes, compared

SEEDS = (41, 42, 43)
TEXTS = (100, 300, 1000, 2000)
LEVELS = {"full": 0.85, "lora": 0.845, "probe": 0.70, "nbsvm": 0.60}


def sizes(curves, *, seeds=SEEDS, n=2000, texts=TEXTS, jitter=0.01):
    """Return methods with these accuracies by size; items are hard or easy for all alike, at every size."""
    rng = np.random.default_rng(7)
    gold, ease, level = rng.integers(0, 2, n), rng.random(n), 0.05 / len(texts)
    at = []
    for place, size in enumerate(texts):
        found = []
        for name, accuracies in curves.items():
            if accuracies[place] is None:
                continue
            right = ease + jitter * rng.normal(size=(len(seeds), n)) < accuracies[place]
            found.append(Contender(name, seeds, np.arange(n), gold, np.where(right, gold, 1 - gold)))
        if found:
            verdicts = compare(
                found, metric="accuracy", reference="full", alpha=level, margin=0.01, resamples=0, plans=False
            )
            at.append(compared(size, sample.empty(), found, verdicts))
    return Sizes(texts, tuple(at), level=level, alpha=0.05)


def cell(data, model, accuracies, *, level, seeds=SEEDS, n=800, classes=2, seed=0):
    """Return a comparison of methods with these accuracies; items are hard or easy for all alike."""
    rng = np.random.default_rng(seed)
    gold, ease = rng.integers(0, 2, n), rng.random(n)
    found = []
    for name, accuracy in accuracies.items():
        right = ease + 0.01 * rng.normal(size=(len(seeds), n)) < accuracy
        found.append(Contender(name, seeds, np.arange(n), gold, np.where(right, gold, 1 - gold)))
    verdicts = compare(found, metric="accuracy", reference="full", alpha=level, margin=0.01, resamples=0, plans=False)
    name = "/".join(part for part in (data, model) if part)
    return AtCell(name, data, model, verdicts, classes)


def grid(data=4, models=("small", "large"), *, levels=LEVELS, change=None, declared=(), **more):
    """Return a grid; change: (data set, model, method) -> accuracy, None to leave the method out."""
    names, changed = [f"set{n}" if data > 1 else None for n in range(data)], change or {}
    places = list(product(names, models or (None,)))
    level = 0.05 / len(places)
    at = []
    for seed, (one, model) in enumerate(places):
        own = {name: changed.get((one, model, name), value) for name, value in levels.items()}
        kept = {name: value for name, value in own.items() if value is not None}
        at.append(cell(one, model, kept, level=level, seed=seed, **more))
    places = {one.name: (one.data, one.model) for one in at} | {name: tuple(name.split("/")) for name in declared}
    return over_cells(places, at, reference="full", level=level, alpha=0.05)
