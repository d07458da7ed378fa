"""Runs that gave nearly every text one class: how they are recognised, and the warning about them.

Tables and `conclusions` import it; only `reporting` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bakeoff.record import Record
from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.sentences import Sentence, Statement, count, sentence

__all__ = ["ONE_CLASS_FROM", "OneClass", "collapsed", "has_collapsed", "one_class"]

ONE_CLASS_FROM = 0.99
"""Share of the texts from which a run counts as having given them one class, unless so many do have it."""


@dataclass(frozen=True)
class OneClass:
    """What a collapsed run predicted. name: of the class; given: to how many of `total` texts; split: of the texts."""

    name: str
    given: int
    total: int
    split: str


def one_class(record: Record) -> OneClass | None:
    """Return the class a run gave to (nearly) all texts, None where it told classes apart.

    Judged on the test texts, or on those of validation where a run has no others. Where nearly all texts have the
    same class, giving it to nearly all of them is no fault.
    """
    quality = record.test or record.validation
    if quality is None or record.inputs is None:
        return None
    given = [sum(column) for column in zip(*quality.confusion, strict=True)]
    gold = [sum(row) for row in quality.confusion]
    share, true = max(given) / sum(given), max(gold) / sum(gold)
    if share < ONE_CLASS_FROM or true == 1 or (true >= ONE_CLASS_FROM and share < 1):
        return None
    name = record.inputs.label_names[given.index(max(given))]
    return OneClass(name, max(given), sum(given), "test" if record.test else "validation")


def has_collapsed(row: Row) -> bool:
    """Whether a trained method gave nearly all texts one class with at least one seed; the majority is meant to."""
    return bool(row.records) and row.any.trained and row.any.kind != "majority" and any(map(one_class, row.records))


def collapsed(collection: Collection) -> Iterator[Statement]:
    """Warn of trained models that gave (nearly) every text one class: runs by seed, and trials of sweeps."""
    for row in collection.rows:
        if row.records and row.any.trained and row.any.kind != "majority":
            found = [(run, one) for run in row.records if (one := one_class(run)) is not None]
            said = [*_said(row, found, whole=True), *_said(row, found, whole=False)]
            if said:
                yield Statement("warning", tuple(said), tuple(run.run_id for run, _ in found))
    for method, trials in collection.sweeps.items():
        ended = [run for run in trials if run.status == "ok" and one_class(run)]
        if ended:
            yield _trials(method, ended, collection)


def _said(row: Row, found: Sequence[tuple[Record, OneClass]], *, whole: bool) -> Iterator[Sentence]:
    for split in ("test", "validation"):
        mine = [(run, one) for run, one in found if (one.given == one.total) == whole and one.split == split]
        if mine:
            given = [one.given for _, one in mine]
            yield sentence(
                "collapsed" if whole else "collapsed.nearly", a=("name", row.name), split=("split", split),
                classes=("names", tuple(dict.fromkeys(one.name for _, one in mine))),
                given=("range", (("count", min(given)), ("count", max(given)))), all=count(mine[0][1].total),
                seeds=("seeds", tuple(run.seed for run, _ in mine)),
                runs=count(len(mine)), total=count(len(row.records), "run"),
            )  # fmt: skip


def _trials(method: str, runs: Sequence[Record], collection: Collection) -> Statement:
    metric = collection.experiment.compare.metric
    keys = collection.experiment.methods[method].sweep
    tried = [
        (", ".join(f"{key}={run.params[key]}" for key in keys), run.validation.metrics[metric])
        for run in runs
        if run.validation
    ]
    said = sentence(
        "collapsed.trials", a=("name", method), metric=("metric", metric), tried=("trials", tuple(tried)),
        total=count(len(collection.sweeps[method]), "trial"),
    )  # fmt: skip
    return Statement("warning", (said,), tuple(run.run_id for run in runs))
