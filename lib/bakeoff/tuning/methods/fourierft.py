"""FourierFT: a few Fourier coefficients of the weight update (Gao et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.tuning.methods import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.tuning.models import Base

__all__ = ["Fourierft", "FourierftConfig"]


class FourierftConfig(LayerConfig):
    """Hyperparameters of FourierFT; the places of the coefficients are drawn from the seed."""

    learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
    frequencies: int = Field(1000, ge=1, description="trained coefficients per layer, at most its weights")
    scale: float = Field(150.0, gt=0, description="factor of the updates")


class Fourierft(LayerMethod):
    """Trains coefficients whose inverse Fourier transform is added to each target weight, and the head."""

    kind: ClassVar[str] = "fourierft"
    summary: ClassVar[str] = "FourierFT: some Fourier coefficients of the weight updates, and a new head, are trained."
    Config: ClassVar[type[FourierftConfig]] = FourierftConfig

    @override
    def settings(self, base: Base, config: FourierftConfig) -> Any:
        """Return peft's configuration."""
        from peft import FourierFTConfig as Settings

        from bakeoff.tuning.spectrum import coefficients

        names = self.targets(base, config)
        return Settings(**coefficients(base, names, frequencies=config.frequencies, scale=config.scale))
