"""Labels: what makes two values one class, what order names give, and what would mislabel."""

import json
from typing import Any

import pandas as pd
import pytest

from bakeoff.data.labels import to_classes
from bakeoff.data.schema import Label
from bakeoff.errors import BadValue


def classes(values: list[Any], **label: Any) -> tuple[tuple[str, ...], list[float]]:
    """Label one column of whatever kind the values make it."""
    names, columns = to_classes({"all": pd.Series(values, name="label")}, Label(**label))
    return names, columns["all"].tolist()


def test_names_that_are_the_values_give_their_order() -> None:
    names, found = classes(["joy", "love", "joy", "anger"], names=("love", "joy", "anger"))
    assert names == ("love", "joy", "anger")
    assert found == [1, 0, 1, 2]


def test_names_of_numbers_go_by_size() -> None:
    assert classes([2, 0, 10], names=("low", "mid", "high")) == (("low", "mid", "high"), [1, 0, 2])
    assert classes([True, False], names=("no", "yes")) == (("no", "yes"), [1, 0])
    assert classes([1, 0], names=("1", "0")) == (("1", "0"), [0, 1]), "named as they are: an order"


def test_true_and_false_are_known_however_they_are_spelled() -> None:
    assert classes([True, False], names=("true", "false")) == (("true", "false"), [0, 1])
    assert classes([True, False], mapping={"true": "spam", "FALSE": "ham"}) == (("spam", "ham"), [0, 1])
    assert classes(["true", "True"], names=("true", "True")) == (("true", "True"), [0, 1]), "two values stay two"


@pytest.mark.parametrize("label", [{}, {"bins": (1.0,), "names": ("a", "b")}, {"mapping": {"1": "a"}}])
@pytest.mark.parametrize("value", [["a"], {"a": 1}])
def test_lists_and_objects_are_no_classes(label: dict[str, Any], value: Any) -> None:
    with pytest.raises(BadValue, match="column 'label' holds lists or objects"):
        classes([value, value], **label)


def test_a_mapping_that_says_two_things_of_a_value_is_refused() -> None:
    assert classes([1, 2], mapping={1: "a", "1": "a", 2: "b"}) == (("a", "b"), [0, 1])
    with pytest.raises(BadValue, match="'1' stands in it twice"):
        classes([1, 2], mapping={1: "a", "1": "b", 2: "c"})


@pytest.mark.parametrize("values", [["pos", "neg"], ["10", "2"], ["a", 1]])
def test_words_are_never_renamed_by_their_place(values: list[Any]) -> None:
    with pytest.raises(BadValue, match=r"are not the values of column 'label'.*`mapping` gives them other names"):
        classes(values, names=("good", "bad"))


@pytest.mark.parametrize("names", [("a", "b", "c"), ("a",), ("a", "x")])
def test_names_that_are_not_all_the_values_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(BadValue, match="which holds a, b"):
        classes(["a", "b"], names=names)


def test_values_spelled_the_same_are_one_class() -> None:
    assert classes([1, 1.0, "2"]) == (("1", "2"), [0, 0, 1])


@pytest.mark.parametrize("values", [[1, "1", "2"], [1.0, "1", "2"], [True, 1, 2], [False, "no", 0], ["1", "2", 2]])
def test_values_of_two_kinds_are_not_made_one_class(values: list[Any]) -> None:
    with pytest.raises(BadValue, match=r"column 'label' holds .* and .*, two values that would be one class"):
        classes(values)


def test_a_mapping_finds_numbers_written_as_text() -> None:
    mapping = {1: "bad", 2: "good"}
    names, found = classes(["1", 2, 2.0], mapping=mapping)
    assert (names, found) == (("bad", "good"), [0, 1, 1])


def test_bins_read_numbers_written_as_text() -> None:
    names, found = classes(["4", 5, "5.0", "10"], bins=(5.0,), names=("bad", "good"))
    assert (names, found) == (("bad", "good"), [0, 1, 1, 1])


def test_categories_of_a_parquet_file_are_plain_values() -> None:
    names, columns = to_classes({"all": pd.Series(["b", "a", None], dtype="category")}, Label())
    assert names == ("a", "b")
    assert json.dumps(columns["all"].tolist()) == "[1.0, 0.0, NaN]"


REVIEWS = [f"A long and winding review, number {i}, of a film about a tram that was in no hurry" for i in range(30)]


@pytest.mark.parametrize(
    "label",
    [
        {},
        {"names": ("good", "bad")},
        {"mapping": {"good": "a", "bad": "b"}},
        {"bins": (5.0,), "names": ("bad", "good")},
    ],
)
@pytest.mark.parametrize("values", [REVIEWS, [f"tram {i}" for i in range(30)]])
def test_texts_are_no_classes_and_none_is_shown(label: dict[str, Any], values: list[str]) -> None:
    with pytest.raises(BadValue) as caught:
        classes(values, **label)
    assert str(caught.value).startswith("data.label.column: column 'label' holds texts, not classes; ")
    assert "tram" not in str(caught.value)


@pytest.mark.parametrize(
    "label", [{"names": ("x", "y", "z")}, {"mapping": {"good": "a"}}, {"bins": (5.0,), "names": ("bad", "good")}]
)
def test_a_few_texts_that_are_repeated_are_not_shown_either(label: dict[str, Any]) -> None:
    with pytest.raises(BadValue, match="column 'label' holds texts, not classes") as caught:
        classes(REVIEWS[:2] * 30, **label)
    assert "tram" not in str(caught.value)
    assert classes(REVIEWS[:2] * 30)[1] == [0, 1] * 30, "long names of classes are names"


@pytest.mark.parametrize(
    "label",
    [{"names": ("x",)}, {"mapping": {"good": "a", "bad": "b"}}, {"bins": (5.0,), "names": ("bad", "good")}],
)
def test_a_value_that_is_shown_is_cut(label: dict[str, Any]) -> None:
    with pytest.raises(BadValue) as caught:
        classes(["\x1b" + "winding " * 30, "good", "bad"], **label)
    assert "winding winding" in str(caught.value)
    assert "winding " * 5 not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_numbers_that_are_all_different_can_be_grades() -> None:
    grades = [f"{i / 7:.3f}" for i in range(70)]
    assert classes(grades, bins=(5.0,), names=("bad", "good"))[1] == [0] * 35 + [1] * 35


def test_a_key_that_yaml_spells_another_way_is_told() -> None:
    with pytest.raises(BadValue, match=r"the value '0123' .* put '0123' in quotes in the mapping"):
        classes(["0123", "123"], mapping={123: "a", 5: "b"})
    with pytest.raises(BadValue, match=r"the value 'x' .* map it to a class name"):
        classes(["x"], mapping={123: "a", True: "b"})
    with pytest.raises(BadValue, match="2001-01-01"):
        classes([pd.Timestamp("2001-01-01")], mapping={123: "a"})


def test_grades_may_have_a_decimal_comma() -> None:
    names = ("bad", "good")
    assert classes(["6,5", "4", " 4,99 ", "5,000", None], bins=(5.0,), names=names)[1][:4] == [1, 0, 0, 1]
    for values in (["6,5", "5.5"], ["6,500", "1,000", "20"], ["1,5,5"]):
        with pytest.raises(BadValue, match=r"in column 'label' is not a number; a decimal comma is one where all"):
            classes(values, bins=(5.0,), names=names)
