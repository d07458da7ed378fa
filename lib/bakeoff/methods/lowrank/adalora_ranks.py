"""What AdaLoRA does beside the fit loop: importance of the ranks, their budget, and a penalty."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from typing_extensions import override

from bakeoff.errors import BadValue
from bakeoff.methods.hooks import Companion

__all__ = ["RankBudget", "check_schedule"]


NAME = "default"
MEMORY = ("ipt", "exp_avg_ipt", "exp_avg_unc")


def check_schedule(config: Any) -> None:
    """Raise BadValue where ranks could not fall."""
    if config.initial_rank <= config.rank:
        raise BadValue(
            "initial_rank", f"{config.initial_rank} leaves nothing to drop down to rank {config.rank}", hint="raise it"
        )
    if config.initial_share + config.final_share >= 1:
        raise BadValue("final_share", "with initial_share it leaves no steps for ranks to fall", hint="lower one")


class RankBudget(Companion):
    """Lowers the ranks as in algorithm 1 of the AdaLoRA paper.

    steps: of the optimizer, in all; ranks stand still over a first and a last share of them, rounded down
    """

    def __init__(self, model: Any, config: Any, *, steps: int) -> None:
        self.model, self.weight = model, config.orthogonality
        self.settings = model.peft_config[NAME]
        self.allocator = model.base_model.rankallocator
        first, last = int(config.initial_share * steps), int(config.final_share * steps)
        self.settings.tinit, self.settings.tfinal = min(first, steps - last - 1), last
        self.settings.total_step = steps

    @override
    def penalty(self) -> Tensor | None:
        """Return the weighted mean of how far singular vectors are from right angles (equation 4)."""
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
