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

__all__ = ["Prefix", "PrefixConfig"]


class PrefixConfig(TrainingConfig):
    """Hyperparameters of prefix tuning without a projection."""

    learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
    virtual_tokens: int = Field(10, ge=1, description="learnt keys and values per attention layer")


class Prefix(VirtualTokensMethod):
    """Trains virtual tokens' keys and values in every layer, and the head."""

    kind: ClassVar[str] = "prefix"
    summary: ClassVar[str] = "Prefix tuning: learnt keys and values in front of every attention layer, and a new head."
    Config: ClassVar[type[PrefixConfig]] = PrefixConfig

    @override
    def check(self, base: Base, config: PrefixConfig) -> None:
        """Refuse architectures without attention, or whose attention takes no keys from outside."""
        from bakeoff.methods.compatibility import instead

        if "past_key_values" not in base.inputs or not hasattr(base.encoder.config, "num_attention_heads"):
            raise BadValue(
                "method",
                f"it wants attention layers that take keys from outside, and {base.architecture} has none",
                hint=instead(base),
            )

    @override
    def settings(self, base: Base, config: PrefixConfig) -> Any:
        """Return peft's configuration."""
        from peft import PrefixTuningConfig as Settings

        return Settings(num_virtual_tokens=config.virtual_tokens, prefix_projection=False)
