"""Top layers: the last few layers are trained, those below stay as they are (Lee et al., 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field
from typing_extensions import override

from bakeoff.errors import BadValue
from bakeoff.methods.base import SubsetMethod
from bakeoff.methods.config import TrainingConfig

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["TopLayers"]


class TopLayers(SubsetMethod):
    """Trains the last layers, whatever the encoder has above them, and the head; layers below have no dropout."""

    kind = "top_layers"
    summary = "Top layers: the last layers of the base model and a new head are trained."

    class Config(TrainingConfig):
        """Hyperparameters of training the top of the base model."""

        layers: int = Field(2, ge=1, description="how many of the last layers are trained")

    @override
    def names(self, base: Base, config: Config) -> list[str]:
        """Return the weights from the first of the last layers upwards; token embeddings are below."""
        from bakeoff.models.layers import above, blocks
        from bakeoff.models.weights import used

        where, count = blocks(base)
        if config.layers > count:
            raise BadValue("layers", f"{base.architecture} of {base.id} has {count}", hint=f"{count} or fewer fit")
        kept = tuple(f"{where}.{number}." for number in range(count - config.layers, count))
        return [name for name in used(base) if name.startswith(kept + above(base, where))]
