"""VB-LoRA: low-rank updates composed from one bank of vectors (Li et al., 2024)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import Fitted, LayerConfig, LayerMethod

__all__ = ["Vblora"]


class Vblora(LayerMethod):
    """Trains a bank of vectors, what each layer mixes of it, and the head."""

    kind = "vblora"
    summary = "VB-LoRA: low-rank updates mixed from one bank of vectors, and a new head, are trained."
    peft_config = "VBLoRAConfig"
    peft_names: ClassVar = {
        "rank": "r",
        "vectors": "num_vectors",
        "vector_length": "vector_length",
        "chosen_vectors": "topk",
        "dropout": "vblora_dropout",
    }
    fitted = Fitted("vector_length", "sides", usual=256)

    class Config(LayerConfig):
        """Hyperparameters of VB-LoRA; the length of a vector divides the sides of all target layers."""

        rank: int = Field(4, ge=1, description="rank of the updates")
        vectors: int = Field(256, ge=2, description="vectors in the bank")
        vector_length: int | None = Field(
            None,
            ge=1,
            description="numbers per vector; left out: the most up to 256 that fit the layers",
            examples=[128],
        )
        chosen_vectors: int = Field(2, ge=1, description="vectors mixed for each piece of an update")
        dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")
