"""Statements a reader must not miss: baselines not beaten, from scratch, unstable, failed, left out.

Each function is one condition: it reads rows and comparison and returns the statements that hold. `conclusions`
calls them in the order in which they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.record import Failure, Record
from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.findings import Runs, pair_runs, pair_slots
from bakeoff.reporting.outcomes import outcome
from bakeoff.reporting.sentences import Sentence, Slot, Statement, count, sentence
from bakeoff.reporting.statistics import LEAST_SEEDS
from bakeoff.reporting.verdicts import Comparison, Pair

__all__ = ["absent", "baselines", "from_scratch", "left_out", "overlap", "unfinished", "unstable"]

UNSTABLE_LEVEL = 0.05


def baselines(collection: Collection, comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Hold the trained candidates against each baseline: those above it in one statement, each other in its own."""
    known = {summary.name for summary in comparison.methods}
    rows = [row for row in collection.rows if row.name in known and row.records]
    total = sum(pair.difference is not None for pair in comparison.pairs)
    for baseline in (row for row in rows if row.any.role == "baseline"):
        candidates = [row.name for row in rows if row.any.role != "baseline" and row.any.trained]
        pairs = {name: comparison.pair(name, baseline.name) for name in candidates}
        beaten = [name for name, pair in pairs.items() if pair.better == name]
        if beaten:
            said = sentence(
                "baseline.beaten", names=("names", tuple(beaten)), b=("name", baseline.name),
                mean=("fraction", comparison.method(baseline.name).mean), metric=("metric", comparison.metric),
                comparisons=count(total, "comparison"),
            )  # fmt: skip
            yield Statement("baseline", (said,), pair_runs(runs, baseline.name, *beaten))
        for name, pair in pairs.items():
            if pair.difference and name not in beaten:
                said = _not_above(pair, comparison, name=name, majority=baseline.any.kind == "majority", total=total)
                yield Statement("warning", (said,), pair_runs(runs, name, baseline.name))


def _not_above(pair: Pair, comparison: Comparison, *, name: str, majority: bool, total: int) -> Sentence:
    pair = pair if pair.first == name else pair.flipped()
    slots = pair_slots(pair, comparison, comparisons=total)
    means = {"mean_a": comparison.method(pair.first).mean, "mean_b": comparison.method(pair.second).mean}
    key = "baseline.majority" if majority else "baseline.below" if pair.better else "baseline.other"
    return sentence(key, **slots, **{gap: ("fraction", mean) for gap, mean in means.items()})


def from_scratch(collection: Collection) -> Iterator[Statement]:
    """Keep readers from taking a model trained from scratch for a pretrained one."""
    rows = [row for row in collection.rows if row.records and row.any.inputs and row.any.trained]
    pretrained = {row.name: row.any.inputs.model_pretrained for row in rows if row.any.inputs}
    scratch = [row for row in rows if pretrained[row.name] is False]
    if scratch:
        key = "scratch.beside" if True in pretrained.values() else "scratch.alone"
        said = sentence(key, names=("names", tuple(row.name for row in scratch)))
        yield Statement("warning", (said,), tuple(record.run_id for row in scratch for record in row.records))


def unstable(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Warn of a method that varies far more between seeds than the others do.

    One-sided F test of its seed variance against the mean of the others', Bonferroni over methods (Searle, Casella
    and McCulloch 1992, ch. 4). The pooled seed term of such a method is too small and its degrees of freedom too many.
    """
    from scipy.special import fdtrc

    seeded = [one for one in comparison.methods if one.trained and len(one.by_seed) >= LEAST_SEEDS and one.seed_sd]
    for one in seeded:
        others = [other for other in seeded if other is not one]
        if not others or one.seed_sd is None:
            continue
        rest = sum((other.seed_sd or 0.0) ** 2 for other in others) / len(others)
        df = sum(len(other.by_seed) - 1 for other in others)
        if fdtrc(len(one.by_seed) - 1, df, one.seed_sd**2 / rest) < UNSTABLE_LEVEL / len(seeded):
            said = sentence(
                "unstable", a=("name", one.name), own=("gap", one.seed_sd), others=("gap", rest**0.5),
                seeds=count(len(one.by_seed), "seed"), metric=("metric", comparison.metric),
            )  # fmt: skip
            yield Statement("warning", (said,), runs[one.name])


def overlap(collection: Collection) -> Iterator[Statement]:
    """Say how many test texts, and how many of the groups that should not be split, the training texts contain."""
    records = [record for row in collection.rows for record in row.records if record.inputs]
    for record in records[:1]:
        inputs = record.inputs
        shared = inputs.overlap.get("train/test", 0) if inputs else 0
        if inputs and shared:
            said = sentence("overlap", shared=count(shared), total=count(inputs.splits["test"].n))
            yield Statement("warning", (said,), tuple(one.run_id for one in records))
        group, split = collection.experiment.data.split.group, inputs and inputs.shared_groups.get("train/test", 0)
        if inputs and group and split:
            said = sentence(
                "overlap.groups", group=("quote", group), shared=count(split),
                total=count(inputs.splits["test"].groups or split),
            )  # fmt: skip
            yield Statement("warning", (said,), tuple(one.run_id for one in records))


def unfinished(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Say what failed, what was not run, and what a missing reference leaves out."""
    reference = collection.experiment.compare.reference
    if comparison.reference is None and comparison.methods:
        yield Statement("missing", (sentence("missing.reference", b=("name", reference)),), ())
    for row in collection.rows:
        yield from _failures(row)
        if row.missing:
            said = sentence("missing.runs", a=("name", row.name), seeds=("seeds", row.missing))
            yield Statement("missing", (said,), ())
        if row.records and (row.failures or row.missing):
            said = sentence("missing.seeds", a=("name", row.name), seeds=("seeds", row.seeds))
            yield Statement("missing", (said,), tuple(record.run_id for record in row.records))


def _failures(row: Row) -> Iterator[Statement]:
    """Say why runs have no result, once for all seeds with the same reason."""
    alike: dict[tuple[str, Failure | None], list[Record]] = {}
    for record in row.failures:
        alike.setdefault((outcome(record), record.error), []).append(record)
    for (kind, error), records in alike.items():
        seeds = Slot("seeds", tuple(record.seed for record in records))
        if error is None:
            said = sentence("failed.unknown", a=("name", row.name), seeds=seeds)
        else:
            said = sentence(
                f"failed.{kind}", a=("name", row.name), seeds=seeds, type=("quote", error.type),
                message=("quote", error.message),
            )  # fmt: skip
        yield Statement("failed", (said,), tuple(record.run_id for record in records))


def absent(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Name the declared methods that no sentence compares, because they have no result."""
    names = tuple(row.name for row in collection.rows if not row.records)
    if names and comparison.methods:
        yield Statement("absent", (sentence("absent", names=("names", names)),), ())


def left_out(collection: Collection) -> Iterator[Statement]:
    """Say which runs stand beside the comparison, and which records were left out and why."""
    beside = [row for row in collection.additional if row.records]
    if beside:
        said = sentence("additional", names=("names", tuple(row.name for row in beside)))
        yield Statement("left_out", (said,), tuple(record.run_id for row in beside for record in row.records))
    yield from _excluded([(one.run_id, one.reason) for one in collection.excluded])


def _excluded(pairs: Sequence[tuple[str, str]]) -> Iterator[Statement]:
    for run_id, reason in pairs:
        said = sentence("excluded", run=("quote", run_id), reason=("quote", reason))
        yield Statement("left_out", (said,), ())
