"""Drawing splits: sizes, shares, order and repeatability hold for any table."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bakeoff.data.schema import Split
from bakeoff.data.splitting import draw_again, draw_own, draw_splits
from bakeoff.errors import BadValue


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


@pytest.mark.parametrize(
    ("split", "says"),
    [
        (
            Split(train=0.8, test=0.2),
            "the shares add up to more than one: train 0.8, validation 0.15, test 0.2; "
            "validation, which gets 0.15 then, is left out in the file: say how much it is to have",
        ),
        (
            Split(train=800, test=200),
            "asks for 1,150 texts where 1,000 are left; asked: train 800, validation 150, test 200; "
            "validation, which gets 0.15 then, is left out",
        ),
        (Split(test=900), "and leaves none for train; validation, which gets 0.15 then, is left out"),
    ],
)
def test_a_size_that_nobody_asked_for_is_told(split: Split, says: str) -> None:
    with pytest.raises(BadValue) as caught:
        draw_splits(np.arange(1000) % 2, split)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_of_sizes_that_were_asked_for_none_is_called_left_out() -> None:
    with pytest.raises(BadValue, match=r"train 0\.8, validation 0\.1, test 0\.2$"):
        draw_splits(np.arange(1000) % 2, Split(train=0.8, validation=0.1, test=0.2))


OWN = {"train": np.arange(4000) % 2, "test": np.arange(300) % 2}
WITH_VALIDATION = {**OWN, "validation": np.arange(200) % 2}


@pytest.mark.parametrize(
    ("labels", "split", "sizes"),
    [
        (OWN, Split(), (3600, 400, 300)),
        (OWN, Split(train=0.8, validation=0.2), (3200, 800, 300)),
        (OWN, Split(train=0.9, validation=0.1, test=0.5), (3600, 400, 150)),
        (OWN, Split(train=0.5), (2000, 400, 300)),
        (OWN, Split(train=2000, validation=100), (2000, 100, 300)),
        (OWN, Split(validation=0.3), (2800, 1200, 300)),
        (WITH_VALIDATION, Split(train=0.8, validation=0.2), (3200, 40, 300)),
        (WITH_VALIDATION, Split(train=4000), (4000, 200, 300)),
    ],
)
def test_shares_are_of_what_the_source_has(
    labels: dict[str, np.ndarray], split: Split, sizes: tuple[int, int, int]
) -> None:
    drawn = draw_own(labels, split)
    assert tuple(len(drawn[name][1]) for name in ("train", "validation", "test")) == sizes
    if "validation" not in labels:
        assert not set(drawn["train"][1].tolist()) & set(drawn["validation"][1].tolist())


@pytest.mark.parametrize(
    ("labels", "split", "says"),
    [
        (
            OWN,
            Split(train=4000),
            "data.split.train: asks for 4,000 texts where the source's own has 4,000, of which 400 go to validation; "
            "ask for 3,600 at most",
        ),
        (OWN, Split(train=0.9, validation=0.2), "asks for 3,600 texts where the source's own has 4,000, of which 800"),
        (OWN, Split(test=301), "data.split.test: asks for 301 texts where the source's own has 300"),
        (OWN, Split(validation=4001), "data.split.validation: asks for 4,001 texts where"),
        (WITH_VALIDATION, Split(train=4001), "asks for 4,001 texts where the source's own has 4,000"),
    ],
)
def test_more_than_a_split_of_the_source_has(labels: dict[str, np.ndarray], split: Split, says: str) -> None:
    with pytest.raises(BadValue) as caught:
        draw_own(labels, split)
    assert says in str(caught.value)


@given(
    counts=st.lists(st.integers(1, 60), min_size=1, max_size=5),
    sizes=st.tuples(*[st.integers(1, 200)] * 2),
    stratify=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_what_a_seed_draws_has_its_size_and_shares_and_is_part_of_what_it_would_draw_of_more(
    counts: list[int], sizes: tuple[int, int], stratify: bool, seed: int
) -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    few, many = sorted(min(size, len(labels)) for size in sizes)
    split = Split(stratify=stratify)
    drawn = {n: draw_again(labels, split, seed=seed, size=n) for n in (few, many)}
    for n, rows in drawn.items():
        assert len(rows) == n
        assert (np.diff(rows) > 0).all()
        if stratify:
            got = np.bincount(labels[rows], minlength=len(counts))
            assert (np.abs(got - n * np.array(counts) / len(labels))[np.array(counts) > 1] < len(counts)).all()
            assert n < len(counts) or (got > 0).all()
            other = draw_again(labels, split, seed=seed + 1, size=n)
            assert np.array_equal(got, np.bincount(labels[other], minlength=len(counts))), "the same for every seed"
    assert set(drawn[few]) <= set(drawn[many])


def test_seeds_draw_evenly_and_without_regard_to_each_other() -> None:
    labels = np.repeat([0, 1], [300, 100])
    drawn = [draw_again(labels, Split(), seed=seed, size=100) for seed in range(300)]
    often = np.bincount(np.concatenate(drawn), minlength=400)
    assert often.mean() == 75
    assert often.std() == pytest.approx(np.sqrt(300 * 0.25 * 0.75), rel=0.15)
    common = [len(np.intersect1d(one, two)) for one, two in pairwise(drawn)]
    assert np.mean(common) == pytest.approx(25, abs=1)
