"""Which classes are taken for one another: the choice of what a matrix shows, and the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bakeoff.report.pages.table import Table
from bakeoff.report.text.labels import shown_name
from bakeoff.report.text.language import tr
from bakeoff.report.text.numbers import whole
from bakeoff.study.collect import Collection

__all__ = ["MOST_CLASSES", "confused_pairs", "confused_table", "shown_classes"]


Counts = np.ndarray[Any, Any]
MOST_CLASSES = 12
"""Classes that a matrix shows: of more, those that are confused most often."""
_PAIRS, _ONE_CLASS = 20, 0.9


def confused_table(collection: Collection) -> Table | None:
    """List which classes were taken for which most often, where there are more than a matrix shows."""
    pooled = _pooled(collection)
    names = next((list(run.test.per_class) for row in collection.rows for run in row.records if run.test), [])
    pairs = confused_pairs(list(pooled.values()))[:_PAIRS]
    if len(names) <= MOST_CLASSES or not pairs:
        return None
    columns = {method: [whole(int(table[pair])) for pair in pairs] for method, table in pooled.items()}
    return Table(
        {
            tr("true class"): [names[gold] for gold, _ in pairs],
            tr("class given"): [names[given] for _, given in pairs],
            **columns,
        },
        caption=tr("Which classes were taken for which most often: texts, counted over all seeds together."),
        note=tr("In the order of their sum over the methods, without those that gave nearly all texts one class."),
    )


def _pooled(collection: Collection) -> dict[str, Counts]:
    """Return method -> confusion[gold][predicted] on test, summed over its runs."""
    tests = {shown_name(row): [run.test.confusion for run in row.records if run.test] for row in collection.rows}
    return {method: np.sum([np.asarray(one) for one in found], axis=0) for method, found in tests.items() if found}


def confused_pairs(tables: Sequence[Counts]) -> list[tuple[int, int]]:
    """Return (gold, predicted) class numbers of wrong answers, those with most texts over the tables first.

    tables: confusion[gold][predicted] of each method; one that gave nearly all texts one class does not count
    """
    telling = [table for table in tables if table.sum(axis=0).max() < _ONE_CLASS * table.sum()]
    if not telling:
        return []
    total = np.sum(telling, axis=0)
    np.fill_diagonal(total, 0)
    order = np.argsort(-total, axis=None, kind="stable")[: int((total > 0).sum())]
    return [(int(gold), int(given)) for gold, given in zip(*np.unravel_index(order, total.shape), strict=True)]


def shown_classes(tables: Sequence[Counts], *, classes: int) -> list[int]:
    """Return the numbers of the classes that a matrix shows, rising: all, or those of the pairs confused most often."""
    if classes <= MOST_CLASSES:
        return list(range(classes))
    chosen: dict[int, None] = {}
    for pair in confused_pairs(tables):
        if len(chosen.keys() | set(pair)) <= MOST_CLASSES:
            chosen |= dict.fromkeys(pair)
    return sorted(list(chosen) or range(MOST_CLASSES))
