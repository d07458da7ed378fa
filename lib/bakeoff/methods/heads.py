"""Heads on text vectors that are more than one linear layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from bakeoff.models.pooling import Float32Linear, PooledClassifier, pool

__all__ = ["ACTIVATIONS", "Neighbours", "Perceptron", "StaticVectors", "frequency_weights", "reduced"]


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


class StaticVectors(PooledClassifier):
    """Text vectors by a table: a vector for each token of the vocabulary, averaged over a text's tokens.

    The table is distilled from the encoder when it is first needed (Tulkens and van Dongen, 2024, Model2Vec): each
    token goes through the encoder by itself, what comes out is reduced by principal components, and frequent tokens
    are weighed down as by smooth inverse frequency (Arora et al., 2017), their frequency taken from their place in the
    vocabulary by Zipf's law.
    """

    def __init__(
        self, encoder: Any, tokenizer: Any, *, dimensions: int, n_labels: int, head: nn.Module, kept: dict[str, Tensor]
    ) -> None:
        super().__init__(encoder, pooling="mean", n_labels=n_labels, dropout=0.0, frozen=True, head=head)
        self.tokenizer, self.dimensions, self.kept = tokenizer, dimensions, kept

    @property
    def table(self) -> Tensor:
        """The vectors (V, D) float32 of all tokens; zero for those that only mark begin, end and padding."""
        if "table" not in self.kept:
            with torch.no_grad():
                states = torch.cat([self._alone(part) for part in torch.arange(self._size()).split(AT_ONCE)])
            self.kept["table"] = reduced(states, self.dimensions) * frequency_weights(len(states))[:, None]
            self.kept["table"][self._marks()] = 0.0
        return self.kept["table"]

    def _size(self) -> int:
        return int(self.encoder.get_input_embeddings().num_embeddings)

    def _marks(self) -> list[int]:
        unknown = {self.tokenizer.unk_token_id}
        return sorted(one for one in {*self.tokenizer.all_special_ids} - unknown if one < self._size())

    def _alone(self, ids: Tensor) -> Tensor:
        """Return what the encoder makes of single tokens (B, H), between the marks that the tokenizer sets."""
        marked = self.tokenizer("a")["input_ids"]
        special = {*self._marks()}
        first = next((place for place, one in enumerate(marked) if one not in special), len(marked))
        last = next((place for place, one in enumerate(reversed(marked)) if one not in special), 0)
        before, after = torch.tensor(marked[:first]), torch.tensor(marked[len(marked) - last :])
        sides = [side.long().expand(len(ids), -1) for side in (before, after)]
        tokens = torch.cat([sides[0], ids[:, None], sides[1]], dim=1).to(self.device)
        mask = torch.ones_like(tokens)
        states = self.encoder(input_ids=tokens, attention_mask=mask).last_hidden_state
        vectors: Tensor = pool(states, mask, "mean").float().cpu()
        return vectors

    def views(self, poolings: Sequence[str], *, attention_mask: Tensor, **kwargs: Any) -> dict[str, Tensor]:
        """Return pooling -> the mean of the tokens' vectors (B, D), of length one."""
        ids = kwargs["input_ids"]
        table = self.table.to(ids.device)
        counted = attention_mask * torch.isin(ids, torch.tensor(self._marks(), device=ids.device), invert=True)
        vectors = pool(table[ids], counted, "mean")
        return dict.fromkeys(poolings, nn.functional.normalize(vectors, dim=1))


AT_ONCE = 1024
SMOOTH = 1e-4


def reduced(states: Tensor, dimensions: int) -> Tensor:
    """Return the first principal components (N, D) of vectors (N, H), each with its largest loading positive."""
    centred = states.double() - states.double().mean(dim=0)
    axes = torch.linalg.eigh(centred.T @ centred / len(centred)).eigenvectors.flip(dims=[1])
    axes = axes[:, : min(dimensions, axes.shape[1])]
    largest = axes.gather(0, axes.abs().argmax(dim=0, keepdim=True))
    found: Tensor = (centred @ (axes * largest.sign())).float()
    return found


def frequency_weights(size: int) -> Tensor:
    """Return a / (a + p) (V,) for tokens by rank, a = 1e-4 and p their share of a text by Zipf's law."""
    inverse = 1.0 / torch.arange(2, size + 2, dtype=torch.float64)
    return (SMOOTH / (SMOOTH + inverse / inverse.sum())).float()
