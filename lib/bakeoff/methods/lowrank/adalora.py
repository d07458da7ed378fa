"""AdaLoRA: low-rank updates whose ranks follow their importance during training (Zhang et al., 2023)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.errors import BadValue
from bakeoff.methods.hooks import Companion
from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from torch import Tensor

    from bakeoff.models.base import Base

__all__ = ["Adalora", "RankBudget"]


NAME = "default"
MEMORY = ("ipt", "exp_avg_ipt", "exp_avg_unc")


class Adalora(LayerMethod):
    """Trains singular values and vectors beside each target layer, drops the least important, and the head."""

    kind = "adalora"
    summary = "AdaLoRA: low-rank updates whose ranks follow their importance, and a new head, are trained."
    peft_config = "AdaLoraConfig"
    peft_names: ClassVar = {
        "rank": "target_r",
        "initial_rank": "init_r",
        "alpha": "lora_alpha",
        "dropout": "lora_dropout",
        "interval": "deltaT",
        "orthogonality": "orth_reg_weight",
    }
    peft_settings: ClassVar = {"total_step": 1}

    class Config(LayerConfig):
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

    @override
    def check(self, base: Base, config: Config) -> None:
        """Refuse ranks that could not fall, and shares that leave no steps for it."""
        super().check(base, config)
        if config.initial_rank <= config.rank:
            reason = f"{config.initial_rank} leaves nothing to drop down to rank {config.rank}"
            raise BadValue("initial_rank", reason, hint="raise it")
        if config.initial_share + config.final_share >= 1:
            raise BadValue("final_share", "with initial_share it leaves no steps for ranks to fall", hint="lower one")

    @override
    def accompany(self, model: Any, config: Config, *, steps: int) -> Companion:
        """Return what moves the ranks and keeps singular vectors at right angles."""
        return RankBudget(model, config, steps=steps)

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write all triplets, those of dropped ranks with a singular value of zero: the sums are then rounded alike."""
        model.peft_config[NAME].rank_pattern = None
        super().save(model, folder)


class RankBudget(Companion):
    """Lowers the ranks as in algorithm 1 of the AdaLoRA paper.

    steps: of the optimizer, in all; ranks stand still over a first and a last share of them, rounded down
    """

    def __init__(self, model: Any, config: Adalora.Config, *, steps: int) -> None:
        self.model, self.weight = model, config.orthogonality
        self.settings = model.peft_config[NAME]
        self.allocator = model.base_model.rankallocator
        first, last = int(config.initial_share * steps), int(config.final_share * steps)
        self.settings.tinit, self.settings.tfinal = min(first, steps - last - 1), last
        self.settings.total_step = steps

    @override
    def penalty(self) -> Tensor | None:
        """Return the weighted mean of how far singular vectors are from right angles (equation 4)."""
        import torch

        parts = []
        for name, one in self.model.named_parameters():
            if "lora_A" in name or "lora_B" in name:
                with torch.autocast(one.device.type, enabled=False):
                    square = one @ one.T if "lora_A" in name else one.T @ one
                parts.append(torch.linalg.matrix_norm(square - torch.eye(len(square), device=square.device)))
        total: Tensor = self.weight * torch.stack(parts).mean()
        return total

    @override
    def after_step(self, step: int) -> None:
        """Take the importance of every rank from its gradients and drop what the budget leaves no room for."""
        self.model.base_model.update_and_allocate(step)

    @override
    def state(self) -> dict[str, Any]:
        """Return the running importances and the ranks that are kept."""
        memory = {key: dict(getattr(self.allocator, key)) for key in MEMORY}
        return {**memory, "rank_pattern": self.settings.rank_pattern}

    @override
    def restore(self, state: dict[str, Any]) -> None:
        """Take up a state; importances go to where the weights are."""
        where = next(self.model.parameters()).device
        for key in MEMORY:
            setattr(self.allocator, key, {name: value.to(where) for name, value in state[key].items()})
        self.settings.rank_pattern = state["rank_pattern"]
