"""WaveFT: a few wavelet coefficients of the weight update (Bilican et al., 2025)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import Fitted, LayerConfig, LayerMethod

__all__ = ["Waveft"]


class Waveft(LayerMethod):
    """Trains coefficients whose inverse wavelet transform is added to each target weight, and the head."""

    kind = "waveft"
    summary = "WaveFT: some wavelet coefficients of the weight updates, and a new head, are trained."
    peft_config = "WaveFTConfig"
    peft_names: ClassVar = {"frequencies": "n_frequency", "scale": "scaling"}
    peft_seed = "random_loc_seed"
    fitted = Fitted("frequencies", "weights", usual=2592)

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
