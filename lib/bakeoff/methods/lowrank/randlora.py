"""RandLoRA: full-rank updates summed from scaled random low-rank matrices (Albert et al., 2025)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Randlora"]


class Randlora(LayerMethod):
    """Trains scales of frozen random matrices beside each target layer, and the head."""

    kind = "randlora"
    summary = "RandLoRA: scales of frozen random low-rank matrices, and a new head, are trained."
    peft_config = "RandLoraConfig"
    peft_names: ClassVar = {"rank": "r", "alpha": "randlora_alpha", "dropout": "randlora_dropout"}
    peft_settings: ClassVar = {"save_projection": False}
    peft_seed = "projection_prng_key"

    class Config(LayerConfig):
        """Hyperparameters of RandLoRA; the random matrices are drawn from the seed and not kept."""

        rank: int = Field(32, ge=1, description="rank of each random matrix; lower means more of them")
        alpha: int = Field(640, ge=1, description="numerator of the updates' scale")
        dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")
