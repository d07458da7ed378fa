"""C3A: updates made of circular convolutions (Chen et al., 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["C3a"]


class C3a(LayerMethod):
    """Trains kernels of block-circular updates of each target layer, and the head."""

    kind = "c3a"
    summary = "C3A: block-circular updates of the weights, and a new head, are trained."
    conv1d = False
    peft_config = "C3AConfig"
    peft_names: ClassVar = {"block_size": "block_size"}

    class Config(LayerConfig):
        """Hyperparameters of C3A; the block size divides the sides of all target layers."""

        block_size: int | None = Field(
            None,
            ge=1,
            description="numbers per circular kernel; left out: the most up to 256 that fit the layers",
            examples=[64],
        )

    @override
    def sizes(self, base: Base, config: Config) -> dict[str, int]:
        """Return the block size."""
        from bakeoff.models.layers import divisors, fitting, shapes

        sides = [side for shape in shapes(base, self.targets(base, config)) for side in shape]
        return fitting("block_size", config.block_size, divisors(sides), usual=256)
