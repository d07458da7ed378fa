"""OFT: rotations of the weights, block by block (Qiu et al., 2023)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import Fitted, LayerConfig, LayerMethod

__all__ = ["Oft"]


class Oft(LayerMethod):
    """Trains an orthogonal block-diagonal matrix before each target layer, and the head."""

    kind = "oft"
    summary = "OFT: block-wise rotations of the weights, and a new head, are trained."
    conv1d = False
    peft_config = "OFTConfig"
    peft_names: ClassVar = {"block_size": "oft_block_size"}
    peft_settings: ClassVar = {"r": 0}
    fitted = Fitted("block_size", "inputs", usual=32, least=2)

    class Config(LayerConfig):
        """Hyperparameters of OFT; the block size divides the inputs of all target layers."""

        block_size: int | None = Field(
            None,
            ge=2,
            description="inputs that are rotated together; left out: the most up to 32 that fit the layers",
            examples=[64],
        )
