"""Virtual tokens in front of a text."""

from __future__ import annotations

from typing import Any

import torch
from peft import PromptEncoder
from torch import Tensor, nn

from bakeoff.errors import BadValue
from bakeoff.methods.compatibility import instead
from bakeoff.models.base import Base

__all__ = ["check_prompts", "make_once", "sizes"]


class OncePromptEncoder(PromptEncoder):
    """A prompt encoder that makes the vectors once, in float32, rather than for every text of a batch.

    The vectors that are kept are then those that were used, to the last bit.
    """

    def forward(self, indices: Tensor) -> Tensor:
        """Return (B, V, E) for indices (B, V), whose rows are all the same."""
        with torch.autocast(indices.device.type, enabled=False):
            vectors: Tensor = super().forward(indices[:1])  # type: ignore[no-untyped-call]
        return vectors.expand(len(indices), -1, -1)


def check_prompts(base: Base) -> None:
    """Raise BadValue where the encoder takes no word vectors in place of token ids."""
    if "inputs_embeds" not in base.inputs:
        raise BadValue("method", f"{base.architecture} takes no word vectors", hint=instead(base))


def sizes(base: Base) -> dict[str, Any]:
    """Return what peft has to know: the width of word vectors, which may be less than that of the encoder's states.

    It asks for layers and heads, too, which only prefixes have to fit.
    """
    return {
        "token_dim": int(base.encoder.get_input_embeddings().embedding_dim),
        "num_layers": 1,
        "num_attention_heads": 1,
    }


def make_once(model: Any) -> nn.Module:
    """Let a P-tuning model make its vectors once per batch, in place; return it."""
    for encoder in model.prompt_encoder.values():
        encoder.__class__ = OncePromptEncoder
    whole: nn.Module = model
    return whole
