"""GraLoRA: a low-rank update for each block of a weight (Jung et al., 2025)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Gralora"]


class Gralora(LayerMethod):
    """Trains two thin matrices for each block of the target weights, and the head."""

    kind = "gralora"
    summary = "GraLoRA: low-rank updates of blocks of the weights, and a new head, are trained."
    peft_config = "GraloraConfig"
    peft_names: ClassVar = {"rank": "r", "alpha": "alpha", "blocks": "gralora_k", "dropout": "gralora_dropout"}

    class Config(LayerConfig):
        """Hyperparameters of GraLoRA; updates are scaled by alpha / rank."""

        rank: int = Field(8, ge=1, description="rank of the updates, shared by the blocks")
        alpha: int = Field(16, ge=1, description="numerator of the updates' scale")
        blocks: int = Field(2, ge=1, description="parts that rows and columns are cut into")
        dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")
