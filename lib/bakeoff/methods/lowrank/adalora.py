"""AdaLoRA: low-rank updates whose ranks follow their importance during training (Zhang et al., 2023)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.methods.hooks import Companion
    from bakeoff.models.base import Base

__all__ = ["Adalora", "AdaloraConfig"]


class AdaloraConfig(LayerConfig):
    """Hyperparameters of AdaLoRA; the budget falls by a cube law between the first and the last steps."""

    rank: int = Field(8, ge=1, description="mean rank of the updates at the end")
    initial_rank: int = Field(12, ge=1, description="rank of every update at the start")
    alpha: int = Field(32, ge=1, description="numerator of the updates' scale")
    dropout: float = Field(0.05, ge=0, lt=1, description="share of an update's inputs hidden in training")
    initial_share: float = Field(0.1, ge=0, lt=1, description="share of the steps before ranks begin to fall")
    final_share: float = Field(0.3, ge=0, lt=1, description="share of the steps after ranks have fallen")
    interval: int = Field(10, ge=1, description="optimizer steps from one fall of the ranks to the next")
    orthogonality: float = Field(
        0.1, ge=0, description="weight of the penalty on singular vectors that are not at right angles"
    )


class Adalora(LayerMethod):
    """Trains singular values and vectors beside each target layer, drops the least important, and the head."""

    kind: ClassVar[str] = "adalora"
    summary: ClassVar[str] = (
        "AdaLoRA: low-rank updates whose ranks follow their importance, and a new head, are trained."
    )
    Config: ClassVar[type[AdaloraConfig]] = AdaloraConfig

    @override
    def check(self, base: Base, config: AdaloraConfig) -> None:
        """Refuse ranks that could not fall, and shares that leave no steps for it."""
        from bakeoff.methods.lowrank.adalora_ranks import check_schedule

        super().check(base, config)
        check_schedule(config)

    @override
    def settings(self, base: Base, config: AdaloraConfig) -> Any:
        """Return peft's configuration; the number of steps is known later."""
        from peft import AdaLoraConfig as Settings

        return Settings(
            target_r=config.rank,
            init_r=config.initial_rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            deltaT=config.interval,
            orth_reg_weight=config.orthogonality,
            total_step=1,
            target_modules=list(self.targets(base, config)),
        )

    @override
    def accompany(self, model: Any, config: AdaloraConfig, *, steps: int) -> Companion:
        """Return what moves the ranks and keeps singular vectors at right angles."""
        from bakeoff.methods.lowrank.adalora_ranks import RankBudget

        return RankBudget(model, config, steps=steps)

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write all triplets, those of dropped ranks with a singular value of zero: the sums are then rounded alike."""
        model.peft_config["default"].rank_pattern = None
        super().save(model, folder)
