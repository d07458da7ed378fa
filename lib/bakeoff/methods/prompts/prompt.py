"""Prompt tuning: learnt word vectors in front of every text (Lester et al., 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.config import TrainingConfig
from bakeoff.methods.peft import VirtualTokensMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Prompt", "PromptConfig"]


class PromptConfig(TrainingConfig):
    """Hyperparameters of prompt tuning; the vectors start at random."""

    learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
    virtual_tokens: int = Field(20, ge=1, description="learnt word vectors in front of a text")


class Prompt(VirtualTokensMethod):
    """Trains the vectors of virtual tokens, and the head; an encoder's head reads the first of them, as in peft."""

    kind: ClassVar[str] = "prompt"
    summary: ClassVar[str] = "Prompt tuning: learnt word vectors in front of every text, and a new head, are trained."
    Config: ClassVar[type[PromptConfig]] = PromptConfig

    @override
    def settings(self, base: Base, config: PromptConfig) -> Any:
        """Return peft's configuration."""
        from peft import PromptTuningConfig as Settings

        from bakeoff.methods.prompts.virtual_tokens import sizes

        return Settings(num_virtual_tokens=config.virtual_tokens, **sizes(base))
