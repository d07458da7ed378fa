"""Batches: nothing lost, nothing twice, little padding, the same order for the same seed."""

from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from bakeoff.models.sources import locate_model
from bakeoff.system.workspace import Workspace
from bakeoff.training.reading.batches import (
    Encoded,
    by_length,
    by_tokens,
    encode,
    known_pieces,
    shuffled,
    tokens_at_once,
)
from bakeoff.training.run import prepare
from bench import Bench

LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=300).map(np.array)


def test_lengths_are_counted_once() -> None:
    encoded = Encoded({"input_ids": [[1, 2], [3]]}, {"input_ids": 0}, left=False, truncated=0)
    assert encoded.lengths.tolist() == [2, 1]
    assert encoded.lengths is encoded.lengths


@pytest.fixture(scope="module")
def minilm():
    located = locate_model("bundled:minilm-l6", workspace=Workspace(Path()))
    return AutoTokenizer.from_pretrained(located.path)


@pytest.mark.parametrize(
    ("text", "unknown", "letters"),
    [
        ("a good film about nothing", (0, 0), (0.1, 0.3)),  # "a" is a letter, too
        ("\u043f\u043b\u043e\u0445\u043e\u0439 \u0444\u0438\u043b\u044c\u043c", (0, 0.01), (0.5, 1)),
        ("\u65e0\u804a", (0.5, 1), (0, 0)),
        ("\u4e2d\u56fd", (0, 1), (0, 0)),
        ("\N{GRINNING FACE} \N{GRINNING FACE} yes", (0.6, 0.7), (0, 0)),
        ("", (0, 0), (0, 0)),
    ],
)
def test_what_a_tokenizer_does_not_know_is_counted(minilm, text, unknown, letters) -> None:
    found = encode([text], tokenizer=minilm, accepted=frozenset({"input_ids"}), max_length=64)
    shares = known_pieces(found, minilm)
    assert unknown[0] <= shares[0] <= unknown[1]
    assert letters[0] <= shares[1] <= letters[1]


@given(lengths=LENGTHS, size=st.integers(1, 40), seed=st.integers(0, 99), epoch=st.integers(0, 9))
def test_an_epoch_holds_every_text_once(lengths: np.ndarray, size: int, seed: int, epoch: int) -> None:
    batches = shuffled(lengths, size, seed=seed, epoch=epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= size for batch in batches)
    assert len(batches) == -(-len(lengths) // size) or len(lengths) > 50 * size
    again = shuffled(lengths, size, seed=seed, epoch=epoch)
    assert all(np.array_equal(one, other) for one, other in zip(batches, again, strict=True))


def test_epochs_and_seeds_differ() -> None:
    lengths = np.arange(100) % 7 + 1
    orders = {tuple(np.concatenate(shuffled(lengths, 8, seed=s, epoch=e)).tolist()) for s in (1, 2) for e in (0, 1)}
    assert len(orders) == 4


def test_batches_by_length_save_padding() -> None:
    lengths = np.random.default_rng(0).integers(4, 60, size=640)
    batches = shuffled(lengths, 32, seed=1, epoch=0)
    assert sum(lengths[b].max() * len(b) for b in batches) < 1.1 * lengths.sum()


@given(lengths=LENGTHS, size=st.integers(1, 40))
def test_prediction_batches_fall_in_length(lengths: np.ndarray, size: int) -> None:
    order = np.concatenate(by_length(lengths, size))
    assert (np.diff(lengths[order]) <= 0).all()
    assert sorted(order.tolist()) == list(range(len(lengths)))


@given(lengths=LENGTHS, tokens=st.integers(1, 400))
def test_prediction_batches_hold_few_enough_tokens_and_no_text_too_few(lengths: np.ndarray, tokens: int) -> None:
    batches = by_tokens(lengths, tokens)
    order = np.concatenate(batches)
    assert sorted(order.tolist()) == list(range(len(lengths)))
    assert (np.diff(lengths[order]) <= 0).all()
    for batch, after in zip_longest(batches, batches[1:]):
        padded = lengths[batch].max() * len(batch)
        assert padded <= tokens or len(batch) == 1
        if after is not None:
            assert padded + lengths[batch].max() > tokens


def test_predictions_in_batches_of_any_kind_agree(bench: Bench) -> None:
    found = []
    for size in (None, 1, 7, 64):
        trainee = prepare(bench.run("untrained", eval_batch_size=size), bench.splits)
        found.append(trainee.predict("test"))
        told = (trainee.cost.eval_batch_size, trainee.cost.eval_batch_tokens)
        assert told == ((size, None) if size else (None, tokens_at_once(trainee.device)))
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=1e-5)


def test_padding_on_either_side() -> None:
    columns = {"input_ids": [[5, 6, 7], [8]], "attention_mask": [[1, 1, 1], [1]]}
    fill = {"input_ids": 9, "attention_mask": 0}
    assert Encoded(columns, fill, left=False, truncated=0).batch([1, 0])["input_ids"].tolist() == [[8, 9, 9], [5, 6, 7]]
    assert Encoded(columns, fill, left=True, truncated=0).batch([1, 0])["attention_mask"].tolist() == [
        [0, 0, 1],
        [1] * 3,
    ]
    assert Encoded(columns, fill, left=True, truncated=0).batch([1])["input_ids"].tolist() == [[8]]
