"""P-tuning: word vectors in front of every text, made by a small network (Liu et al., 2021)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.config import TrainingConfig
from bakeoff.methods.peft import VirtualTokensMethod

if TYPE_CHECKING:
    from torch import Tensor, nn

    from bakeoff.models.base import Base

__all__ = ["Ptuning"]


class Ptuning(VirtualTokensMethod):
    """Trains virtual tokens, the network that makes their vectors, and the head; only the vectors are kept."""

    kind = "ptuning"
    summary = "P-tuning: word vectors in front of every text, made by a trained network, and a new head."
    peft_config = "PromptEncoderConfig"
    peft_names: ClassVar = {"virtual_tokens": "num_virtual_tokens", "prompt_width": "encoder_hidden_size"}

    class Config(TrainingConfig):
        """Hyperparameters of P-tuning; the network is a perceptron of two hidden layers, as peft has it."""

        also_searched: ClassVar = {"virtual_tokens": (5.0, 50.0)}

        learning_rate: float = Field(1e-3, gt=0, description="peak learning rate of AdamW")
        virtual_tokens: int = Field(20, ge=1, le=10_000, description="learnt word vectors in front of a text")
        prompt_width: int = Field(
            128, ge=1, le=10_000, description="hidden units of the network that makes the vectors"
        )

    @override
    def build(self, base: Base, config: Config) -> nn.Module:
        """Return a peft model that makes its vectors once per batch."""
        model: Any = super().build(base, config)
        for encoder in model.prompt_encoder.values():
            encoder.forward = partial(_once, encoder.forward)
        whole: nn.Module = model
        return whole


def _once(forward: Callable[[Tensor], Tensor], indices: Tensor) -> Tensor:
    """Return (B, V, E) for indices (B, V), whose rows are all the same: made once, in float32, for all texts.

    The vectors that are kept are then those that were used, to the last bit.
    """
    import torch

    with torch.autocast(indices.device.type, enabled=False):
        return forward(indices[:1]).expand(len(indices), -1, -1)
