"""DeLoRA: low-rank updates of normalised directions and a learnt strength (Bini et al., 2025)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Delora"]


class Delora(LayerMethod):
    """Trains two thin matrices and a strength beside each target layer, and the head."""

    kind = "delora"
    summary = "DeLoRA: low-rank updates with directions and strength apart, and a new head, are trained."
    conv1d = False
    peft_config = "DeloraConfig"
    peft_names: ClassVar = {"rank": "r", "strength": "delora_lambda"}

    class Config(LayerConfig):
        """Hyperparameters of DeLoRA."""

        also_searched: ClassVar = {"rank": (2.0, 32.0)}

        rank: int = Field(8, ge=1, description="rank of the updates")
        strength: int = Field(15, gt=0, description="bound of the updates that training starts from")
