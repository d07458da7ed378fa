"""LoKr: updates that are Kronecker products (Edalati et al., 2022; Yeh et al., 2024)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Lokr"]


class Lokr(LayerMethod):
    """Trains the factors of a Kronecker product beside each target layer, and the head."""

    kind = "lokr"
    summary = "LoKr: updates that are Kronecker products of small matrices, and a new head, are trained."
    conv1d = False
    peft_config = "LoKrConfig"
    peft_names: ClassVar = {"rank": "r", "alpha": "alpha"}

    class Config(LayerConfig):
        """Hyperparameters of LoKr; updates are scaled by alpha / rank."""

        also_searched: ClassVar = {"rank": (2.0, 32.0)}

        rank: int = Field(8, ge=1, description="rank of the larger factor")
        alpha: int = Field(8, ge=1, description="numerator of the updates' scale")
