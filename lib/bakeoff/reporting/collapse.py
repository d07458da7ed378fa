"""Runs that gave nearly every text one class: how they are recognised, and the warning about them.

Such a run has learnt nothing only where its scores do not order the texts either: with classes of unequal size, a good
order may lie wholly on one side of the decision.

Tables and `conclusions` import it; only `reporting` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bakeoff.record import Record
from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.sentences import Form, Sentence, Slot, Statement, count, sentence

__all__ = ["ONE_CLASS_FROM", "ORDERED_FROM", "OneClass", "collapsed", "has_collapsed", "one_class"]

ONE_CLASS_FROM = 0.99
"""Share of the texts from which a run counts as having given them one class, unless so many do have it."""

ORDERED_FROM = 0.6
"""AUROC from which scores count as ordering the texts. Chance has one half, with a standard error of about .05 where a
class has forty texts (Hanley and McNeil 1982): what lies closer to one half is hardly told from chance."""


@dataclass(frozen=True)
class OneClass:
    """What a run predicted that gave one class to all but a few texts.

    name: of the class; given: to how many of `total` texts; split: of the texts; auroc: of its scores on them, None
    where nobody measured it
    """

    name: str
    given: int
    total: int
    split: str
    auroc: float | None = None

    @property
    def kind(self) -> tuple[str, ...]:
        """What can be said of it: the last parts of its sentence's key."""
        order = "unknown" if self.auroc is None else "ordered" if self.auroc >= ORDERED_FROM else None
        return (*(() if self.given == self.total else ("nearly",)), *((order,) if order else ()))


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
    split = "test" if record.test else "validation"
    return OneClass(name, max(given), sum(given), split, quality.metrics.get("auroc"))


def has_collapsed(row: Row) -> bool:
    """Whether a trained method gave nearly all texts one class with at least one seed; the majority is meant to."""
    return bool(row.records) and row.any.trained and row.any.kind != "majority" and any(map(one_class, row.records))


def collapsed(collection: Collection) -> Iterator[Statement]:
    """Warn of trained models that gave (nearly) every text one class: runs by seed, and trials of sweeps."""
    for row in collection.rows:
        if row.records and row.any.trained and row.any.kind != "majority":
            found = [(run, one) for run in row.records if (one := one_class(run)) is not None]
            if found:
                said = _said(row, found, metric=collection.experiment.compare.metric)
                yield Statement("warning", tuple(said), tuple(run.run_id for run, _ in found))
    for method, trials in collection.sweeps.items():
        ended = [run for run in trials if run.status == "ok" and one_class(run)]
        if ended:
            yield _trials(method, ended, collection)


def _said(row: Row, found: Sequence[tuple[Record, OneClass]], *, metric: str) -> Iterator[Sentence]:
    """Put runs of which the same can be said into one sentence: first those on test, then those wholly of one class."""
    groups: dict[tuple[str, bool, str], list[tuple[Record, OneClass]]] = {}
    for run, one in found:
        key = ".".join(("collapsed", *one.kind))
        groups.setdefault((one.split, one.given < one.total, key), []).append((run, one))
    for (split, _, key), mine in sorted(groups.items(), key=lambda group: group[0]):
        given, ranked = [one.given for _, one in mine], [one.auroc for _, one in mine if one.auroc is not None]
        yield sentence(
            key, a=("name", row.name), split=("split", split), metric=("metric", metric),
            classes=("names", tuple(dict.fromkeys(one.name for _, one in mine))),
            given=_range("count", given), all=count(mine[0][1].total),
            where=_where(row, [run for run, _ in mine]),
            **({"auroc": _range("fraction", ranked)} if ranked else {}),
        )  # fmt: skip


def _where(row: Row, runs: Sequence[Record]) -> Slot:
    """Name the runs by their seeds; a method that no seed changes has one run, and nothing to tell apart."""
    known = None if row.any.deterministic else (tuple(run.seed for run in runs), len(runs), len(row.records))
    return Slot("where", known)


def _range(form: Form, values: Sequence[float]) -> Slot:
    return Slot("range", ((form, min(values)), (form, max(values))))


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
