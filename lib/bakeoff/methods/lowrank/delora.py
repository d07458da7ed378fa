"""DeLoRA: low-rank updates of normalised directions and a learnt strength (Bini et al., 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Delora", "DeloraConfig"]


class DeloraConfig(LayerConfig):
    """Hyperparameters of DeLoRA."""

    rank: int = Field(8, ge=1, description="rank of the updates")
    strength: int = Field(15, gt=0, description="bound of the updates that training starts from")


class Delora(LayerMethod):
    """Trains two thin matrices and a strength beside each target layer, and the head."""

    kind: ClassVar[str] = "delora"
    summary: ClassVar[str] = "DeLoRA: low-rank updates with directions and strength apart, and a new head, are trained."
    conv1d: ClassVar[bool] = False
    Config: ClassVar[type[DeloraConfig]] = DeloraConfig

    @override
    def settings(self, base: Base, config: DeloraConfig) -> Any:
        """Return peft's configuration."""
        from peft import DeloraConfig as Settings

        return Settings(
            r=config.rank,
            delora_lambda=config.strength,
            target_modules=list(self.targets(base, config)),
        )
