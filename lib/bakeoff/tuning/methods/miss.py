"""MiSS: one small matrix repeated over shards of the weight (Kang and Yin, 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.tuning.methods import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.tuning.models import Base

__all__ = ["Miss", "MissConfig"]


class MissConfig(LayerConfig):
    """Hyperparameters of MiSS; the rank is lowered until it divides the inputs of all target layers."""

    rank: int = Field(64, ge=1, description="rows of the shared matrix")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")


class Miss(LayerMethod):
    """Trains one small matrix per target layer, shared by its shards, and the head."""

    kind: ClassVar[str] = "miss"
    summary: ClassVar[str] = "MiSS: a small matrix shared by shards of each weight, and a new head, are trained."
    conv1d: ClassVar[bool] = False
    Config: ClassVar[type[MissConfig]] = MissConfig

    @override
    def settings(self, base: Base, config: MissConfig) -> Any:
        """Return peft's configuration."""
        from peft import MissConfig as Settings

        from bakeoff.tuning.targets import fitting, shapes

        sizes = [size for size, _ in shapes(base, self.targets(base, config))]
        return Settings(
            r=fitting(config.rank, sizes),
            miss_dropout=config.dropout,
            target_modules=list(self.targets(base, config)),
        )
