"""RoAd: rotations and scales of pairs of outputs (Liao et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Road"]


class Road(LayerMethod):
    """Trains an angle and a scale for pairs of outputs of each target layer, and the head."""

    kind = "road"
    summary = "RoAd: rotations and scales of pairs of outputs, and a new head, are trained."
    conv1d = False
    peft_config = "RoadConfig"
    peft_names: ClassVar = {"group_size": "group_size"}
    peft_settings: ClassVar = {"variant": "road_1"}

    class Config(LayerConfig):
        """Hyperparameters of RoAd; the group size is even and divides the outputs of all target layers."""

        group_size: int | None = Field(
            None,
            ge=2,
            description="outputs grouped into pairs together; left out: the most up to 64 that fit the layers",
            examples=[32],
        )

    @override
    def sizes(self, base: Base, config: Config) -> dict[str, int]:
        """Return the group size."""
        from bakeoff.models.layers import divisors, fitting, shapes

        outputs = [size for _, size in shapes(base, self.targets(base, config))]
        even = [size for size in divisors(outputs) if size % 2 == 0]
        return fitting("group_size", config.group_size, even, usual=64)
