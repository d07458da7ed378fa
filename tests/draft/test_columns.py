"""Columns as files and hubs bring them: lists as arrays, categories, gaps."""

import numpy as np
import pandas as pd
import pytest

from bakeoff.draft.guess import describe, filled


@pytest.mark.parametrize(
    "values",
    [
        [np.zeros(3), np.ones(3)],
        [["a"], ["a", "b"]],
        [{"bytes": b"x"}, {"bytes": b"y"}],
        [b"\x89PNG", b"\x89PNG"],
        ["a text first", ["then", "a", "list"]],
    ],
)
def test_values_with_values_inside_are_nested(values: list[object]) -> None:
    seen = describe(pd.Series([*values, None], name="x", dtype=object))
    assert (seen.kind, seen.present, seen.missing) == ("nested", 2, 1)


@pytest.mark.parametrize(("values", "kind"), [(["en"], "text"), ([1, 2, 1], "number"), ([True, False], "truth")])
def test_categories_are_the_values_they_stand_for(values: list[object], kind: str) -> None:
    column = pd.Series([*values, None], name="x", dtype=pd.CategoricalDtype(sorted(set(values))))
    assert filled(column).tolist() == values
    seen = describe(column)
    assert (seen.kind, seen.distinct, seen.missing) == (kind, len(set(values)), 1)


def test_blank_strings_are_missing() -> None:
    assert filled(pd.Series(["a", "", "  ", None, "b"])).tolist() == ["a", "b"]
