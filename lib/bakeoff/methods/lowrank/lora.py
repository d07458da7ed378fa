"""LoRA: low-rank updates beside frozen weight matrices (Hu et al., 2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Lora", "LoraConfig"]


class LoraConfig(LayerConfig):
    """Hyperparameters of LoRA; updates are scaled by alpha / rank."""

    rank: int = Field(8, ge=1, description="rank of the updates")
    alpha: int = Field(32, ge=1, description="numerator of the updates' scale")
    dropout: float = Field(0.05, ge=0, lt=1, description="share of an update's inputs hidden in training")


class Lora(LayerMethod):
    """Trains two thin matrices beside each target layer, and the head."""

    kind: ClassVar[str] = "lora"
    summary: ClassVar[str] = "LoRA: low-rank updates of some linear layers, and a new head, are trained."
    Config: ClassVar[type[LoraConfig]] = LoraConfig

    @override
    def settings(self, base: Base, config: LoraConfig) -> Any:
        """Return peft's configuration."""
        from peft import LoraConfig as Settings

        return Settings(
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules=list(self.targets(base, config)),
        )
