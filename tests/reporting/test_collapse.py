"""One class for (nearly) all texts: when it counts as a collapse, and how it is said."""

import dataclasses

import pytest
import sample
from prose import replaced, spoken

from bakeoff.record import Quality
from bakeoff.reporting.collapse import collapsed, one_class


def quality(*confusion) -> Quality:
    right = sum(row[place] for place, row in enumerate(confusion))
    accuracy = right / sum(map(sum, confusion))
    return Quality(metrics={"accuracy": accuracy, "macro_f1": accuracy}, per_class={}, confusion=confusion)


def run(test=None, validation=None, **changes):
    return sample.record("full").model_copy(update={"test": test, "validation": validation, **changes})


@pytest.mark.parametrize(
    ("confusion", "found"),
    [
        (((100, 0), (100, 0)), ("negative", 200)),
        (((100, 0), (98, 2)), ("negative", 198)),
        (((100, 0), (97, 3)), None),
        (((0, 3), (0, 297)), ("positive", 300)),  # the majority class has 99 % itself, yet nothing else was ever given
        (((1, 2), (0, 297)), None),
        (((0, 0), (0, 300)), None),  # there is one class only
    ],
)
def test_when_a_run_has_collapsed(confusion, found) -> None:
    one = one_class(run(test=quality(*confusion)))
    assert (one and (one.name, one.given)) == found


def test_a_run_without_test_is_judged_on_validation() -> None:
    assert one_class(run(validation=quality((5, 0), (5, 0)))).split == "validation"
    assert one_class(run()) is None


@pytest.fixture(scope="module")
def collection():
    return sample.collection()


def test_nothing_collapsed_nothing_said(collection) -> None:
    assert not list(collapsed(collection))


def test_runs_are_named_by_seed(collection) -> None:
    rows = [
        dataclasses.replace(
            row,
            records=tuple(
                one.model_copy(update={"test": quality((1000, 0), (1000 - kept, kept))})
                for one, kept in zip(row.records, (0, 5, 900), strict=True)
            ),
        )
        if row.name == "full"
        else row
        for row in collection.rows
    ]
    (text,) = spoken(collapsed(dataclasses.replace(collection, rows=tuple(rows))))
    assert text.startswith("full gave all test texts one class (negative) with seed 41, in 1 of 3 runs: ")
    assert "full gave 1,995 of 2,000 test texts one class (negative) with seed 42, in 1 of 3 runs: " in text
    assert "43" not in text


def test_a_trained_baseline_is_warned_about_and_the_majority_is_not(collection) -> None:
    flat = quality((1000, 0), (1000, 0))
    (text,) = spoken(collapsed(replaced(collection, "tfidf", test=flat)))
    assert text.startswith("tfidf gave all test texts one class")
    assert not list(collapsed(replaced(collection, "untrained", test=flat)))


def test_trials_of_a_sweep_are_named_by_their_values(collection) -> None:
    first, *rest = collection.sweeps["lora"]
    fallen = first.model_copy(update={"validation": quality((500, 0), (500, 0))})
    (text,) = spoken(collapsed(dataclasses.replace(collection, sweeps={"lora": (fallen, *rest)})))
    assert text == (
        "In the sweep of lora, trials that gave all or nearly all validation texts one class (accuracy on "
        "validation): rank 2: 0.500, of 4 trials."
    )
