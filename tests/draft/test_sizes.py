"""Sizes that are proposed can be drawn."""

from collections.abc import Mapping

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.draft.sizes import FROM_TRAIN, SHARES, SIZES, fewest, propose_sizes
from bakeoff.errors import BadValue


def labels(**counts: int) -> pd.Series:
    return pd.Series([name for name, n in counts.items() for _ in range(n)])


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        ({"all": labels(a=11_999)}, SHARES[0]),
        ({"all": labels(a=6_000, b=6_000)}, SIZES),
        ({"all": labels(a=99_980, b=20)}, SHARES[0]),
        ({"all": labels(a=50, b=50)}, SHARES[0]),
        ({"all": labels(a=6, b=6)}, SHARES[1]),
        ({"all": labels(a=4, b=4)}, SHARES[2]),
        ({"train": labels(a=6, b=6), "test": labels(a=2, b=1)}, FROM_TRAIN[1]),
        ({"train": labels(a=50, b=50), "test": labels(a=2, b=1)}, FROM_TRAIN[0]),
        ({"train": labels(a=50, b=2), "validation": labels(a=1), "test": labels(b=1)}, {}),
    ],
    ids=["under", "over", "rare of many", "few", "12 rows", "8 rows", "12 + 3 rows", "own", "all three"],
)
def test_the_first_sizes_with_room_for_every_class(given: Mapping[str, pd.Series], sizes: dict[str, float]) -> None:
    assert propose_sizes(given) == sizes


@pytest.mark.parametrize("given", [{"all": labels(a=80, b=2)}, {"train": labels(a=80, b=1), "test": labels(a=9, b=1)}])
def test_where_no_sizes_do_the_rarest_class_is_named(given: Mapping[str, pd.Series]) -> None:
    with pytest.raises(BadValue, match=r"^--data: too few texts .* b has 2 of \d+; bring more texts of it"):
        propose_sizes(given)


@settings(max_examples=60)
@given(st.integers(100, 60_000), st.lists(st.integers(0, 400), min_size=1, max_size=40))
def test_classes_that_have_what_they_need_have_room_in_the_first_sizes(largest: int, above: list[int]) -> None:
    total = largest
    counts = [largest]
    for more in above:  # each as rare as may be, or a little less
        counts.append(fewest(total + 600 * len(above), own=False) + more)
        total += counts[-1]
    column = labels(**{f"c{number}": n for number, n in enumerate(counts)})
    assert all(n >= fewest(len(column), own=False) for n in counts)
    assert propose_sizes({"all": column}) == (SIZES if len(column) >= 12_000 else SHARES[0])
