"""LoHa: updates that are the elementwise product of two low-rank matrices (Hyeon-Woo et al., 2022)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Loha"]


class Loha(LayerMethod):
    """Trains two pairs of thin matrices beside each target layer, and the head."""

    kind = "loha"
    summary = "LoHa: updates that are products of two low-rank matrices, and a new head, are trained."
    conv1d = False
    peft_config = "LoHaConfig"
    peft_names: ClassVar = {"rank": "r", "alpha": "alpha"}

    class Config(LayerConfig):
        """Hyperparameters of LoHa; updates are scaled by alpha / rank and reach the square of the rank."""

        also_searched: ClassVar = {"rank": (2.0, 32.0)}

        rank: int = Field(8, ge=1, description="rank of each factor")
        alpha: int = Field(8, ge=1, description="numerator of the updates' scale")
