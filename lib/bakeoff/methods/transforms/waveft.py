"""WaveFT: a few wavelet coefficients of the weight update (Bilican et al., 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.peft import LayerConfig, LayerMethod

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Waveft"]


class Waveft(LayerMethod):
    """Trains coefficients whose inverse wavelet transform is added to each target weight, and the head."""

    kind = "waveft"
    summary = "WaveFT: some wavelet coefficients of the weight updates, and a new head, are trained."
    peft_config = "WaveFTConfig"
    peft_names: ClassVar = {"frequencies": "n_frequency", "scale": "scaling"}
    peft_seed = "random_loc_seed"

    class Config(LayerConfig):
        """Hyperparameters of WaveFT; the places of the coefficients are drawn from the seed."""

        learning_rate: float = Field(1e-2, gt=0, description="peak learning rate of AdamW")
        frequencies: int | None = Field(
            None,
            ge=1,
            description="trained coefficients per layer; left out: 2592, or all weights of a smaller layer",
            examples=[1000],
        )
        scale: float = Field(25.0, gt=0, description="factor of the updates")

    @override
    def sizes(self, base: Base, config: Config) -> dict[str, int]:
        """Return the number of coefficients; the smallest layer has to have as many weights."""
        from bakeoff.models.layers import fitting, shapes

        room = min(inputs * outputs for inputs, outputs in shapes(base, self.targets(base, config)))
        return fitting("frequencies", config.frequencies, range(1, room + 1), usual=2592)
