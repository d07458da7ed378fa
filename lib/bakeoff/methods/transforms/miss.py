"""MiSS: one small matrix repeated over shards of the weight (Kang and Yin, 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Miss"]


class Miss(LayerMethod):
    """Trains one small matrix per target layer, shared by its shards, and the head."""

    kind = "miss"
    summary = "MiSS: a small matrix shared by shards of each weight, and a new head, are trained."
    conv1d = False
    peft_config = "MissConfig"
    peft_names: ClassVar = {"rank": "r", "dropout": "miss_dropout"}

    class Config(LayerConfig):
        """Hyperparameters of MiSS; the rank divides the inputs of all target layers."""

        rank: int | None = Field(
            None,
            ge=1,
            description="rows of the shared matrix; left out: the most up to 64 that fit the layers",
            examples=[16],
        )
        dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")

    @override
    def sizes(self, base: Base, config: Config) -> dict[str, int]:
        """Return the rank."""
        from bakeoff.models.layers import divisors, fitting, shapes

        inputs = [size for size, _ in shapes(base, self.targets(base, config))]
        return fitting("rank", config.rank, divisors(inputs), usual=64)
