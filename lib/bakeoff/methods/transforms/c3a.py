"""C3A: updates made of circular convolutions (Chen et al., 2025)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import Fitted, LayerConfig, LayerMethod

__all__ = ["C3a"]


class C3a(LayerMethod):
    """Trains kernels of block-circular updates of each target layer, and the head."""

    kind = "c3a"
    summary = "C3A: block-circular updates of the weights, and a new head, are trained."
    conv1d = False
    peft_config = "C3AConfig"
    peft_names: ClassVar = {"block_size": "block_size"}
    fitted = Fitted("block_size", "sides", usual=256)

    class Config(LayerConfig):
        """Hyperparameters of C3A; the block size divides the sides of all target layers."""

        block_size: int | None = Field(
            None,
            ge=1,
            description="numbers per circular kernel; left out: the most up to 256 that fit the layers",
            examples=[64],
        )
