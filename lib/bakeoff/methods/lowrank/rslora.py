"""rsLoRA: LoRA whose updates are divided by the root of the rank (Kalajdzievski, 2023)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Rslora"]


class Rslora(LayerMethod):
    """Trains two thin matrices beside each target layer, and the head."""

    kind = "rslora"
    summary = "rsLoRA: low-rank updates scaled by the root of the rank, and a new head, are trained."
    peft_config = "LoraConfig"
    peft_names: ClassVar = {"rank": "r", "alpha": "lora_alpha", "dropout": "lora_dropout"}
    peft_settings: ClassVar = {"use_rslora": True}

    class Config(LayerConfig):
        """Hyperparameters of rsLoRA; updates are scaled by alpha / sqrt(rank), so that higher ranks learn as fast."""

        also_searched: ClassVar = {"rank": (2.0, 32.0)}

        rank: int = Field(8, ge=1, description="rank of the updates")
        alpha: int = Field(8, ge=1, description="numerator of the updates' scale")
        dropout: float = Field(0.05, ge=0, lt=1, description="share of an update's inputs hidden in training")
