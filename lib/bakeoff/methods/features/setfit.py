"""SetFit: the encoder learns from pairs which texts are alike, then a regression on its vectors which class they are.

Tunstall et al. (2022), Efficient Few-Shot Learning Without Prompts: pairs of one class are to have the cosine 1, pairs
of two classes 0, by squared error.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
from pydantic import Field
from typing_extensions import override

from bakeoff.errors import Diverged
from bakeoff.methods.config import EvaluationConfig
from bakeoff.methods.frozen import Head, LinearHeadMethod, Texts, Views

if TYPE_CHECKING:
    from torch import Tensor, nn

    from bakeoff.models.base import Base

__all__ = ["Setfit", "draw_pairs"]


WEIGHTS = "model.safetensors"
WARMUP = 0.1
Pairs = npt.NDArray[np.int64]


class Setfit(LinearHeadMethod):
    """Trains the encoder on pairs of training texts, then fits a logistic regression."""

    kind = "setfit"
    summary = (
        "SetFit: the base model is trained on pairs of texts, alike or not, then a regression on its text vectors."
    )
    libraries = ("scipy",)
    shapes = True

    class Config(EvaluationConfig):
        """Hyperparameters of the pairs and of the regression."""

        pairs_per_text: int = Field(20, ge=1, description="pairs of each kind, alike or not, drawn for each text")
        most_pairs: int = Field(4000, ge=2, description="pairs at most, of both kinds together")
        batch_size: int = Field(16, ge=1, description="pairs per optimizer step")
        learning_rate: float = Field(2e-5, gt=0, description="peak learning rate of AdamW")
        weight_decay: float = Field(0.01, ge=0, description="decoupled weight decay of AdamW")
        max_grad_norm: float = Field(1.0, gt=0, description="gradients are clipped to this norm")
        inverse_penalty: float | None = Field(
            None,
            gt=0,
            description="of the regression: larger lets weights grow further; left out: chosen on validation",
            examples=[0.01],
        )
        max_iterations: int = Field(2000, ge=1, description="steps of the regression's optimizer at most")

        @classmethod
        @override
        def search_space(cls) -> dict[str, tuple[float, float]]:
            """Return a tenth to ten times the usual learning rate."""
            return {"learning_rate": (2e-6, 2e-4)}

    @override
    def poolings(self, base: Base, config: Config) -> tuple[str, ...]:
        """Return the one kind of vector the pairs are compared by: the mean, as sentence encoders have it."""
        return ("mean" if config.pooling == "auto" else config.pooling,)

    @override
    def shape(self, model: Any, texts: Texts, config: Config, *, seed: int) -> None:
        """Train the encoder on the pairs, each once, at a rate that rises for a tenth of the steps and then falls."""
        import torch

        torch.manual_seed(seed)
        pairs = draw_pairs(texts.labels, config.pairs_per_text, most=config.most_pairs, seed=seed)
        model.frozen = False
        model.encoder.requires_grad_(requires_grad=True)
        model.train()
        trained = [one for name, one in model.encoder.named_parameters() if "pooler." not in name or _pools(model)]
        optimizer = torch.optim.AdamW(trained, lr=config.learning_rate, weight_decay=config.weight_decay)
        starts = range(0, len(pairs), config.batch_size)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, len(starts)))
        for step, start in enumerate(starts, start=1):
            loss = _loss(model, pairs[start : start + config.batch_size], texts)
            if not bool(torch.isfinite(loss)):
                raise Diverged(step=step, loss=float(loss))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, config.max_grad_norm)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
        model.frozen = True
        model.eval()

    @override
    def learn(self, views: Views, config: Config, *, seed: int) -> Head:
        """Fit the regression on the vectors of the trained encoder; its penalty is chosen on validation."""
        from bakeoff.methods.regression import best_regression

        chosen = best_regression(views, inverse_penalty=config.inverse_penalty, max_iterations=config.max_iterations)
        return chosen.head(config)

    @override
    def on(self, base: Base, pooling: str, head: nn.Module) -> nn.Module:
        """Put a head on the encoder, all of which is trained."""
        model: Any = super().on(base, pooling, head)
        model.encoder.requires_grad_(requires_grad=True)
        return cast("nn.Module", model)

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write encoder and head."""
        from safetensors.torch import save_model

        save_model(model, str(folder / WEIGHTS), metadata={"pooling": model.pooling})

    @override
    def load(self, folder: Path, base: Base, config: Config) -> nn.Module:
        """Put the saved weights on the base model and a head of theirs; ValueError for those of another model."""
        from safetensors.torch import load_model

        model = self.build(base, config)
        missing, strangers = load_model(model, str(folder / WEIGHTS), strict=False)
        if missing or strangers:
            raise ValueError(f"{folder}: the weights are those of another model")
        return model.eval()


def draw_pairs(labels: npt.NDArray[np.integer[Any]], per_text: int, *, most: int, seed: int) -> Pairs:
    """Return pairs (P, 3) of two rows and 1 where they are of one class, else 0, in random order.

    labels: (N,); per_text: pairs of each kind for each text; most: pairs that are kept
    As many are alike as not, but for classes of one text, which is like no other.
    """
    rng = np.random.default_rng(seed)
    members = {one: np.flatnonzero(labels == one) for one in np.unique(labels)}
    others = {one: np.flatnonzero(labels != one) for one in members}
    rounds = min(per_text, -(-most // (2 * len(labels))))
    found: list[tuple[int, int, int]] = []
    for _ in range(rounds):
        for row, label in enumerate(labels):
            if len(members[label]) > 1:
                alike = int(rng.choice(members[label][members[label] != row]))
                found.append((row, alike, 1))
            found.append((row, int(rng.choice(others[label])), 0))
    return np.array(found, dtype=np.int64)[rng.permutation(len(found))][:most]


def _loss(model: Any, pairs: Pairs, texts: Texts) -> Tensor:
    """Return the mean squared error of the pairs' cosines."""
    import torch

    rows = pairs[:, :2].T.ravel().tolist()  # all first texts, then all second ones, in one pass
    with texts.precision():
        vectors = model.vectors(**texts.batch(rows))
    first, second = vectors.float().chunk(2)
    told = torch.from_numpy(pairs[:, 2]).to(first.device, torch.float32)
    return torch.nn.functional.mse_loss(torch.cosine_similarity(first, second), told)


def _rate(step: int, steps: int) -> float:
    """Return the share of the peak learning rate."""
    warm = max(1, round(WARMUP * steps))
    return (step + 1) / warm if step < warm else (steps - step) / max(1, steps - warm)


def _pools(model: Any) -> bool:
    return bool(model.pooling == "pooler")
