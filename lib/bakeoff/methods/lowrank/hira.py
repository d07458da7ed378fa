"""HiRA: a low-rank matrix multiplied with the weight element by element (Huang et al., 2025)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import LayerConfig, LayerMethod

__all__ = ["Hira"]


class Hira(LayerMethod):
    """Trains two thin matrices whose product scales each target weight, and the head."""

    kind = "hira"
    summary = "HiRA: low-rank matrices multiplied elementwise with the weights, and a new head, are trained."
    peft_config = "HiraConfig"
    peft_names: ClassVar = {"rank": "r", "dropout": "hira_dropout"}

    class Config(LayerConfig):
        """Hyperparameters of HiRA."""

        also_searched: ClassVar = {"rank": (8.0, 128.0)}

        rank: int = Field(32, ge=1, description="rank of the updates")
        dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")
