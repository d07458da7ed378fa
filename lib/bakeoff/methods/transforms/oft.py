"""OFT: rotations of the weights, block by block (Qiu et al., 2023)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Oft", "OftConfig"]


class OftConfig(LayerConfig):
    """Hyperparameters of OFT; the block size divides the inputs of all target layers."""

    block_size: int | None = Field(
        None,
        ge=2,
        description="inputs that are rotated together; left out: the most up to 32 that fit the layers",
        examples=[64],
    )


class Oft(LayerMethod):
    """Trains an orthogonal block-diagonal matrix before each target layer, and the head."""

    kind: ClassVar[str] = "oft"
    summary: ClassVar[str] = "OFT: block-wise rotations of the weights, and a new head, are trained."
    conv1d: ClassVar[bool] = False
    Config: ClassVar[type[OftConfig]] = OftConfig

    @override
    def sizes(self, base: Base, config: OftConfig) -> dict[str, int]:
        """Return the block size; a block of one input has nothing to rotate."""
        from bakeoff.models.layers import divisors, fitting, shapes

        inputs = [size for size, _ in shapes(base, self.targets(base, config))]
        return fitting("block_size", config.block_size, divisors(inputs)[1:], usual=32)

    @override
    def settings(self, base: Base, config: OftConfig) -> Any:
        """Return peft's configuration."""
        from peft import OFTConfig as Settings

        return Settings(
            r=0,
            oft_block_size=self.sizes(base, config)["block_size"],
            target_modules=list(self.targets(base, config)),
        )
