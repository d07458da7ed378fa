"""LN tuning: only the normalisation layers are trained (Zhao et al., 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field
from typing_extensions import override

from bakeoff.errors import BadValue
from bakeoff.methods.base import SubsetMethod
from bakeoff.methods.config import TrainingConfig

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["LnTuning"]


class LnTuning(SubsetMethod):
    """Trains scales and shifts of every layer norm or root-mean-square norm, and the head."""

    kind = "ln_tuning"
    summary = "LN tuning: the normalisation layers of the base model and a new head are trained."

    class Config(TrainingConfig):
        """Hyperparameters of LN tuning; so few weights bear a high learning rate."""

        learning_rate: float = Field(1e-3, gt=0, description="peak learning rate of AdamW")

    @override
    def names(self, base: Base, config: Config) -> list[str]:
        """Return the weights of the encoder's normalisation layers, known by the names of their classes."""
        from bakeoff.models.weights import used

        norms = {
            name
            for name, module in base.encoder.named_modules()
            if type(module).__name__.endswith(("Norm", "NormGated"))
        }
        found = [name for name in used(base) if name.rpartition(".")[0] in norms]
        if not found:
            raise BadValue(
                "method", f"{base.architecture} has no normalisation layers known to bakeoff", alternatives=("lora",)
            )
        return found
