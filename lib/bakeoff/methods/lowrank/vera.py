"""VeRA: scales of random matrices that all layers share (Kopiczko et al., 2024)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Vera"]


class Vera(LayerMethod):
    """Trains two vectors of scales beside each target layer, and the head."""

    kind = "vera"
    summary = "VeRA: scales of frozen random matrices shared by all layers, and a new head, are trained."
    peft_config = "VeraConfig"
    peft_names: ClassVar = {"rank": "r", "dropout": "vera_dropout", "initial_scale": "d_initial"}
    peft_settings: ClassVar = {"save_projection": False}
    peft_seed = "projection_prng_key"

    class Config(LayerConfig):
        """Hyperparameters of VeRA; the random matrices are drawn from the seed and not kept."""

        also_searched: ClassVar = {"rank": (32.0, 512.0)}

        learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
        rank: int = Field(256, ge=1, description="rank of the shared random matrices")
        dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")
        initial_scale: float = Field(0.1, description="value the scales of the inner side start from")
