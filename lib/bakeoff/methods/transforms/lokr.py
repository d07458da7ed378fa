"""LoKr: updates that are Kronecker products (Edalati et al., 2022; Yeh et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Lokr", "LokrConfig"]


class LokrConfig(LayerConfig):
    """Hyperparameters of LoKr; updates are scaled by alpha / rank."""

    rank: int = Field(8, ge=1, description="rank of the larger factor")
    alpha: int = Field(8, ge=1, description="numerator of the updates' scale")


class Lokr(LayerMethod):
    """Trains the factors of a Kronecker product beside each target layer, and the head."""

    kind: ClassVar[str] = "lokr"
    summary: ClassVar[str] = "LoKr: updates that are Kronecker products of small matrices, and a new head, are trained."
    conv1d: ClassVar[bool] = False
    Config: ClassVar[type[LokrConfig]] = LokrConfig

    @override
    def settings(self, base: Base, config: LokrConfig) -> Any:
        """Return peft's configuration."""
        from peft import LoKrConfig as Settings

        return Settings(r=config.rank, alpha=config.alpha, target_modules=list(self.targets(base, config)))
