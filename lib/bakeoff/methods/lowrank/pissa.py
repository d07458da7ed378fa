"""PiSSA: LoRA that starts from the principal part of each weight (Meng et al., 2024).

With W the weight of the untouched base, s the scale and A, B the adapter, the model computes with W - s B0 A0 + s B A.
What is kept is the LoRA of rank 2r whose matrices are [A; A0] and [B, -B0]: peft puts it on the untouched base, and the
two halves tell us the start again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from torch import Tensor, nn

    from bakeoff.models.base import Base

__all__ = ["Pissa"]


NAME = "default"
WEIGHTS = "adapter_model.safetensors"


class Pissa(LayerMethod):
    """Trains the largest singular directions of each target weight, taken out of it, and the head."""

    kind = "pissa"
    summary = "PiSSA: the principal low-rank part of some linear layers, and a new head, are trained."
    peft_config = "LoraConfig"
    peft_names: ClassVar = {"rank": "r", "alpha": "lora_alpha"}

    class Config(LayerConfig):
        """Hyperparameters of PiSSA; updates are scaled by alpha / rank, 1 in the paper. There is no dropout."""

        also_searched: ClassVar = {"rank": (2.0, 32.0)}

        learning_rate: float = Field(5e-4, gt=0, description="peak learning rate of AdamW")
        rank: int = Field(8, ge=1, description="rank of the updates")
        alpha: int = Field(8, ge=1, description="numerator of the updates' scale")

    @override
    def check(self, base: Base, config: Config) -> None:
        """Refuse a rank that a target weight does not have."""
        from bakeoff.models.layers import check_rank

        super().check(base, config)
        check_rank(base, self.targets(base, config), config.rank)

    @override
    def build(self, base: Base, config: Config) -> nn.Module:
        """Give each adapter the largest singular directions of its weight, as in section 3 of the paper."""
        import torch

        model = super().build(base, config)
        for layer in _layers(model):
            weight = _oriented(layer)
            rank, scale = layer.r[NAME], layer.scaling[NAME]
            left, values, right = torch.linalg.svd(weight, full_matrices=False)
            root = (values[:rank] / scale).sqrt()
            _start(layer, (root[:, None] * right[:rank]).contiguous(), (left[:, :rank] * root).contiguous())
        return model

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write a LoRA of twice the rank for the untouched base: what was trained, less what it started from."""
        import torch
        from torch import nn

        layers = list(_layers(model))
        kept = [(layer.lora_A[NAME].weight, layer.lora_B[NAME].weight) for layer in layers]
        settings = model.peft_config[NAME]
        rank, alpha = settings.r, settings.lora_alpha
        try:
            settings.r, settings.lora_alpha = 2 * rank, 2 * alpha
            for layer, (a, b) in zip(layers, kept, strict=True):
                first_a, first_b = (one.to(a.device) for one in layer.taken_out)
                layer.lora_A[NAME].weight = nn.Parameter(torch.cat([a.detach(), first_a]))
                layer.lora_B[NAME].weight = nn.Parameter(torch.cat([b.detach(), -first_b], dim=1))
            super().save(model, folder)
        finally:
            settings.r, settings.lora_alpha = rank, alpha
            for layer, (a, b) in zip(layers, kept, strict=True):
                layer.lora_A[NAME].weight, layer.lora_B[NAME].weight = a, b

    @override
    def load(self, folder: Path, base: Base, config: Config) -> nn.Module:
        """Take the same start out of the base again, so that the sums are rounded as they were in training."""
        from peft import set_peft_model_state_dict
        from safetensors.torch import load_file

        model: Any = super().build(base, config)
        saved = load_file(folder / WEIGHTS)
        for name, layer in model.named_modules():
            if hasattr(layer, "lora_A"):
                rank, key_a, key_b = layer.r[NAME], f"{name}.lora_A.weight", f"{name}.lora_B.weight"
                (a, first_a), (b, first_b) = saved[key_a].split(rank), saved[key_b].split(rank, dim=1)
                _start(layer, first_a.contiguous(), -first_b.contiguous())
                saved[key_a], saved[key_b] = a.contiguous(), b.contiguous()
        set_peft_model_state_dict(model, saved)
        whole: nn.Module = model.eval()
        return whole


def _layers(model: Any) -> Iterator[Any]:
    return (module for module in model.modules() if hasattr(module, "lora_A"))


def _oriented(layer: Any) -> Tensor:
    """Return a view of a layer's weight, outputs by inputs."""
    weight: Tensor = layer.get_base_layer().weight.detach()
    return weight.T if layer.fan_in_fan_out else weight


def _start(layer: Any, a: Tensor, b: Tensor) -> None:
    """Take scale x b a out of the weight and let the adapter start from it; a: (r, inputs), b: (outputs, r)."""
    import torch

    layer.taken_out = (a.clone(), b.clone())
    with torch.no_grad():
        _oriented(layer).sub_(layer.scaling[NAME] * (b @ a))
        layer.lora_A[NAME].weight.copy_(a)
        layer.lora_B[NAME].weight.copy_(b)
