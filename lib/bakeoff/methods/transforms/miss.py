"""MiSS: one small matrix repeated over shards of the weight (Kang and Yin, 2024)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import Fitted, LayerConfig, LayerMethod

__all__ = ["Miss"]


class Miss(LayerMethod):
    """Trains one small matrix per target layer, shared by its shards, and the head."""

    kind = "miss"
    summary = "MiSS: a small matrix shared by shards of each weight, and a new head, are trained."
    conv1d = False
    peft_config = "MissConfig"
    peft_names: ClassVar = {"rank": "r", "dropout": "miss_dropout"}
    fitted = Fitted("rank", "inputs", usual=64)

    class Config(LayerConfig):
        """Hyperparameters of MiSS; the rank divides the inputs of all target layers."""

        rank: int | None = Field(
            None,
            ge=1,
            description="rows of the shared matrix; left out: the most up to 64 that fit the layers",
            examples=[16],
        )
        dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")
