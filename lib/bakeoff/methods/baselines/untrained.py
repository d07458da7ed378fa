"""No training at all: what a random head on the base model gives, the floor every trained method starts from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from bakeoff.methods.base import NeuralMethod
from bakeoff.methods.config import EvaluationConfig

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.models.base import Base

__all__ = ["Untrained"]


class Untrained(NeuralMethod):
    """Predicts with the head as it was drawn."""

    kind = "untrained"
    summary = "No training: the base model with a random head."
    trained = False
    blind = True
    baseline = True
    Config = EvaluationConfig

    @override
    def build(self, base: Base, config: EvaluationConfig) -> nn.Module:
        """Return the base model with nothing to train."""
        from bakeoff.models.base import read_once

        model: nn.Module = read_once(base)
        return model

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write the random head."""
        from bakeoff.models.base import head_names
        from bakeoff.models.weights import save_head

        save_head(model, folder, names=head_names(model))
