"""Statements about what is missing: declared but absent, failed, left out, declared after running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from bakeoff.report.text import slots
from bakeoff.report.text.language import spoken
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.runs.record import Failure, Record
from bakeoff.stats.compare import Comparison
from bakeoff.study.collect import Collection, Row
from bakeoff.study.diagnostics import outcome

__all__ = ["absent", "declared_before", "interim", "left_out", "redeclared", "unfinished"]


def unfinished(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Say what failed, what was not run, and what a missing reference leaves out."""
    reference = collection.experiment.compare.reference
    if comparison.reference is None and comparison.methods:
        yield Statement("missing", (sentence("missing.reference", b=slots.Name(reference)),), ())
    yield from _not_run(collection)
    alike = len({row.seeds for row in collection.rows if row.wanted > 1}) == 1
    for row in collection.rows:
        yield from _failures(row)
        if row.unusable:
            said = sentence("missing.unusable", a=slots.Name(row.name), seeds=slots.Seeds(row.unusable))
            yield Statement("missing", (said,), ())
        if row.records and len(row.records) < row.wanted and not alike:
            said = sentence("missing.seeds", a=slots.Name(row.name), seeds=slots.Seeds(row.seeds))
            yield Statement("missing", (said,), tuple(record.run_id for record in row.records))


def interim(collection: Collection) -> Iterator[Statement]:
    """Say that runs are still to come, before anything that they can change."""
    rows = collection.rows
    if any(row.missing for row in rows) and any(row.records for row in rows):
        ended = sum(row.wanted - len(row.missing) for row in rows)
        total = sum(row.wanted for row in rows)
        said = sentence("interim", done=slots.Count(ended), total=slots.Count(total, "run"))
        yield Statement("interim", (said,), ())


def _not_run(collection: Collection) -> Iterator[Statement]:
    """Say which runs there have not been, once for all methods that lack the same seeds."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for row in collection.rows:
        if row.missing:
            alike.setdefault(row.missing, []).append(row.name)
    for missing, names in alike.items():
        seeds = slots.Seeds(missing)
        if len(names) == 1:
            said = sentence("missing.runs", a=slots.Name(names[0]), seeds=seeds)
        else:
            said = sentence("missing.runs.several", names=slots.Names(tuple(names)), seeds=seeds)
        yield Statement("missing", (said,), ())


def _failures(row: Row) -> Iterator[Statement]:
    """Say why runs have no result, once for all seeds with the same reason."""
    alike: dict[tuple[str, Failure | None], list[Record]] = {}
    for record in row.failures:
        alike.setdefault((outcome(record), record.error), []).append(record)
    for (kind, error), records in alike.items():
        seeds = slots.Seeds(tuple(record.seed for record in records))
        if error is None:
            said = sentence("failed.unknown", a=slots.Name(row.name), seeds=seeds)
        else:
            said = sentence(
                f"failed.{kind}", a=slots.Name(row.name), seeds=seeds, type=slots.Quote(error.type),
                message=slots.Quote(error.message),
            )  # fmt: skip
        yield Statement("failed", (said,), tuple(record.run_id for record in records))


def absent(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Name the declared methods that no sentence compares, because they have no result."""
    names = tuple(row.name for row in collection.rows if not row.records)
    if names and comparison.methods:
        yield Statement("absent", (sentence("absent", names=slots.Names(names)),), ())


def left_out(collection: Collection) -> Iterator[Statement]:
    """Say which runs stand beside the comparison, and which records were left out and why."""
    beside = [row for row in collection.additional if row.records]
    if beside:
        said = sentence("additional", names=slots.Names(tuple(row.name for row in beside)))
        yield Statement("left_out", (said,), tuple(record.run_id for row in beside for record in row.records))
    yield from _excluded([(one.run_id, spoken(one.reason)) for one in collection.excluded])


def _excluded(pairs: Sequence[tuple[str, str]]) -> Iterator[Statement]:
    for run_id, reason in pairs:
        said = sentence("excluded", run=slots.Quote(run_id), reason=slots.Quote(reason))
        yield Statement("left_out", (said,), ())


_FORMS: dict[str, type[slots.Slot[Any]]] = {
    "metric": slots.Metric, "reference": slots.Name, "alpha": slots.Level, "equivalence_margin": slots.Gap,
}  # fmt: skip


def _asked(collection: Collection) -> dict[str, Any]:
    return collection.experiment.compare.model_dump(mode="json")


def _runs(collection: Collection) -> list[Record]:
    return [run for row in collection.rows for run in row.records]


def declared_before(collection: Collection) -> bool:
    """Return whether every run of the comparison was made under the declaration that the experiment has now.

    A record that does not say what was declared leaves it open, and so does a comparison without runs.
    """
    runs = _runs(collection)
    return bool(runs) and all(run.compare == _asked(collection) for run in runs)


def redeclared(collection: Collection) -> Iterator[Statement]:
    """Warn where runs were made under another declaration, naming what was another."""
    now = _asked(collection)
    other = [run for run in _runs(collection) if run.compare is not None and run.compare != now]
    if not other:
        return
    said = [sentence("redeclared", runs=slots.Count(len(other), "run"))]
    said += [one for key in _FORMS for one in _differing(key, other, now=now[key])]
    yield Statement("warning", tuple(said), tuple(run.run_id for run in other))


def _differing(key: str, runs: Sequence[Record], *, now: Any) -> Iterator[Sentence]:
    """Name each other value that was declared, and for how many runs."""
    values = Counter(run.compare[key] for run in runs if run.compare and key in run.compare)
    for value, number in values.items():
        if value != now:
            own, theirs = (_FORMS[key](_shown(key, one)) for one in (now, value))
            yield sentence(f"redeclared.{key}", own=own, theirs=theirs, runs=slots.Count(number, "run"))


def _shown(key: str, value: Any) -> Any:
    """Return what a sentence names: instead of the error rate, the level of the intervals that follows from it."""
    return 1 - value if key == "alpha" else value
