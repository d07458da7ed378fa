"""Prefix tuning: learnt keys and values in front of every attention layer's (Li and Liang, 2021; Liu et al., 2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.errors import BadValue
from bakeoff.methods.config import TrainingConfig
from bakeoff.methods.peft import VirtualTokensMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Prefix"]


class Prefix(VirtualTokensMethod):
    """Trains virtual tokens' keys and values in every layer, and the head."""

    kind = "prefix"
    summary = "Prefix tuning: learnt keys and values in front of every attention layer, and a new head."
    peft_config = "PrefixTuningConfig"
    peft_names: ClassVar = {"virtual_tokens": "num_virtual_tokens"}
    peft_settings: ClassVar = {"prefix_projection": False}

    class Config(TrainingConfig):
        """Hyperparameters of prefix tuning without a projection."""

        also_searched: ClassVar = {"virtual_tokens": (2.0, 32.0)}

        learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
        virtual_tokens: int = Field(10, ge=1, le=10_000, description="learnt keys and values per attention layer")

    @override
    def check(self, base: Base, config: Config) -> None:
        """Refuse architectures without attention, or whose attention takes no keys from outside."""
        if "past_key_values" not in base.inputs or not hasattr(base.encoder.config, "num_attention_heads"):
            raise BadValue(
                "method",
                f"it wants attention layers that take keys from outside, and {base.architecture} has none",
                alternatives=("lora",),
            )

    @override
    def placed(self, base: Base, config: Config) -> dict[str, Any]:
        """Return nothing: peft reads layers and heads off the base."""
        return {}
