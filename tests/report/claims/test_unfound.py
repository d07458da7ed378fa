"""Classes that a method does not find: when, and how it is said."""

import dataclasses

import pytest

import sample
from bakeoff.report.claims.training import unfound
from bakeoff.runs.record import Quality
from prose import spoken

NAMES = ("anger", "joy", "love")


def quality(*confusion) -> Quality:
    """A split with this confusion[gold][predicted]."""
    recalls = [row[place] / (sum(row) or 1) for place, row in enumerate(confusion)]
    rows = [
        {"precision": 0.5, "recall": r, "f1": 0.5, "support": float(sum(confusion[n]))} for n, r in enumerate(recalls)
    ]
    return Quality(metrics={"accuracy": 0.5}, per_class=dict(zip(NAMES, rows, strict=True)), confusion=confusion)


WELL = quality((80, 10, 10), (10, 80, 10), (10, 10, 80))
NO_LOVE = quality((90, 10, 0), (10, 90, 0), (40, 60, 0))
FALLEN = quality((100, 0, 0), (100, 0, 0), (100, 0, 0))


def collection(*tests, name="full"):
    """One row whose runs have these test results."""
    found = sample.collection(names=NAMES)
    row = next(row for row in found.rows if row.name == name)
    runs = [run.model_copy(update={"test": test}) for run, test in zip(row.records, tests, strict=False)]
    return dataclasses.replace(found, rows=(dataclasses.replace(row, records=tuple(runs)),))


SENTENCES = {
    "en": "full found none or almost none of the test texts of love: recall 0.003, the mean over seeds 41, 42 and 43.",
    "ru": "full не находит или почти не находит тестовых текстов, у которых верный класс — love: полнота (recall) "
    "0,003, среднее (seed 41, 42 и 43).",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_the_class_is_named_with_its_recall(language) -> None:
    hardly = quality((90, 10, 0), (10, 90, 0), (40, 59, 1))
    assert spoken(unfound(collection(NO_LOVE, hardly, NO_LOVE)), language) == [SENTENCES[language]]


def test_several_classes_have_a_range() -> None:
    joy = quality((98, 2, 0), (1, 96, 3), (2, 98, 0))
    lost = quality((2, 98, 0), (1, 96, 3), (2, 98, 0))
    (text,) = spoken(unfound(collection(lost, lost, lost)))
    assert text.startswith("full found none or almost none of the test texts of anger and love: recall 0.000-0.020, ")
    (text,) = spoken(unfound(collection(joy, joy, joy)))
    assert " of love: recall 0.000, " in text


def test_what_is_found_with_one_seed_counts() -> None:
    assert not list(unfound(collection(NO_LOVE, WELL, NO_LOVE)))


def test_runs_of_one_class_are_said_elsewhere() -> None:
    assert not list(unfound(collection(FALLEN, FALLEN, FALLEN)))
    assert not list(unfound(collection(FALLEN, WELL, WELL)))
    (statement,) = unfound(collection(FALLEN, NO_LOVE, NO_LOVE))
    assert [run.rsplit("-", 1)[0] for run in statement.runs] == ["full-s42", "full-s43"]


def test_baselines_are_left_alone() -> None:
    for name in ("tfidf", "untrained"):
        assert not list(unfound(collection(NO_LOVE, NO_LOVE, NO_LOVE, name=name)))


def test_a_class_without_test_texts_cannot_be_missed() -> None:
    nothing = quality((90, 10, 0), (10, 90, 0), (0, 0, 0))
    assert not list(unfound(collection(nothing, nothing, nothing)))
