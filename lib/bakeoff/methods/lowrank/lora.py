"""LoRA: low-rank updates beside frozen weight matrices (Hu et al., 2022)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Lora"]


class Lora(LayerMethod):
    """Trains two thin matrices beside each target layer, and the head."""

    kind = "lora"
    summary = "LoRA: low-rank updates of some linear layers, and a new head, are trained."
    peft_config = "LoraConfig"
    peft_names: ClassVar = {"rank": "r", "alpha": "lora_alpha", "dropout": "lora_dropout"}

    class Config(LayerConfig):
        """Hyperparameters of LoRA; updates are scaled by alpha / rank."""

        also_searched: ClassVar = {"rank": (2.0, 32.0)}

        rank: int = Field(8, ge=1, description="rank of the updates")
        alpha: int = Field(32, ge=1, description="numerator of the updates' scale")
        dropout: float = Field(0.05, ge=0, lt=1, description="share of an update's inputs hidden in training")
