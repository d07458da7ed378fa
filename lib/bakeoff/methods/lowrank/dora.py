"""DoRA: low-rank updates of directions, and magnitudes of their own (Liu et al., 2024)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Dora"]


class Dora(LayerMethod):
    """Trains two thin matrices and one magnitude per output beside each target layer, and the head."""

    kind = "dora"
    summary = "DoRA: low-rank updates of the direction and a magnitude per output, and a new head, are trained."
    peft_config = "LoraConfig"
    peft_names: ClassVar = {"rank": "r", "alpha": "lora_alpha", "dropout": "lora_dropout"}
    peft_settings: ClassVar = {"use_dora": True}

    class Config(LayerConfig):
        """Hyperparameters of DoRA; updates are scaled by alpha / rank, twice the rank in the paper."""

        also_searched: ClassVar = {"rank": (2.0, 32.0)}

        rank: int = Field(8, ge=1, description="rank of the updates")
        alpha: int = Field(16, ge=1, description="numerator of the updates' scale")
        dropout: float = Field(0.05, ge=0, lt=1, description="share of an update's inputs hidden in training")
