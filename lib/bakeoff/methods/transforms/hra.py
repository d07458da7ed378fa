"""HRA: a chain of Householder reflections before each weight (Yuan et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Hra", "HraConfig"]


class HraConfig(LayerConfig):
    """Hyperparameters of HRA."""

    rank: int = Field(8, ge=1, description="reflections per layer")


class Hra(LayerMethod):
    """Trains the vectors of the reflections, and the head."""

    kind: ClassVar[str] = "hra"
    summary: ClassVar[str] = "HRA: Householder reflections before the weights, and a new head, are trained."
    conv1d: ClassVar[bool] = False
    Config: ClassVar[type[HraConfig]] = HraConfig

    @override
    def settings(self, base: Base, config: HraConfig) -> Any:
        """Return peft's configuration."""
        from peft import HRAConfig as Settings

        return Settings(r=config.rank, target_modules=list(self.targets(base, config)))
