"""GraLoRA: a low-rank update for each block of a weight (Jung et al., 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Gralora", "GraloraConfig"]


class GraloraConfig(LayerConfig):
    """Hyperparameters of GraLoRA; updates are scaled by alpha / rank."""

    rank: int = Field(8, ge=1, description="rank of the updates, shared by the blocks")
    alpha: int = Field(16, ge=1, description="numerator of the updates' scale")
    blocks: int = Field(2, ge=1, description="parts that rows and columns are cut into")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")


class Gralora(LayerMethod):
    """Trains two thin matrices for each block of the target weights, and the head."""

    kind: ClassVar[str] = "gralora"
    summary: ClassVar[str] = "GraLoRA: low-rank updates of blocks of the weights, and a new head, are trained."
    Config: ClassVar[type[GraloraConfig]] = GraloraConfig

    @override
    def settings(self, base: Base, config: GraloraConfig) -> Any:
        """Return peft's configuration."""
        from peft import GraloraConfig as Settings

        return Settings(
            r=config.rank,
            alpha=config.alpha,
            gralora_k=config.blocks,
            gralora_dropout=config.dropout,
            target_modules=list(self.targets(base, config)),
        )
