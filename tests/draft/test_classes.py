"""Which values are grades, which are codes, and which classes stay."""

from collections.abc import Mapping

import pandas as pd
import pytest

from bakeoff.draft.classes import Classes, propose_classes


def proposed(counts: Mapping[object, int], *, column: str = "label", fewest: int = 10) -> Classes:
    values = pd.Series([value for value, n in counts.items() for _ in range(n)], name=column)
    return propose_classes({"all": values}, fewest=fewest)


@pytest.mark.parametrize(
    ("column", "values", "is_grade"),
    [
        ("label", range(77), False),
        ("label", range(1, 31), False),
        ("Class Index", range(1, 5), False),
        ("category_id", range(1, 11), False),
        ("start", range(4), False),
        ("market", range(3), False),
        ("code", range(40), False),
        ("stars", range(1, 6), True),
        ("grade10", range(11), True),
        ("score", range(5), True),
        ("rating label", range(1, 4), True),
        ("value", range(1, 6), True),
        ("value", [-1.5, 0.25, 2.0], True),
        ("label", [0.0, 0.5, 1.0], True),
        ("value", [-1, 0, 1], False),
    ],
)
def test_grades_are_cut_and_codes_stay(column: str, values: list[float], is_grade: bool) -> None:
    found = proposed(dict.fromkeys(values, 12), column=column)
    assert ("bins" in found.label) is is_grade


def test_a_class_stays_where_it_has_as_many_texts_as_it_needs() -> None:
    counts = {"a": 90, "b": 50, "c": 20}
    assert list(proposed(counts, fewest=20).counts) == ["a", "b", "c"]
    found = proposed(counts, fewest=21)
    assert found.label["mapping"] == {"a": "a", "b": "b", "c": None}
    assert found.notes == ("classes with fewer than 21 texts are left out (null): c; they have 20 in all",)
    assert list(proposed(counts, fewest=60).counts) == ["a", "b", "c"], "one class alone is no comparison"


def test_where_a_source_brings_train_its_training_texts_count() -> None:
    train = pd.Series(["a"] * 30 + ["b"] * 30 + ["c"] * 5, name="label")
    test = pd.Series(["a"] * 30 + ["b"] * 30 + ["c"] * 30 + ["d"] * 30, name="label")
    found = propose_classes({"train": train, "test": test}, fewest=10)
    assert found.counts == {"a": 60, "b": 60}
    assert found.label["mapping"] == {"a": "a", "b": "b", "c": None, "d": None}
    assert found.notes == ("classes with fewer than 10 training texts are left out (null): c, d; they have 65 in all",)


def test_very_many_rare_values_are_no_long_mapping() -> None:
    found = proposed({"a": 40, "b": 30, **{f"odd {n}": 1 for n in range(60)}})
    assert found.where == "label in ['a', 'b']"
    assert found.notes == ("62 classes are too many; the 2 most frequent are kept (label)",)


def test_names_that_differ_by_spaces_only_are_pointed_out() -> None:
    found = proposed({"good": 20, "good ": 15, "bad": 20, " bad": 12, "fine": 11})
    said = "classes that differ by spaces, case or Unicode form only: 'good' and 'good ', 'bad' and ' bad'"
    assert [note.partition(";")[0] for note in found.notes] == [said]
    assert len(found.counts) == 5
    assert proposed({"good": 20, "very good": 20}).notes == ()


@pytest.mark.parametrize(
    ("counts", "kept"), [({0: 20, 1: 20, 7: 3}, ["0", "1"]), ({"a": 20, "b": 20, "c": 3}, ["a", "b"])]
)
def test_values_that_are_left_out_have_no_class(counts: dict[object, int], kept: list[str]) -> None:
    values = pd.Series(list(counts), name="label")
    assert proposed(counts).of(values).tolist() == kept


def test_grades_have_one_class_or_the_other() -> None:
    found = proposed(dict.fromkeys(range(1, 6), 10), column="stars")
    assert found.of(pd.Series([1, 2, 3, 5])).tolist() == [False, False, True, True]
