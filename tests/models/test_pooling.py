"""Text vectors: padding on either side changes nothing, and the last real token counts in causal models."""

from pathlib import Path

import pytest
import torch

import tiny
from bakeoff.models.base import load_base
from bakeoff.models.pooling import POOLINGS, Float32Linear, pool
from bakeoff.models.sources import locate_model
from bakeoff.system.workspace import Workspace
from bakeoff.training.reading.batches import Encoded, predict

FILL = {"input_ids": 0, "attention_mask": 0}


@pytest.mark.parametrize("how", sorted(POOLINGS))
def test_pooling_ignores_padding(how: str) -> None:
    states = torch.randn(1, 5, 3)
    alone = pool(states, torch.ones(1, 5, dtype=torch.int64), how)
    noise = torch.full((1, 4, 3), 1e6)
    right = pool(torch.cat([states, noise], 1), torch.tensor([[1] * 5 + [0] * 4]), how)
    left = pool(torch.cat([noise, states], 1), torch.tensor([[0] * 4 + [1] * 5]), how)
    torch.testing.assert_close(right, alone)
    torch.testing.assert_close(left, alone)


def test_each_pooling_takes_what_it_says() -> None:
    states = torch.arange(6.0).reshape(1, 3, 2)
    mask = torch.tensor([[1, 1, 0]])
    assert pool(states, mask, "cls").tolist() == [[0.0, 1.0]]
    assert pool(states, mask, "last").tolist() == [[2.0, 3.0]]
    assert pool(states, mask, "mean").tolist() == [[1.0, 2.0]]


def test_virtual_tokens_in_front_do_not_count() -> None:
    states = torch.arange(6.0).reshape(1, 3, 2)
    assert pool(states, torch.tensor([[1, 1, 1, 1, 0]]), "mean").tolist() == [[1.0, 2.0]]


def mamba(file: Path):
    located = locate_model(str(file), workspace=Workspace(file.parent))
    base = load_base(located, label_names=("a", "b"), seed=3)
    return base.model.eval()


@pytest.mark.parametrize("left", [False, True], ids=["right", "left"])
def test_state_space_logits_do_not_depend_on_padding(tiny_mamba: Path, left: bool) -> None:
    model = mamba(tiny_mamba)
    texts = [[2, 5, 9, 3], [2, *range(4, 25), 3], [2, 7, 3]]
    encoded = Encoded({"input_ids": texts, "attention_mask": [[1] * len(t) for t in texts]}, FILL, left, 0)
    together = predict(model, encoded, batch_size=3, dtype="float32")
    alone = predict(model, encoded, batch_size=1, dtype="float32")
    torch.testing.assert_close(torch.from_numpy(together), torch.from_numpy(alone))


def test_state_space_head_reads_the_last_token(tiny_mamba: Path) -> None:
    model = mamba(tiny_mamba)
    mask = torch.ones(1, 4, dtype=torch.int64)
    with torch.no_grad():
        one, other = (model(torch.tensor([[2, 5, 6, last]]), mask).logits for last in (7, 8))
        first = model(torch.tensor([[9, 5, 6, 7]]), mask).logits
    assert not torch.equal(one, other)
    assert not torch.equal(one, first)  # and through it the tokens before


def test_the_last_layer_keeps_its_precision_under_autocast() -> None:
    layer = Float32Linear(64, 3)
    rows = torch.randn(4, 64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = layer(rows)
    assert logits.dtype == torch.float32
    torch.testing.assert_close(logits, rows @ layer.weight.T + layer.bias)


def test_tiny_texts_stay_in_the_vocabulary() -> None:
    assert {word for text, _ in tiny.make_texts(50) for word in text.split()} <= set(tiny.WORDS)
