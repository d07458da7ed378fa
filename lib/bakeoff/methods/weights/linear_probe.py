"""Linear probing: a linear classifier on frozen text vectors (Alain and Bengio, 2017)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.base import NeuralMethod
from bakeoff.methods.config import TrainingConfig

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.models.base import Base

__all__ = ["LinearProbe"]


class LinearProbe(NeuralMethod):
    """Trains dropout and one linear layer; the encoder is frozen, its own dropout off."""

    kind = "linear_probe"
    summary = "Linear probe: the base model is frozen, a linear layer on its text vectors is trained."

    class Config(TrainingConfig):
        """Hyperparameters of a linear probe; a head alone bears, and wants, a high learning rate."""

        epochs: int = Field(5, ge=1, description="passes over the training texts")
        learning_rate: float = Field(1e-3, gt=0, description="peak learning rate of AdamW")
        head_dropout: float = Field(
            0.1, ge=0, lt=1, description="share of the text vector's numbers hidden in training"
        )

    @override
    def check(self, base: Base, config: Config) -> None:
        """Refuse a text vector the encoder cannot give."""
        from bakeoff.models.base import check_pooling, probe_pooling

        check_pooling(
            probe_pooling(base, config.pooling), base.encoder, pooler_trained=base.pooler_trained, name=base.id
        )

    @override
    def build(self, base: Base, config: Config) -> nn.Module:
        """Put a fresh linear layer, drawn from the run's seed, on the frozen encoder."""
        import torch

        from bakeoff.models.base import probe_pooling
        from bakeoff.models.pooling import PooledClassifier, draw_head

        model = PooledClassifier(
            base.encoder,
            pooling=probe_pooling(base, config.pooling),
            n_labels=len(base.label_names),
            dropout=config.head_dropout,
            frozen=True,
        )
        draw_head(model.classifier, base.encoder, torch.Generator().manual_seed(base.seed))
        return model

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write the linear layer."""
        from bakeoff.models.weights import save_head

        save_head(model, folder)

    @override
    def load(self, folder: Path, base: Base, config: Config) -> nn.Module:
        """Put the saved linear layer on the frozen encoder."""
        from bakeoff.models.weights import load_tensors

        return load_tensors(self.build(base, config), folder)
