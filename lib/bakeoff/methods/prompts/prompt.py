"""Prompt tuning: learnt word vectors in front of every text (Lester et al., 2021)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.config import TrainingConfig
from bakeoff.methods.peft import VirtualTokensMethod

__all__ = ["Prompt"]


class Prompt(VirtualTokensMethod):
    """Trains the vectors of virtual tokens, and the head; an encoder's head reads the first of them, as in peft."""

    kind = "prompt"
    summary = "Prompt tuning: learnt word vectors in front of every text, and a new head, are trained."
    peft_config = "PromptTuningConfig"
    peft_names: ClassVar = {"virtual_tokens": "num_virtual_tokens"}

    class Config(TrainingConfig):
        """Hyperparameters of prompt tuning; the vectors start at random."""

        also_searched: ClassVar = {"virtual_tokens": (5.0, 50.0)}

        learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
        virtual_tokens: int = Field(20, ge=1, le=10_000, description="learnt word vectors in front of a text")
