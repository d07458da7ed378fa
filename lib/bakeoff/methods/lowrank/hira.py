"""HiRA: a low-rank matrix multiplied with the weight element by element (Huang et al., 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Hira", "HiraConfig"]


class HiraConfig(LayerConfig):
    """Hyperparameters of HiRA."""

    rank: int = Field(32, ge=1, description="rank of the updates")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of an update's inputs hidden in training")


class Hira(LayerMethod):
    """Trains two thin matrices whose product scales each target weight, and the head."""

    kind: ClassVar[str] = "hira"
    summary: ClassVar[str] = (
        "HiRA: low-rank matrices multiplied elementwise with the weights, and a new head, are trained."
    )
    Config: ClassVar[type[HiraConfig]] = HiraConfig

    @override
    def settings(self, base: Base, config: HiraConfig) -> Any:
        """Return peft's configuration."""
        from peft import HiraConfig as Settings

        return Settings(
            r=config.rank,
            hira_dropout=config.dropout,
            target_modules=list(self.targets(base, config)),
        )
