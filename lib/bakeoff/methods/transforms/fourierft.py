"""FourierFT: a few Fourier coefficients of the weight update (Gao et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Fourierft", "FourierftConfig"]


class FourierftConfig(LayerConfig):
    """Hyperparameters of FourierFT; the places of the coefficients are drawn from the seed."""

    learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
    frequencies: int | None = Field(
        None,
        ge=1,
        description="trained coefficients per layer; left out: 1000, or all weights of a smaller layer",
        examples=[1000],
    )
    scale: float = Field(150.0, gt=0, description="factor of the updates")


class Fourierft(LayerMethod):
    """Trains coefficients whose inverse Fourier transform is added to each target weight, and the head."""

    kind: ClassVar[str] = "fourierft"
    summary: ClassVar[str] = "FourierFT: some Fourier coefficients of the weight updates, and a new head, are trained."
    Config: ClassVar[type[FourierftConfig]] = FourierftConfig

    @override
    def sizes(self, base: Base, config: FourierftConfig) -> dict[str, int]:
        """Return the number of coefficients; the smallest layer has to have as many weights."""
        from bakeoff.models.layers import fitting, shapes

        room = min(inputs * outputs for inputs, outputs in shapes(base, self.targets(base, config)))
        return fitting("frequencies", config.frequencies, range(1, room + 1), usual=1000)

    @override
    def settings(self, base: Base, config: FourierftConfig) -> Any:
        """Return peft's configuration."""
        from peft import FourierFTConfig as Settings

        return Settings(
            n_frequency=self.sizes(base, config)["frequencies"],
            scaling=config.scale,
            random_loc_seed=base.seed,
            target_modules=list(self.targets(base, config)),
        )
