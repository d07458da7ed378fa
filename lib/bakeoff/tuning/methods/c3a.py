"""C3A: updates made of circular convolutions (Chen et al., 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.tuning.methods import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.tuning.models import Base

__all__ = ["C3a", "C3aConfig"]


class C3aConfig(LayerConfig):
    """Hyperparameters of C3A; the block size is lowered until it divides the sides of all target layers."""

    block_size: int = Field(256, ge=1, description="numbers per circular kernel")


class C3a(LayerMethod):
    """Trains kernels of block-circular updates of each target layer, and the head."""

    kind: ClassVar[str] = "c3a"
    summary: ClassVar[str] = "C3A: block-circular updates of the weights, and a new head, are trained."
    conv1d: ClassVar[bool] = False
    Config: ClassVar[type[C3aConfig]] = C3aConfig

    @override
    def settings(self, base: Base, config: C3aConfig) -> Any:
        """Return peft's configuration."""
        from peft import C3AConfig as Settings

        from bakeoff.tuning.targets import fitting, shapes

        sizes = [size for shape in shapes(base, self.targets(base, config)) for size in shape]
        return Settings(
            block_size=fitting(config.block_size, sizes),
            target_modules=list(self.targets(base, config)),
        )
