"""The statement that must stand beside accuracy where classes are unequal: what giving every text one class scores.

Only `conclusions` imports this.
"""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.declaration import declared_before
from bakeoff.reporting.quantities import mean
from bakeoff.reporting.sentences import Sentence, Statement, count, sentence

__all__ = ["UNEQUAL_FROM", "imbalanced"]

UNEQUAL_FROM = 3.0
"""Texts of the largest class for one of the smallest, in the test, from which classes count as unequal."""


def imbalanced(collection: Collection) -> Iterator[Statement]:
    """Say so where one class has many more test texts than another, with what the majority class alone scores."""
    inputs = next((run.inputs for row in collection.rows for run in row.records if run.inputs), None)
    if inputs is None:
        return
    labels = inputs.splits["test"].labels
    most, least = max(labels, key=lambda name: labels[name]), min(labels, key=lambda name: labels[name])
    if labels[most] < UNEQUAL_FROM * labels[least] or most == least:
        return
    total = inputs.splits["test"].n
    baseline = next((row for row in collection.rows if row.records and row.any.kind == "majority"), None)
    said = [
        sentence(
            "imbalance", total=count(total, "test text"), most=("name", most), n_most=count(labels[most]),
            least=("name", least), n_least=count(labels[least]),
        ),
        _constant(baseline, most=most, share=labels[most] / total),
    ]  # fmt: skip
    if collection.experiment.compare.metric == "accuracy":
        key = "imbalance.declared" if declared_before(collection) else "imbalance.now"
        said.append(sentence(key, metric=("metric", "accuracy"), other=("metric", "macro_f1")))
    runs = baseline.records if baseline else ()
    yield Statement("imbalance", tuple(said), tuple(run.run_id for run in runs))


def _constant(baseline: Row | None, *, most: str, share: float) -> Sentence:
    """Say what giving every text one class scores: as the baseline measured it, else as the counts have it."""
    measured = {name: mean(baseline.quality(name)) for name in ("accuracy", "macro_f1")} if baseline else {}
    if baseline is None or None in measured.values():
        return sentence(
            "imbalance.counted", most=("name", most), accuracy=("fraction", share), metric=("metric", "accuracy"),
            other=("metric", "macro_f1"),
        )  # fmt: skip
    return sentence(
        "imbalance.measured", b=("name", baseline.name), accuracy=("fraction", measured["accuracy"]),
        macro_f1=("fraction", measured["macro_f1"]), metric=("metric", "accuracy"), other=("metric", "macro_f1"),
    )  # fmt: skip
