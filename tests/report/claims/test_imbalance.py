"""Where classes are unequal, accuracy does not stand alone."""

import dataclasses

import pytest

import sample
from bakeoff.experiment.model import Compare
from bakeoff.report.claims.data import imbalanced
from bakeoff.study.collect import Row
from prose import spoken


def collection(negative: int, positive: int, *, baseline: bool = True, metric: str = "accuracy"):
    found = []
    for name in ("majority", "full") if baseline else ("full",):
        run = sample.record(name)
        test = run.inputs.splits["test"].model_copy(
            update={"labels": {"negative": negative, "positive": positive}, "n": negative + positive}
        )
        inputs = run.inputs.model_copy(update={"splits": {**run.inputs.splits, "test": test}})
        found.append(Row(name, name, (run.model_copy(update={"inputs": inputs}),)))
    experiment = sample.experiment(compare=Compare(metric=metric))
    return dataclasses.replace(sample.empty(), rows=tuple(found), experiment=experiment)


@pytest.mark.parametrize("counts", [(100, 100), (299, 100)])
def test_equal_classes_need_no_word(counts) -> None:
    assert not list(imbalanced(collection(*counts)))
    assert not list(imbalanced(sample.empty()))


def test_the_majority_stands_beside_accuracy() -> None:
    (text,) = spoken(imbalanced(collection(1360, 100)))
    assert text.startswith(
        "The classes are unequal in number: of 1,460 test texts, 1,360 have the class negative, 100 the class "
        "positive. By itself, accuracy misleads here: majority, which gives every text one class, has 0.500 in "
        "accuracy and 0.333 in macro-F1."
    )
    assert "The verdicts are about accuracy, as declared before running" in text


def test_without_the_baseline_the_counts_say_it() -> None:
    (text,) = spoken(imbalanced(collection(300, 100, baseline=False)))
    assert "to give every test text the class negative would have 0.750 in accuracy. Read macro-F1 beside it." in text


def test_a_comparison_declared_in_macro_f1_needs_no_advice() -> None:
    (text,) = spoken(imbalanced(collection(300, 100, metric="macro_f1")))
    assert "as declared" not in text
