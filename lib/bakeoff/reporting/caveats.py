"""Statements a reader must not miss: baselines not beaten, from scratch, unstable, failed, left out.

Each function is one condition: it reads rows and comparison and returns the statements that hold. `conclusions`
calls them in the order in which they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bakeoff.record import Failure, Record
from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.findings import Runs, corrected, facing, pair_runs, pair_said, relation
from bakeoff.reporting.outcomes import outcome
from bakeoff.reporting.sentences import Sentence, Slot, Statement, count, sentence
from bakeoff.reporting.statistics import LEAST_SEEDS
from bakeoff.reporting.verdicts import Comparison, Pair

__all__ = ["absent", "baselines", "from_scratch", "left_out", "overlap", "unfinished", "unstable"]

UNSTABLE_LEVEL = 0.05


def baselines(collection: Collection, comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Hold the trained candidates against each baseline.

    Those above it are one statement, and so are those of which nothing is shown and nothing more is to be said; each
    other has its own.
    """
    known = {summary.name for summary in comparison.methods}
    rows = [row for row in collection.rows if row.name in known and row.records]
    for baseline in (row for row in rows if row.any.role == "baseline"):
        candidates = [row.name for row in rows if row.any.role != "baseline" and row.any.trained]
        tested = [facing(comparison, name, baseline.name) for name in candidates]
        pairs = {pair.first: pair for pair in tested if pair.difference}
        beaten = {name: pair for name, pair in pairs.items() if pair.better == name}
        if beaten:
            said = [*_above(baseline.name, beaten, comparison)]
            yield Statement("baseline", tuple(said), pair_runs(runs, baseline.name, *beaten))
        key = "baseline.majority" if baseline.any.kind == "majority" else "baseline"
        yield from _not_above({name: pair for name, pair in pairs.items() if name not in beaten}, key, comparison, runs)


def _above(baseline: str, beaten: Mapping[str, Pair], comparison: Comparison) -> Iterator[Sentence]:
    """Say who is above a baseline: by more than the margin or less, as methods or as the models trained here."""
    groups: dict[str, dict[str, Pair]] = {}
    for name, pair in beaten.items():
        groups.setdefault(f"{relation(pair)}.{pair.scope}", {})[name] = pair
    for key, pairs in groups.items():
        yield sentence(
            f"baseline.{key}", names=corrected(pairs, comparison), b=("name", baseline),
            mean=("fraction", comparison.method(baseline).mean), metric=("metric", comparison.metric),
            margin=("gap", comparison.margin),
        )  # fmt: skip


def _not_above(pairs: Mapping[str, Pair], key: str, comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Say what the data do of candidates that are not above a baseline; key: of the sentences about it."""
    said = {name: [*_said(pair, key, comparison)] for name, pair in pairs.items()}
    plain: dict[str, list[Pair]] = {}
    for name, pair in pairs.items():
        if relation(pair) == "open" and len(said[name]) == 1:
            plain.setdefault(pair.scope, []).append(pair)
    several = {scope: found for scope, found in plain.items() if len(found) > 1}
    for scope, found in several.items():
        together = _together(found, f"{key}.several.{scope}", comparison)
        yield Statement("warning", (together,), pair_runs(runs, found[0].second, *(pair.first for pair in found)))
    for name, pair in pairs.items():
        if pair not in several.get(pair.scope, ()):
            kind = "warning" if relation(pair) == "open" else "baseline"  # what is settled is no doubt
            yield Statement(kind, tuple(said[name]), pair_runs(runs, name, pair.second))


def _said(pair: Pair, key: str, comparison: Comparison) -> Iterator[Sentence]:
    # "The majority class" says more than a name, but not where a method is below it.
    below = key == "baseline" and relation(pair) == "open" and pair.difference and pair.difference.estimate < 0
    yield from pair_said(
        "baseline" if pair.better else "baseline.below" if below else key, pair, comparison,
        mean_a=("fraction", comparison.method(pair.first).mean),
        mean_b=("fraction", comparison.method(pair.second).mean),
    )  # fmt: skip


def _together(pairs: Sequence[Pair], key: str, comparison: Comparison) -> Sentence:
    """Say of several pairs with the same second method that nothing is shown."""
    shown = tuple(
        (
            pair.first, comparison.method(pair.first).mean, found.estimate, (found.low, found.high), pair.p_holm,
            comparison.corrected_for(pair.family),
        )
        for pair in pairs
        if (found := pair.difference)
    )  # fmt: skip
    baseline = pairs[0].second
    return sentence(
        key, b=("name", baseline), metric=("metric", comparison.metric), methods=("compared", shown),
        mean=("fraction", comparison.method(baseline).mean), confidence=("level", 1 - comparison.alpha),
    )  # fmt: skip


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
    and McCulloch 1992, ch. 4). Its pairs carry its own seed noise (`seed_terms`), known from few seeds.
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
        for key, seeds in (("missing.runs", row.missing), ("missing.unusable", row.unusable)):
            if seeds:
                said = sentence(key, a=("name", row.name), seeds=("seeds", seeds))
                yield Statement("missing", (said,), ())
        if row.records and len(row.records) < row.wanted:
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
