"""HRA: a chain of Householder reflections before each weight (Yuan et al., 2024)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Hra"]


class Hra(LayerMethod):
    """Trains the vectors of the reflections, and the head."""

    kind = "hra"
    summary = "HRA: Householder reflections before the weights, and a new head, are trained."
    conv1d = False
    peft_config = "HRAConfig"
    peft_names: ClassVar = {"rank": "r"}

    class Config(LayerConfig):
        """Hyperparameters of HRA."""

        also_searched: ClassVar = {"rank": (2.0, 32.0)}

        rank: int = Field(8, ge=1, description="reflections per layer")
