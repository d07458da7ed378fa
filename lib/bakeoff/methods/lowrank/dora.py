"""DoRA: low-rank updates of directions, and magnitudes of their own (Liu et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Dora", "DoraConfig"]


class DoraConfig(LayerConfig):
    """Hyperparameters of DoRA; updates are scaled by alpha / rank, twice the rank in the paper."""

    rank: int = Field(8, ge=1, description="rank of the updates")
    alpha: int = Field(16, ge=1, description="numerator of the updates' scale")
    dropout: float = Field(0.05, ge=0, lt=1, description="share of an update's inputs hidden in training")


class Dora(LayerMethod):
    """Trains two thin matrices and one magnitude per output beside each target layer, and the head."""

    kind: ClassVar[str] = "dora"
    summary: ClassVar[str] = (
        "DoRA: low-rank updates of the direction and a magnitude per output, and a new head, are trained."
    )
    Config: ClassVar[type[DoraConfig]] = DoraConfig

    @override
    def settings(self, base: Base, config: DoraConfig) -> Any:
        """Return peft's configuration."""
        from peft import LoraConfig as Settings

        return Settings(
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            use_dora=True,
            target_modules=list(self.targets(base, config)),
        )
