"""PiSSA: LoRA that starts from the principal part of each weight (Meng et al., 2024)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.models.base import Base

__all__ = ["Pissa", "PissaConfig"]


class PissaConfig(LayerConfig):
    """Hyperparameters of PiSSA; updates are scaled by alpha / rank, 1 in the paper. There is no dropout."""

    learning_rate: float = Field(5e-4, gt=0, description="peak learning rate of AdamW")
    rank: int = Field(8, ge=1, description="rank of the updates")
    alpha: int = Field(8, ge=1, description="numerator of the updates' scale")


class Pissa(LayerMethod):
    """Trains the largest singular directions of each target weight, taken out of it, and the head."""

    kind: ClassVar[str] = "pissa"
    summary: ClassVar[str] = "PiSSA: the principal low-rank part of some linear layers, and a new head, are trained."
    Config: ClassVar[type[PissaConfig]] = PissaConfig

    @override
    def check(self, base: Base, config: PissaConfig) -> None:
        """Refuse a rank that a target weight does not have."""
        from bakeoff.models.layers import check_rank

        super().check(base, config)
        check_rank(base, self.targets(base, config), config.rank)

    @override
    def settings(self, base: Base, config: PissaConfig) -> Any:
        """Return peft's configuration of a plain LoRA."""
        from peft import LoraConfig as Settings

        return Settings(r=config.rank, lora_alpha=config.alpha, target_modules=list(self.targets(base, config)))

    @override
    def build(self, base: Base, config: PissaConfig) -> nn.Module:
        """Return a LoRA model whose target weights have given their principal part to the adapter."""
        from bakeoff.methods.lowrank.pissa_weights import take_out

        model = super().build(base, config)
        take_out(model)
        return model

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write a LoRA of twice the rank for the untouched base: what was trained, less what it started from."""
        from bakeoff.methods.lowrank.pissa_weights import save_difference

        save_difference(model, folder)

    @override
    def load(self, folder: Path, base: Base, config: PissaConfig) -> nn.Module:
        """Take the same start out of the base again, so that the sums are rounded as they were in training."""
        from bakeoff.methods.lowrank.pissa_weights import load_difference

        return load_difference(super().build(base, config), folder)
