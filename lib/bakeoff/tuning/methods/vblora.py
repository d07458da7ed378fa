"""VB-LoRA: low-rank updates composed from one bank of vectors (Li et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.tuning.methods import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.tuning.models import Base

__all__ = ["Vblora", "VbloraConfig"]


class VbloraConfig(LayerConfig):
    """Hyperparameters of VB-LoRA; the length of a vector is lowered until it divides the sides of all target layers."""

    rank: int = Field(4, ge=1, description="rank of the updates")
    vectors: int = Field(256, ge=2, description="vectors in the bank")
    vector_length: int = Field(256, ge=1, description="numbers per vector")
    chosen_vectors: int = Field(2, ge=1, description="vectors mixed for each piece of an update")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")


class Vblora(LayerMethod):
    """Trains a bank of vectors, what each layer mixes of it, and the head."""

    kind: ClassVar[str] = "vblora"
    summary: ClassVar[str] = "VB-LoRA: low-rank updates mixed from one bank of vectors, and a new head, are trained."
    Config: ClassVar[type[VbloraConfig]] = VbloraConfig

    @override
    def settings(self, base: Base, config: VbloraConfig) -> Any:
        """Return peft's configuration."""
        from peft import VBLoRAConfig as Settings

        from bakeoff.tuning.targets import fitting, shapes

        sizes = [size for shape in shapes(base, self.targets(base, config)) for size in shape]
        return Settings(
            r=config.rank,
            num_vectors=config.vectors,
            vector_length=fitting(config.vector_length, sizes),
            topk=config.chosen_vectors,
            vblora_dropout=config.dropout,
            target_modules=list(self.targets(base, config)),
        )
