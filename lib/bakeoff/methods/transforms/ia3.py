"""(IA)3: learnt scales of keys, values and feed-forward activations (Liu et al., 2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Ia3"]


# Keys and values, scaled where they come out, and the second feed-forward layer, scaled where it takes in.
FEEDFORWARD = ("output.dense", "ffn_output", "lin2", "mlp.Wo", "mlp.c_proj", "down_proj")
USUAL: tuple[tuple[str, ...], ...] = (
    ("key", "value", "output.dense"),
    ("key", "value", "ffn_output"),
    ("k_lin", "v_lin", "lin2"),
    ("key_proj", "value_proj", "output.dense"),
    ("k_proj", "v_proj", "down_proj"),
    ("Wqkv", "mlp.Wo"),
    ("c_attn", "mlp.c_proj"),
    ("in_proj",),
)


class Ia3(LayerMethod):
    """Trains one scale for each key, value and feed-forward activation, and the head."""

    kind = "ia3"
    summary = "(IA)3: scales of some linear layers' activations, and a new head, are trained."
    peft_config = "IA3Config"

    class Config(LayerConfig):
        """Hyperparameters of (IA)3; so few weights bear a high learning rate."""

        learning_rate: float = Field(5e-3, gt=0, description="peak learning rate of AdamW")

    @override
    def targets(self, base: Base, config: Config) -> tuple[str, ...]:
        """Return full names, since the layer after attention ends as the second feed-forward layer does."""
        from bakeoff.models.layers import chosen, ending

        names = chosen(base, config.target_modules, USUAL)
        return tuple(name for name in ending(base, names) if "attention.output." not in name or config.target_modules)

    @override
    def placed(self, base: Base, config: Config) -> dict[str, Any]:
        """Return the layers, and which of them are feed-forward."""
        names = self.targets(base, config)
        feedforward = [name for name in names if name.endswith(FEEDFORWARD)]
        return {"target_modules": list(names), "feedforward_modules": feedforward}
