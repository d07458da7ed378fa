"""Drawing splits: sizes, shares, order and repeatability hold for any table."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bakeoff.errors import BadValue
from bakeoff.experiment import Split
from bakeoff.tuning.splitting import draw_splits


@given(
    counts=st.lists(st.integers(10, 60), min_size=2, max_size=4),
    sizes=st.tuples(*[st.integers(1, 60)] * 3),
    stratify=st.booleans(),
    seed=st.integers(0, 2**31),
)
def test_any_possible_split(counts: list[int], sizes: tuple[int, int, int], stratify: bool, seed: int) -> None:
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    assume(sum(sizes) <= len(labels))
    split = Split(train=sizes[0], validation=sizes[1], test=sizes[2], stratify=stratify, seed=seed)
    shares = np.array(counts) / len(labels)
    assume(not stratify or min(sizes) * shares.min() >= 2)
    drawn = draw_splits(labels, split)
    assert tuple(len(drawn[name]) for name in ("train", "validation", "test")) == sizes
    together = np.concatenate(list(drawn.values()))
    assert len(set(together.tolist())) == len(together)
    assert all((np.diff(rows) > 0).all() for rows in drawn.values())
    again = draw_splits(labels, split)
    assert all(np.array_equal(drawn[name], again[name]) for name in drawn)
    if stratify:
        exact = len(drawn["test"]) * shares
        assert (np.abs(np.bincount(labels[drawn["test"]], minlength=len(counts)) - exact) < 1).all()


def test_test_texts_do_not_depend_on_the_other_sizes() -> None:
    labels = np.arange(200) % 3
    small = draw_splits(labels, Split(train=30, validation=30, test=30))
    large = draw_splits(labels, Split(train=120, validation=40, test=30))
    assert np.array_equal(small["test"], large["test"])


def test_shares_that_add_up_to_one_take_all() -> None:
    drawn = draw_splits(np.arange(99) % 2, Split(train=0.8, validation=0.1, test=0.1))
    assert {name: len(rows) for name, rows in drawn.items()} == {"train": 79, "validation": 9, "test": 9}


def test_another_seed_draws_other_texts() -> None:
    labels = np.arange(100) % 2
    one, other = (draw_splits(labels, Split(train=20, validation=20, test=20, seed=seed)) for seed in (1, 2))
    assert not np.array_equal(one["train"], other["train"])


def test_too_many() -> None:
    with pytest.raises(BadValue, match="asks for 30 texts where 20 are left"):
        draw_splits(np.arange(20) % 2, Split(train=10, validation=10, test=10))
