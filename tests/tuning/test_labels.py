"""Labels: what makes two values one class, what order names give, and what would mislabel."""

import json
from typing import Any

import pandas as pd
import pytest

from bakeoff.errors import BadValue
from bakeoff.experiment import Label
from bakeoff.tuning.labels import to_classes


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
    assert classes([1, "1", 1.0, "2"]) == (("1", "2"), [0, 0, 0, 1])


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
