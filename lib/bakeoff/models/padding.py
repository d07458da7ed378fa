"""Refuses encoders that answer differently for a text when a longer one stands beside it in a batch."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import torch
from torch import Tensor, nn

from bakeoff.errors import BadValue
from bakeoff.models.loading import quiet

__all__ = ["check_architecture", "check_padding"]


# Encoders that take an attention mask and yet mix padding in: by convolutions over neighbouring places (CANINE,
# ConvBERT), by pooling these and leaving out the last one, padding or not (Funnel), by hashing all places together
# (Reformer, YOSO), by means over segments of the whole batch's length (Nyströmformer). Named so that they are refused
# before anything runs; others are found by what they compute.
MIXING = {"canine", "convbert", "funnel", "nystromformer", "reformer", "yoso"}

SHORT, LONG = 6, 24
# Rounding in float32 leaves 1e-6 of a token's state, ConvBERT's convolutions over fresh embeddings 4e-3.
TOLERANCE = 1e-3
HINT = "name a model of another architecture, such as bert, roberta or modernbert"


def check_architecture(encoder: Any, name: str) -> None:
    """Raise BadValue for an encoder that takes no attention mask, or is known not to keep to it; needs no weights."""
    kind = encoder.config.model_type
    if "attention_mask" not in inspect.signature(encoder.forward).parameters:
        reason = f"{name} cannot be told which tokens are padding: results would depend on the batch"
        raise BadValue("model", reason, hint="name one that takes an attention mask")
    if kind in MIXING:
        reason = f"{name} is a {kind}, which mixes padding in: results would depend on the batch"
        raise BadValue("model", reason, hint=HINT)


def check_padding(encoder: Any, tokenizer: Any, *, name: str, positions: int | None) -> None:
    """Raise BadValue where a few tokens get other states beside a longer text than they do alone.

    positions: longest input in tokens, None where there is no limit
    Neither the encoder nor any random number stream is changed.
    """
    with quiet(), torch.random.fork_rng(devices=[]):
        try:
            strays = _strays(_twin(encoder).eval(), tokenizer, positions)
        except (RuntimeError, ValueError) as error:
            said = " ".join(str(error).split()) or type(error).__name__
            raise BadValue("model", f"{name} cannot read a short text beside a longer one: {said}", hint=HINT) from None
    if strays > TOLERANCE:
        reason = f"{name} mixes padding in (states of the same tokens differ by {strays:.1%} when padded)"
        raise BadValue("model", f"{reason}: results would depend on the batch", hint=HINT)


@torch.no_grad()
def _strays(encoder: Any, tokenizer: Any, positions: int | None) -> float:
    """Return by how much of its length the state of a token moves at most when its text is padded."""
    long = min(LONG, positions or LONG)
    short = min(SHORT, max(1, long // 2))
    ids, pad = _ordinary(tokenizer, long), [tokenizer.pad_token_id] * (long - short)
    ones = torch.ones(2, long, dtype=torch.int64)
    alone = _states(encoder, torch.tensor([ids[:short]]), ones[:1, :short])[0]
    ones[0, short:] = 0
    padded = _states(encoder, torch.tensor([ids[:short] + pad, ids]), ones)[0, :short]
    return float(((padded - alone).norm(dim=-1) / alone.norm(dim=-1).clamp_min(1e-12)).max())


def _ordinary(tokenizer: Any, count: int) -> list[int]:
    """Return ids of ordinary tokens, spread over the vocabulary."""
    ids = sorted(set(tokenizer.get_vocab().values()) - set(tokenizer.all_special_ids))
    spread = ids[:: max(1, len(ids) // count)]
    return [spread[place % len(spread)] for place in range(count)]


def _states(encoder: Any, ids: Tensor, mask: Tensor) -> Tensor:
    """Return float32 (B, T, H) for ids and mask (B, T)."""
    states: Tensor = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    return states.float()


def _twin(encoder: nn.Module) -> nn.Module:
    """Return a copy that shares the weights: some encoders change themselves by what they read.

    BigBird, for one, gives up sparse attention for good at its first short text.
    """
    return copy.deepcopy(encoder, {id(one): one for one in (*encoder.parameters(), *encoder.buffers())})
