"""RandLoRA: full-rank updates summed from scaled random low-rank matrices (Albert et al., 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Randlora", "RandloraConfig"]


class RandloraConfig(LayerConfig):
    """Hyperparameters of RandLoRA; the random matrices are drawn from the seed and not kept."""

    rank: int = Field(32, ge=1, description="rank of each random matrix; lower means more of them")
    alpha: int = Field(640, ge=1, description="numerator of the updates' scale")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")


class Randlora(LayerMethod):
    """Trains scales of frozen random matrices beside each target layer, and the head."""

    kind: ClassVar[str] = "randlora"
    summary: ClassVar[str] = "RandLoRA: scales of frozen random low-rank matrices, and a new head, are trained."
    Config: ClassVar[type[RandloraConfig]] = RandloraConfig

    @override
    def settings(self, base: Base, config: RandloraConfig) -> Any:
        """Return peft's configuration."""
        from peft import RandLoraConfig as Settings

        return Settings(
            r=config.rank,
            randlora_alpha=config.alpha,
            randlora_dropout=config.dropout,
            projection_prng_key=base.seed,
            save_projection=False,
            target_modules=list(self.targets(base, config)),
        )
