"""Heads on text vectors that are more than one linear layer."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from bakeoff.models.pooling import Float32Linear

__all__ = ["ACTIVATIONS", "Neighbours", "Perceptron"]


ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {"gelu": nn.GELU, "relu": nn.ReLU, "tanh": nn.Tanh}


class Neighbours(nn.Module):
    """The votes of the most similar training texts, by the cosine of their vectors.

    vectors: (N, H) of training texts; labels: (N,) class numbers; k: texts that vote; smoothing: votes that every class
    has beforehand
    """

    called = "nearest neighbours"
    vectors: Tensor
    labels: Tensor

    def __init__(self, vectors: Tensor, labels: Tensor, *, k: int, n_classes: int, smoothing: float) -> None:
        super().__init__()
        self.register_buffer("vectors", nn.functional.normalize(vectors.float(), dim=1))
        self.register_buffer("labels", labels.long())
        self.register_buffer("votes", torch.tensor([min(k, len(labels)), n_classes]))
        self.k, self.n_classes, self.smoothing = min(k, len(labels)), n_classes, smoothing

    def nearest(self, vectors: Tensor) -> Tensor:
        """Return the classes (B, N) of the training texts, the most similar first; of equals the first."""
        with torch.autocast(vectors.device.type, enabled=False):
            alike = nn.functional.normalize(vectors.float(), dim=1) @ self.vectors.T
        return self.labels[torch.sort(alike, dim=1, descending=True, stable=True).indices]

    def scores(self, nearest: Tensor, k: int) -> Tensor:
        """Return the logarithm of each class's share of the votes (B, C) float32 of the first k of the classes."""
        votes = nn.functional.one_hot(nearest[:, :k], self.n_classes).sum(dim=1).float()
        return ((votes + self.smoothing) / (k + self.n_classes * self.smoothing)).log()

    def forward(self, vectors: Tensor) -> Tensor:
        """Return logits (B, C) for text vectors (B, H)."""
        return self.scores(self.nearest(vectors), self.k)


class Perceptron(nn.Module):
    """Some hidden layers, each with normalisation, activation and dropout, and a linear one, all in float32.

    centre, scale: (H,) of the training texts' vectors, by which vectors are standardised
    """

    called = "MLP"
    centre: Tensor
    scale: Tensor

    def __init__(
        self, inputs: int, n_classes: int, *, depth: int, width: int, activation: str, normalised: bool, dropout: float
    ) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(inputs))
        layers: list[nn.Module] = []
        for place in range(depth):
            layers += [nn.Linear(width if place else inputs, width)]
            layers += [nn.LayerNorm(width)] if normalised else []
            layers += [ACTIVATIONS[activation](), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers, Float32Linear(width if depth else inputs, n_classes))

    def forward(self, vectors: Tensor) -> Tensor:
        """Return float32 logits (B, C) for text vectors (B, H)."""
        with torch.autocast(vectors.device.type, enabled=False):
            found: Tensor = self.layers((vectors.float() - self.centre) / self.scale)
            return found
