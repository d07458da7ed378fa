"""BitFit: only the biases are trained (Ben Zaken et al., 2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field
from typing_extensions import override

from bakeoff.errors import BadValue
from bakeoff.methods.base import SubsetMethod
from bakeoff.methods.config import TrainingConfig

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["Bitfit"]


class Bitfit(SubsetMethod):
    """Trains every bias of the encoder, and the head."""

    kind = "bitfit"
    summary = "BitFit: the biases of the base model and a new head are trained."

    class Config(TrainingConfig):
        """Hyperparameters of BitFit; biases alone bear a high learning rate."""

        learning_rate: float = Field(1e-3, gt=0, description="peak learning rate of AdamW")

    @override
    def names(self, base: Base, config: Config) -> list[str]:
        """Return the biases, among them the time step's of a state-space model."""
        from bakeoff.models.weights import used

        found = [name for name in used(base) if name.endswith((".bias", "_bias"))]
        if not found:
            raise BadValue("method", f"{base.architecture} has no biases to train", alternatives=("ln_tuning", "lora"))
        return found
