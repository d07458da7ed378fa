"""FourierFT: a few Fourier coefficients of the weight update (Gao et al., 2024)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bakeoff.methods.peft import Fitted, LayerConfig, LayerMethod

__all__ = ["Fourierft"]


class Fourierft(LayerMethod):
    """Trains coefficients whose inverse Fourier transform is added to each target weight, and the head."""

    kind = "fourierft"
    summary = "FourierFT: some Fourier coefficients of the weight updates, and a new head, are trained."
    peft_config = "FourierFTConfig"
    peft_names: ClassVar = {"frequencies": "n_frequency", "scale": "scaling"}
    peft_seed = "random_loc_seed"
    fitted = Fitted("frequencies", "weights", usual=1000)

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
