"""MiSS: one small matrix repeated over shards of the weight (Kang and Yin, 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Miss", "MissConfig"]


class MissConfig(LayerConfig):
    """Hyperparameters of MiSS; the rank divides the inputs of all target layers."""

    rank: int | None = Field(
        None,
        ge=1,
        description="rows of the shared matrix; left out: the most up to 64 that fit the layers",
        examples=[16],
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")


class Miss(LayerMethod):
    """Trains one small matrix per target layer, shared by its shards, and the head."""

    kind: ClassVar[str] = "miss"
    summary: ClassVar[str] = "MiSS: a small matrix shared by shards of each weight, and a new head, are trained."
    conv1d: ClassVar[bool] = False
    Config: ClassVar[type[MissConfig]] = MissConfig

    @override
    def sizes(self, base: Base, config: MissConfig) -> dict[str, int]:
        """Return the rank."""
        from bakeoff.models.layers import divisors, fitting, shapes

        inputs = [size for size, _ in shapes(base, self.targets(base, config))]
        return fitting("rank", config.rank, divisors(inputs), usual=64)

    @override
    def settings(self, base: Base, config: MissConfig) -> Any:
        """Return peft's configuration."""
        from peft import MissConfig as Settings

        return Settings(
            r=self.sizes(base, config)["rank"],
            miss_dropout=config.dropout,
            target_modules=list(self.targets(base, config)),
        )
