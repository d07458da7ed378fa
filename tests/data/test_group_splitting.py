"""Whole groups: none in two splits, sizes and classes near what was asked for, refusals where they cannot be."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bakeoff.data.schema import Split
from bakeoff.data.splitting import draw_own, draw_splits
from bakeoff.errors import BadValue


@given(groups=st.integers(20, 80), seed=st.integers(0, 2**31), stratify=st.booleans())
def test_no_group_is_in_two_splits_and_sizes_are_near(groups: int, seed: int, stratify: bool) -> None:
    generator = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), generator.integers(1, 30, groups))
    labels = (generator.random(len(group)) < 0.3).astype(np.int64)
    assume(min(np.unique(group[labels == kind]).size for kind in (0, 1)) >= 3)
    split = Split(train=0.6, validation=0.2, test=0.2, group="g", seed=seed, stratify=stratify)
    drawn = draw_splits(labels, split, group)
    found = {name: set(group[rows].tolist()) for name, rows in drawn.items()}
    assert not found["train"] & found["test"]
    assert not found["train"] & found["validation"]
    assert not found["validation"] & found["test"]
    assert sum(map(len, found.values())) == groups
    assert sum(map(len, drawn.values())) == len(labels), "shares that add up to one take all"
    assert abs(len(drawn["test"]) - 0.2 * len(labels)) < 30
    assert all((np.diff(rows) > 0).all() for rows in drawn.values())
    again = draw_splits(labels, split, group)
    assert all(np.array_equal(drawn[name], again[name]) for name in drawn)


def test_rare_classes_reach_every_split() -> None:
    group = np.repeat(np.arange(60), 20)
    labels = np.zeros(1200, dtype=np.int64)
    labels[[0, 400, 800]] = 1
    drawn = draw_splits(labels, Split(train=0.7, validation=0.15, test=0.15, group="g"), group)
    assert [int(labels[rows].sum()) for rows in drawn.values()] == [1, 1, 1]


def test_class_shares_are_kept() -> None:
    generator = np.random.default_rng(3)
    group = generator.integers(0, 100, 2000)
    labels = ((group % 10 == 0) | (generator.random(2000) < 0.02)).astype(np.int64)
    drawn = draw_splits(labels, Split(train=0.6, validation=0.2, test=0.2, group="g"), group)
    assert all(abs(labels[rows].mean() - labels.mean()) < 0.02 for rows in drawn.values())


def test_test_texts_do_not_depend_on_the_other_sizes() -> None:
    group = np.arange(900) // 10
    labels = np.arange(900) % 3
    small = draw_splits(labels, Split(train=100, validation=100, test=200, group="g"), group)
    large = draw_splits(labels, Split(train=500, validation=200, test=200, group="g"), group)
    assert np.array_equal(small["test"], large["test"])
    assert len(small["train"]) == 100


@pytest.mark.parametrize(
    ("group", "labels", "says"),
    [
        (np.zeros(90, dtype=int), np.arange(90) % 2, "1 groups are left for 3 splits"),
        (np.arange(90) // 45, np.arange(90) % 2, "2 groups are left for 3 splits"),
        (np.repeat(np.arange(4), [70, 1, 1, 18]), np.arange(90) % 2, "the largest group has"),
        (np.arange(90) // 9, (np.arange(90) < 9).astype(int), "class"),
    ],
)
def test_what_groups_cannot_give_is_refused(group: np.ndarray, labels: np.ndarray, says: str) -> None:
    with pytest.raises(BadValue) as caught:
        draw_splits(labels, Split(train=0.4, validation=0.3, test=0.3, group="g"), group)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_validation_split_is_whole_groups_of_train() -> None:
    labels = {"train": np.arange(300) % 2, "test": np.arange(30) % 2}
    groups = {"train": np.arange(300) // 10, "test": np.arange(30) // 10}
    found = draw_own(labels, Split(group="g"), groups)
    assert {name: source for name, (source, _) in found.items()} == {
        "train": "train",
        "validation": "train",
        "test": "test",
    }
    train, validation = (set(groups["train"][found[name][1]].tolist()) for name in ("train", "validation"))
    assert not train & validation
    assert len(found["validation"][1]) == 30


@pytest.mark.parametrize("each", [7, 9, 13])
def test_shares_of_train_that_add_up_to_one_take_all_of_it(each: int) -> None:
    labels = {"train": np.arange(300) % 2, "test": np.arange(30) % 2}
    groups = {"train": np.arange(300) // each, "test": np.arange(30)}
    found = draw_own(labels, Split(train=0.8, validation=0.2, group="g"), groups)
    assert len(found["validation"][1]) != 60, "whole groups cannot give it, so that this tests something"
    assert sum(len(found[name][1]) for name in ("train", "validation")) == 300
