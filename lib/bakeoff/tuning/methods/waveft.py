"""WaveFT: a few wavelet coefficients of the weight update (Bilican et al., 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.tuning.methods import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.tuning.models import Base

__all__ = ["Waveft", "WaveftConfig"]


class WaveftConfig(LayerConfig):
    """Hyperparameters of WaveFT; the places of the coefficients are drawn from the seed."""

    learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
    frequencies: int = Field(2592, ge=1, description="trained coefficients per layer, at most its weights")
    scale: float = Field(25.0, gt=0, description="factor of the updates")


class Waveft(LayerMethod):
    """Trains coefficients whose inverse wavelet transform is added to each target weight, and the head."""

    kind: ClassVar[str] = "waveft"
    summary: ClassVar[str] = "WaveFT: some wavelet coefficients of the weight updates, and a new head, are trained."
    Config: ClassVar[type[WaveftConfig]] = WaveftConfig

    @override
    def settings(self, base: Base, config: WaveftConfig) -> Any:
        """Return peft's configuration."""
        from peft import WaveFTConfig as Settings

        from bakeoff.tuning.spectrum import coefficients

        names = self.targets(base, config)
        return Settings(**coefficients(base, names, frequencies=config.frequencies, scale=config.scale))
