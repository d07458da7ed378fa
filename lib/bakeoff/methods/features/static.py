"""Static embeddings distilled from the base model (Tulkens and van Dongen, 2024), and a regression on them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.config import EvaluationConfig
from bakeoff.methods.frozen import Head, LinearHeadMethod, Views

if TYPE_CHECKING:
    from torch import Tensor, nn

    from bakeoff.models.base import Base

__all__ = ["Static"]


TOKENS = "tokens.safetensors"


class Static(LinearHeadMethod):
    """Averages a vector of each token, which needs no pass through the encoder, and fits one regression."""

    kind = "static"
    summary = "Static embeddings: a vector for each token, distilled from the base model, and logistic regression."
    seeded = False
    baseline = True
    libraries = ("scipy",)

    class Config(EvaluationConfig):
        """Hyperparameters of the token vectors and the regression."""

        dimensions: int = Field(256, ge=1, description="numbers of a token's vector")
        inverse_penalty: float | None = Field(
            None,
            gt=0,
            description="larger lets weights grow further; left out: chosen on validation from 1e-5 to 100",
            examples=[0.01],
        )
        max_iterations: int = Field(2000, ge=1, description="steps of the optimizer at most")

    def __init__(self) -> None:
        self.kept: dict[str, Tensor] = {}

    @override
    def made_by(self, config: Config) -> str:
        """Return that these vectors are not the encoder's own."""
        return f"static {config.dimensions}"

    @override
    def poolings(self, base: Base, config: Config) -> tuple[str, ...]:
        """Return the mean: there is no other."""
        return ("mean",)

    @override
    def learn(self, views: Views, config: Config, *, seed: int) -> Head:
        """Solve the regression for every penalty, and take the best on validation."""
        from bakeoff.methods.regression import best_regression

        found = best_regression(views, inverse_penalty=config.inverse_penalty, max_iterations=config.max_iterations)
        return found.head(config)

    @override
    def on(self, base: Base, pooling: str, head: nn.Module) -> nn.Module:
        """Put a head on the averaged token vectors."""
        from bakeoff.methods.heads import StaticVectors

        width: int = getattr(head, "in_features")  # noqa: B009 - a module's attributes may be modules
        return StaticVectors(
            base.encoder, base.tokenizer, dimensions=width, n_labels=len(base.label_names), head=head, kept=self.kept
        )

    @override
    def blank(self, width: int, n_classes: int, config: Config) -> nn.Module:
        """Return a linear layer."""
        from bakeoff.models.pooling import Float32Linear

        return Float32Linear(min(width, config.dimensions), n_classes)

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write the linear layer and the tokens' vectors."""
        from safetensors.torch import save_file

        super().save(model, folder)
        save_file({"table": model.table.contiguous()}, folder / TOKENS)

    @override
    def load(self, folder: Path, base: Base, config: Config) -> nn.Module:
        """Put the saved layer on the saved vectors."""
        from safetensors.torch import load_file

        self.kept = load_file(folder / TOKENS)
        return super().load(folder, base, config)
