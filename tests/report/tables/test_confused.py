"""With very many classes a matrix shows those that are confused most often, and a table says which for which."""

import dataclasses

import numpy as np
import pytest

import sample
from bakeoff.report.figures.confusion import confusion
from bakeoff.report.figures.style import new_axes
from bakeoff.report.mistakes.matrices import confusion_figure
from bakeoff.report.tables.confused import MOST_CLASSES, confused_pairs, confused_table, shown_classes
from bakeoff.study.collect import Collection

ODD = [
    "$10-$20",
    "a_b",
    "\\frac{1}{2}",
    "50 %",
    "{}",
    '"quoted"',
    "\U0001f600",
    "\u0645\u0631\u062d\u0628\u0627",
    "x" * 100,
]


def counts(classes: int, wrong: dict[tuple[int, int], int]) -> np.ndarray:
    table = np.eye(classes, dtype=int) * 9
    for (gold, given), n in wrong.items():
        table[gold, given] = n
    return table


def test_the_pairs_with_most_texts_come_first_and_a_method_of_one_class_does_not_count() -> None:
    one_class = np.zeros((4, 4), dtype=int)
    one_class[:, 0] = 50
    found = confused_pairs([counts(4, {(1, 2): 3, (3, 0): 5}), counts(4, {(1, 2): 4}), one_class])
    assert found == [(1, 2), (3, 0)]
    assert confused_pairs([one_class]) == []


def test_a_matrix_shows_all_classes_or_those_of_the_pairs_confused_most() -> None:
    assert shown_classes([counts(12, {})], classes=12) == list(range(12))
    assert shown_classes([counts(200, {})], classes=200) == list(range(12))
    wrong = {(2 * n, 2 * n + 1): 100 - n for n in range(40)}
    assert shown_classes([counts(200, wrong)], classes=200) == list(range(12))
    assert shown_classes([counts(200, {(150, 7): 3, (7, 9): 2})], classes=200) == [7, 9, 150]


def test_shares_are_of_all_texts_of_a_class() -> None:
    ax = confusion(new_axes(3), [[6, 2, 2], [0, 1, 0], [0, 0, 1]], names=["a", "b", "c"], title="", shown=[0, 1])
    assert [text.get_text() for text in ax.texts][:2] == ["6\n60\N{NO-BREAK SPACE}%", "2\n20\N{NO-BREAK SPACE}%"]


def many(classes: int) -> Collection:
    """Return a study whose records speak of so many classes, each method with mistakes of its own."""
    names = [*ODD, *(f"class no. {n}" for n in range(classes - len(ODD)))]
    generator = np.random.default_rng(0)
    found = sample.collection()
    rows = []
    for row in found.rows:
        records = []
        for run in row.records:
            table = np.eye(classes, dtype=int) * 5 + (generator.random((classes, classes)) < 0.02)
            scores = dict.fromkeys(("precision", "recall", "f1"), 0.5) | {"support": 5}
            test = run.test.model_copy(
                update={"confusion": table.tolist(), "per_class": {name: dict(scores) for name in names}}
            )
            records.append(run.model_copy(update={"test": test}))
        rows.append(dataclasses.replace(row, records=tuple(records)))
    return dataclasses.replace(found, rows=type(found.rows)(rows))


@pytest.mark.parametrize("classes", [13, 77, 200])
def test_a_report_of_many_classes_has_a_readable_figure_and_its_table(classes: int) -> None:
    found = many(classes)
    figure, table = confusion_figure(found), confused_table(found)
    assert "found least often" in figure.caption
    assert len(figure.csv.splitlines()) == 1 + classes * len(found.rows)
    assert table.header[:2] == ["true class", "class given"]
    assert 2 <= len(table.rows) <= 20
    assert all(gold != given for gold, given, *_ in table.rows)
    assert "<svg" in figure.svg


def test_few_classes_have_no_such_table() -> None:
    assert confused_table(sample.collection()) is None
    assert MOST_CLASSES == 12
