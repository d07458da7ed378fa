"""FourierFT: a few Fourier coefficients of the weight update (Gao et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Fourierft"]


class Fourierft(LayerMethod):
    """Trains coefficients whose inverse Fourier transform is added to each target weight, and the head."""

    kind = "fourierft"
    summary = "FourierFT: some Fourier coefficients of the weight updates, and a new head, are trained."
    peft_config = "FourierFTConfig"
    peft_names: ClassVar = {"frequencies": "n_frequency", "scale": "scaling"}
    peft_seed = "random_loc_seed"

    class Config(LayerConfig):
        """Hyperparameters of FourierFT; the places of the coefficients are drawn from the seed."""

        learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
        frequencies: int | None = Field(
            None,
            ge=1,
            description="trained coefficients per layer; left out: 1000, or all weights of a smaller layer",
            examples=[1000],
        )
        scale: float = Field(150.0, gt=0, description="factor of the updates")

    @override
    def sizes(self, base: Base, config: Config) -> dict[str, int]:
        """Return the number of coefficients; the smallest layer has to have as many weights."""
        from bakeoff.models.layers import fitting, shapes

        room = min(inputs * outputs for inputs, outputs in shapes(base, self.targets(base, config)))
        return fitting("frequencies", config.frequencies, range(1, room + 1), usual=1000)
