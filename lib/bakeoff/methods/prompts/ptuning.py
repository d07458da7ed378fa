"""P-tuning: word vectors in front of every text, made by a small network (Liu et al., 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.config import TrainingConfig
from bakeoff.methods.peft import VirtualTokensMethod

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.models.base import Base

__all__ = ["Ptuning", "PtuningConfig"]


class PtuningConfig(TrainingConfig):
    """Hyperparameters of P-tuning; the network is a perceptron of two hidden layers, as peft has it."""

    learning_rate: float = Field(1e-3, gt=0, description="peak learning rate of AdamW")
    virtual_tokens: int = Field(20, ge=1, description="learnt word vectors in front of a text")
    prompt_width: int = Field(128, ge=1, description="hidden units of the network that makes the vectors")


class Ptuning(VirtualTokensMethod):
    """Trains virtual tokens, the network that makes their vectors, and the head; only the vectors are kept."""

    kind: ClassVar[str] = "ptuning"
    summary: ClassVar[str] = "P-tuning: word vectors in front of every text, made by a trained network, and a new head."
    Config: ClassVar[type[PtuningConfig]] = PtuningConfig

    @override
    def settings(self, base: Base, config: PtuningConfig) -> Any:
        """Return peft's configuration."""
        from peft import PromptEncoderConfig as Settings

        from bakeoff.methods.prompts.virtual_tokens import sizes

        return Settings(
            num_virtual_tokens=config.virtual_tokens,
            encoder_hidden_size=config.prompt_width,
            **sizes(base),
        )

    @override
    def build(self, base: Base, config: PtuningConfig) -> nn.Module:
        """Return a peft model that makes its vectors once per batch."""
        from bakeoff.methods.prompts.virtual_tokens import make_once

        return make_once(super().build(base, config))
