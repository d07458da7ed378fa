"""VeRA: scales of random matrices that all layers share (Kopiczko et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Vera", "VeraConfig"]


class VeraConfig(LayerConfig):
    """Hyperparameters of VeRA; the random matrices are drawn from the seed and not kept."""

    learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
    rank: int = Field(256, ge=1, description="rank of the shared random matrices")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")
    initial_scale: float = Field(0.1, description="value the scales of the inner side start from")


class Vera(LayerMethod):
    """Trains two vectors of scales beside each target layer, and the head."""

    kind: ClassVar[str] = "vera"
    summary: ClassVar[str] = "VeRA: scales of frozen random matrices shared by all layers, and a new head, are trained."
    Config: ClassVar[type[VeraConfig]] = VeraConfig

    @override
    def settings(self, base: Base, config: VeraConfig) -> Any:
        """Return peft's configuration."""
        from peft import VeraConfig as Settings

        return Settings(
            r=config.rank,
            vera_dropout=config.dropout,
            d_initial=config.initial_scale,
            projection_prng_key=base.seed,
            save_projection=False,
            target_modules=list(self.targets(base, config)),
        )
