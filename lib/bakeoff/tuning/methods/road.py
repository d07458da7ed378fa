"""RoAd: rotations and scales of pairs of outputs (Liao et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.tuning.methods import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.tuning.models import Base

__all__ = ["Road", "RoadConfig"]


class RoadConfig(LayerConfig):
    """Hyperparameters of RoAd; the group size is lowered until it is even and divides all outputs."""

    group_size: int = Field(64, ge=2, description="outputs grouped into pairs together")


class Road(LayerMethod):
    """Trains an angle and a scale for pairs of outputs of each target layer, and the head."""

    kind: ClassVar[str] = "road"
    summary: ClassVar[str] = "RoAd: rotations and scales of pairs of outputs, and a new head, are trained."
    conv1d: ClassVar[bool] = False
    Config: ClassVar[type[RoadConfig]] = RoadConfig

    @override
    def settings(self, base: Base, config: RoadConfig) -> Any:
        """Return peft's configuration."""
        from peft import RoadConfig as Settings

        from bakeoff.tuning.targets import fitting, shapes

        pairs = [size // 2 for _, size in shapes(base, self.targets(base, config))]
        return Settings(
            variant="road_1",
            group_size=2 * fitting(config.group_size // 2, pairs),
            target_modules=list(self.targets(base, config)),
        )
