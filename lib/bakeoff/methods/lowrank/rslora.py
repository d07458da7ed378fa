"""rsLoRA: LoRA whose updates are divided by the root of the rank (Kalajdzievski, 2023)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Rslora", "RsloraConfig"]


class RsloraConfig(LayerConfig):
    """Hyperparameters of rsLoRA; updates are scaled by alpha / sqrt(rank), so that higher ranks learn as fast."""

    rank: int = Field(8, ge=1, description="rank of the updates")
    alpha: int = Field(8, ge=1, description="numerator of the updates' scale")
    dropout: float = Field(0.05, ge=0, lt=1, description="share of an update's inputs hidden in training")


class Rslora(LayerMethod):
    """Trains two thin matrices beside each target layer, and the head."""

    kind: ClassVar[str] = "rslora"
    summary: ClassVar[str] = "rsLoRA: low-rank updates scaled by the root of the rank, and a new head, are trained."
    Config: ClassVar[type[RsloraConfig]] = RsloraConfig

    @override
    def settings(self, base: Base, config: RsloraConfig) -> Any:
        """Return peft's configuration."""
        from peft import LoraConfig as Settings

        return Settings(
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            use_rslora=True,
            target_modules=list(self.targets(base, config)),
        )
