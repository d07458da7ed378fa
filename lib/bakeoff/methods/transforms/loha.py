"""LoHa: updates that are the elementwise product of two low-rank matrices (Hyeon-Woo et al., 2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Loha", "LohaConfig"]


class LohaConfig(LayerConfig):
    """Hyperparameters of LoHa; updates are scaled by alpha / rank and reach the square of the rank."""

    rank: int = Field(8, ge=1, description="rank of each factor")
    alpha: int = Field(8, ge=1, description="numerator of the updates' scale")


class Loha(LayerMethod):
    """Trains two pairs of thin matrices beside each target layer, and the head."""

    kind: ClassVar[str] = "loha"
    summary: ClassVar[str] = "LoHa: updates that are products of two low-rank matrices, and a new head, are trained."
    conv1d: ClassVar[bool] = False
    Config: ClassVar[type[LohaConfig]] = LohaConfig

    @override
    def settings(self, base: Base, config: LohaConfig) -> Any:
        """Return peft's configuration."""
        from peft import LoHaConfig as Settings

        return Settings(r=config.rank, alpha=config.alpha, target_modules=list(self.targets(base, config)))
