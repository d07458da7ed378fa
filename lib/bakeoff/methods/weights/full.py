"""Full fine-tuning: every weight that predictions use is trained (Devlin et al., 2019, section 3.2)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from bakeoff.methods.base import NeuralMethod
from bakeoff.methods.config import TrainingConfig

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.models.base import Base

__all__ = ["Full"]


class Full(NeuralMethod):
    """Trains everything that predictions use: a pooler that the head does not read is left as it is."""

    kind = "full"
    summary = "Full fine-tuning: every weight of the base model that predictions use, and a new head, are trained."
    Config = TrainingConfig

    @override
    def build(self, base: Base, config: TrainingConfig) -> nn.Module:
        """Return the base model with all that its head reads to be trained."""
        from bakeoff.models.weights import train_only, used

        return train_only(base, used(base))

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write the whole model."""
        from bakeoff.models.loading import quiet

        with quiet():
            # By the names that they are read by again: transformers' default is those of files from before it.
            model.save_pretrained(folder, save_original_format=False)
