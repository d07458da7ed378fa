"""RoAd: rotations and scales of pairs of outputs (Liao et al., 2024)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import Fitted, LayerConfig, LayerMethod

__all__ = ["Road"]


class Road(LayerMethod):
    """Trains an angle and a scale for pairs of outputs of each target layer, and the head."""

    kind = "road"
    summary = "RoAd: rotations and scales of pairs of outputs, and a new head, are trained."
    conv1d = False
    peft_config = "RoadConfig"
    peft_names: ClassVar = {"group_size": "group_size"}
    peft_settings: ClassVar = {"variant": "road_1"}
    fitted = Fitted("group_size", "outputs", usual=64, least=2, step=2)

    class Config(LayerConfig):
        """Hyperparameters of RoAd; the group size is even and divides the outputs of all target layers."""

        group_size: int | None = Field(
            None,
            ge=2,
            description="outputs grouped into pairs together; left out: the most up to 64 that fit the layers",
            examples=[32],
        )
