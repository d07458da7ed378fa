"""What `train.ipynb` shows of one run."""

import numpy as np
import pandas as pd

import sample
from bakeoff.report.figures.single_run import learning_curves
from bakeoff.report.pages.display import Prose
from bakeoff.report.pages.table import Table
from bakeoff.report.sections import notebook_of
from bakeoff.report.tables.single_run import misclassified_table, quality_table

FRAME = pd.DataFrame({"item_id": ["a", "b", "c"], "text": ["one", "two", "three"], "label": [0, 1, 1]})


def shown(logits, *, blind=False):
    return misclassified_table(
        FRAME, np.array(logits, dtype=np.float32), names=("negative", "positive"), split="test", blind=blind, n=8
    )


def test_the_surest_mistakes_come_first() -> None:
    table = shown([[2, 0], [1, 0], [3, 0]])
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["three", "two"]


def test_a_method_that_is_equally_sure_of_everything_has_no_table_of_mistakes() -> None:
    assert isinstance(shown([[1, 0], [1, 0], [1, 0]]), Prose)


def test_mistakes_of_a_method_that_learned_nothing_are_not_shown() -> None:
    prose = shown([[2, 0], [1, 0], [3, 0]], blind=True)
    assert isinstance(prose, Prose)
    assert prose.markdown == "This method learned nothing from the texts, so its mistakes tell nothing about them."


def test_metrics_have_the_names_they_have_in_the_report() -> None:
    table = quality_table(next(row for row in sample.collection().rows if row.name == "full").records[0])
    assert [row[0] for row in table.rows][:3] == ["accuracy", "macro-F1", "weighted F1"]


def test_curves_show_the_declared_metric_and_accuracy_beside_it() -> None:
    history = sample.history("full", 41, 3, 10.0)
    last = history[-1].validation
    drawn = learning_curves(history, method="full", metric="macro_f1")
    assert f"macro-F1 {last['macro_f1']:.3f}, accuracy {last['accuracy']:.3f}" in drawn.alt
    assert drawn.caption.startswith("full: loss, macro-F1 and accuracy after each epoch")
    alone = learning_curves(history, method="full", metric="accuracy")
    assert "macro-F1" not in alone.alt + alone.caption


def test_a_run_without_epochs_has_no_curves() -> None:
    assert learning_curves((), method="tfidf", metric="accuracy") is None
    assert len(notebook_of(sample.record("tfidf"), metric="accuracy").cells) == 3  # who it is, quality, confusion
