"""RoAd: rotations and scales of pairs of outputs (Liao et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Road", "RoadConfig"]


class RoadConfig(LayerConfig):
    """Hyperparameters of RoAd; the group size is even and divides the outputs of all target layers."""

    group_size: int | None = Field(
        None,
        ge=2,
        description="outputs grouped into pairs together; left out: the most up to 64 that fit the layers",
        examples=[32],
    )


class Road(LayerMethod):
    """Trains an angle and a scale for pairs of outputs of each target layer, and the head."""

    kind: ClassVar[str] = "road"
    summary: ClassVar[str] = "RoAd: rotations and scales of pairs of outputs, and a new head, are trained."
    conv1d: ClassVar[bool] = False
    Config: ClassVar[type[RoadConfig]] = RoadConfig

    @override
    def sizes(self, base: Base, config: RoadConfig) -> dict[str, int]:
        """Return the group size."""
        from bakeoff.models.layers import divisors, fitting, shapes

        outputs = [size for _, size in shapes(base, self.targets(base, config))]
        even = [size for size in divisors(outputs) if size % 2 == 0]
        return fitting("group_size", config.group_size, even, usual=64)

    @override
    def settings(self, base: Base, config: RoadConfig) -> Any:
        """Return peft's configuration."""
        from peft import RoadConfig as Settings

        return Settings(
            variant="road_1",
            group_size=self.sizes(base, config)["group_size"],
            target_modules=list(self.targets(base, config)),
        )
