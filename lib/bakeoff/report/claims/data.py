"""Statements about the data: unequal classes, truncated texts, repeats between splits, models from scratch."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.report.claims.completeness import declared_before
from bakeoff.report.text import slots
from bakeoff.report.text.numbers import share
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.study.collect import Collection, Row, mean

__all__ = ["CUT_FROM", "UNEQUAL_FROM", "cut", "from_scratch", "imbalanced", "overlap", "unread"]


UNEQUAL_FROM = 3.0
"""Texts of the largest class for one of the smallest, in the test, from which classes count as unequal."""


def imbalanced(collection: Collection) -> Iterator[Statement]:
    """Name a largest class with many more test texts than the smallest, and the scores of always predicting it."""
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
            "imbalance", total=slots.Count(total, "test text"), most=slots.Name(most), n_most=slots.Count(labels[most]),
            least=slots.Name(least), n_least=slots.Count(labels[least]),
        ),
        _constant(baseline, most=most, share=labels[most] / total),
    ]  # fmt: skip
    if collection.experiment.compare.metric == "accuracy":
        key = "imbalance.declared" if declared_before(collection) else "imbalance.now"
        said.append(sentence(key, metric=slots.Metric("accuracy"), other=slots.Metric("macro_f1")))
    runs = baseline.records if baseline else ()
    yield Statement("imbalance", tuple(said), tuple(run.run_id for run in runs))


def _constant(baseline: Row | None, *, most: str, share: float) -> Sentence:
    """Say what giving every text one class scores: as the baseline measured it, else as the counts have it."""
    accuracy, macro_f1 = (mean(baseline.quality(name)) if baseline else None for name in ("accuracy", "macro_f1"))
    if baseline is None or accuracy is None or macro_f1 is None:
        return sentence(
            "imbalance.counted", most=slots.Name(most), accuracy=slots.Fraction(share), metric=slots.Metric("accuracy"),
            other=slots.Metric("macro_f1"),
        )  # fmt: skip
    return sentence(
        "imbalance.measured", b=slots.Name(baseline.name), accuracy=slots.Fraction(accuracy),
        macro_f1=slots.Fraction(macro_f1), metric=slots.Metric("accuracy"), other=slots.Metric("macro_f1"),
    )  # fmt: skip


CUT_FROM = 0.2
"""Share of the training texts, longer than what a method reads of them, from which it is said in the answer."""


def cut(collection: Collection) -> Iterator[Statement]:
    """Say which trained methods read how many tokens where many texts have more, and which were given whole texts."""
    rows = [row for row in collection.rows if row.records and row.any.trained and row.any.inputs]
    groups: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        limit = row.any.inputs.max_length if row.any.inputs else None
        longer = max((run.training.truncated_share or 0.0 for run in row.records if run.training), default=0.0)
        if limit and longer >= CUT_FROM:
            groups.setdefault((limit, share(longer)), []).append(row)
    said = [
        sentence("cut", names=slots.Names(_names(own)), limit=slots.Count(limit, "token"), share=slots.Quote(longer))
        for (limit, longer), own in groups.items()
    ]
    whole = [row for row in rows if row.any.inputs and not row.any.inputs.model_id and row.any.kind != "majority"]
    if said and whole:
        said.append(sentence("cut.whole", names=slots.Names(_names(whole))))
    if said:
        shown = [*(row for own in groups.values() for row in own), *whole]
        yield Statement("cut", tuple(said), tuple(run.run_id for row in shown for run in row.records))


UNKNOWN_FROM, LETTERS_FROM = 0.2, 0.3
"""Shares of unknown tokens, and of single letters among the tokens, from which a model is for other texts.

A sign that a tokenizer does not know, such as an emoji in each text, makes few of the tokens unknown; another writing
makes whole words so.
"""


def unread(collection: Collection) -> Iterator[Statement]:
    """Name the base models whose tokenizers hardly know the texts, and the methods that start from them."""
    groups: dict[tuple[str, float, float], list[Row]] = {}
    for row in collection.rows:
        found = row.any.inputs if row.records else None
        unknown, letters = (found.unknown_share or 0.0, found.single_letter_share or 0.0) if found else (0.0, 0.0)
        if found and found.model_id and (unknown >= UNKNOWN_FROM or letters >= LETTERS_FROM):
            groups.setdefault((found.model_id, unknown, letters), []).append(row)
    for (model, unknown, letters), rows in groups.items():
        said = sentence(
            "unread", model=slots.Quote(model), unknown=slots.Share(unknown), letters=slots.Share(letters),
            names=slots.Names(_names(rows)),
        )  # fmt: skip
        yield Statement("unread", (said,), tuple(run.run_id for row in rows for run in row.records))


def _names(rows: list[Row]) -> tuple[str, ...]:
    return tuple(row.name for row in rows)


def from_scratch(collection: Collection) -> Iterator[Statement]:
    """Keep readers from taking a model trained from scratch for a pretrained one."""
    rows = [row for row in collection.rows if row.records and row.any.inputs and row.any.trained]
    pretrained = {row.name: row.any.inputs.model_pretrained for row in rows if row.any.inputs}
    scratch = [row for row in rows if pretrained[row.name] is False]
    if scratch:
        key = "scratch.beside" if True in pretrained.values() else "scratch.alone"
        said = sentence(key, names=slots.Names(tuple(row.name for row in scratch)))
        yield Statement("warning", (said,), tuple(record.run_id for row in scratch for record in row.records))


def overlap(collection: Collection) -> Iterator[Statement]:
    """Say how many test texts, and how many of the groups that should not be split, the training texts contain."""
    records = [record for row in collection.rows for record in row.records]
    inputs = [record.inputs for record in records if record.inputs]
    if not inputs:
        return
    test, drawn = inputs[0].splits["test"], ".drawn" if collection.drawn else ""
    runs = tuple(record.run_id for record in records if record.inputs)
    seen = inputs if drawn else inputs[:1]
    if shared := max(one.overlap.get("train/test", 0) for one in seen):
        said = sentence(f"overlap{drawn}", shared=slots.Count(shared), total=slots.Count(test.n))
        yield Statement("warning", (said,), runs)
    group, split = collection.experiment.data.split.group, max(one.shared_groups.get("train/test", 0) for one in seen)
    if group and split:
        said = sentence(
            f"overlap.groups{drawn}", group=slots.Quote(group), shared=slots.Count(split),
            total=slots.Count(test.groups or split),
        )  # fmt: skip
        yield Statement("warning", (said,), runs)
