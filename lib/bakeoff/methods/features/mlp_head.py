"""A multilayer perceptron on frozen text vectors, trained until the validation loss no longer falls.

Its parts can be left out one by one (`depth: 0`, `normalization: none`, `head_dropout: 0`), which is how a custom head
is justified: by an ablation against the linear probe on the same vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field
from typing_extensions import override

from bakeoff.errors import Diverged
from bakeoff.methods.config import EvaluationConfig
from bakeoff.methods.frozen import FeaturesMethod, Head, Views

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["MlpHead"]


class MlpHead(FeaturesMethod):
    """Trains a small network on the vectors of the frozen encoder, and keeps its best epoch."""

    kind = "mlp_head"
    summary = "MLP head: the base model is frozen, hidden layers and a linear one on its text vectors are trained."

    class Config(EvaluationConfig):
        """Hyperparameters of the head and of its training by AdamW."""

        depth: int = Field(1, ge=0, le=8, description="hidden layers; 0: a linear head")
        width: int = Field(256, ge=1, le=8192, description="units of a hidden layer")
        activation: Literal["gelu", "relu", "tanh"] = Field("gelu", description="function after each hidden layer")
        normalization: Literal["layer", "none"] = Field("layer", description="layer: each hidden layer is normalised")
        head_dropout: float = Field(0.2, ge=0, lt=1, description="share of a hidden layer's outputs hidden in training")
        learning_rate: float = Field(1e-3, gt=0, description="learning rate of AdamW")
        weight_decay: float = Field(1e-2, ge=0, description="decoupled weight decay of AdamW")
        batch_size: int = Field(32, ge=1, description="texts per step")
        max_epochs: int = Field(200, ge=1, le=10_000, description="passes over the training texts at most")
        patience: int = Field(
            10, ge=1, description="epochs in a row without a lower validation log loss after which training ends"
        )

        @classmethod
        @override
        def search_space(cls) -> dict[str, tuple[float, float]]:
            """Return a tenth to ten times the learning rate, and dropout from none to a half."""
            return {"learning_rate": (1e-4, 1e-2), "head_dropout": (0.0, 0.5)}

    @override
    def learn(self, views: Views, config: Config, *, seed: int) -> Head:
        """Train a head for every kind of vector; take the one that is best on validation."""
        found = []
        for pooling in views.train:
            tensors, logits, steps, ended = _trained(self, views, pooling, config, seed)
            score = (views.judge(logits), -views.loss(logits))
            found.append((score, pooling, tensors, steps, ended))
        _, pooling, tensors, steps, ended = max(found, key=lambda one: one[0])
        settled = {"pooling": pooling} if config.pooling == "auto" else {}
        return Head(pooling=pooling, tensors=tensors, settled=settled, iterations=steps, converged=ended)

    @override
    def blank(self, width: int, n_classes: int, config: Config) -> nn.Module:
        """Return an untrained network."""
        from bakeoff.methods.heads import Perceptron

        return Perceptron(
            width,
            n_classes,
            depth=config.depth,
            width=config.width,
            activation=config.activation,
            normalised=config.normalization == "layer",
            dropout=config.head_dropout,
        )

    @override
    def head(self, tensors: Mapping[str, Tensor], config: Config) -> nn.Module:
        """Return the network with these weights; the last bias tells the number of classes."""
        last = max((name for name in tensors if name.endswith(".bias")), key=lambda name: int(name.split(".")[1]))
        network = self.blank(len(tensors["centre"]), len(tensors[last]), config)
        network.load_state_dict(dict(tensors))
        return network


def _trained(
    method: MlpHead, views: Views, pooling: str, config: MlpHead.Config, seed: int
) -> tuple[dict[str, Any], Any, int, bool]:
    """Return the state with the lowest validation log loss, its logits, the steps, and whether patience ended it."""
    import torch

    table, held = (torch.tensor(np.asarray(one[pooling])) for one in (views.train, views.validation))
    gold = torch.tensor(np.asarray(views.train_labels, dtype=np.int64))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network: Any = method.blank(table.shape[1], views.n_classes, config)
        network.centre.copy_(table.mean(dim=0))
        network.scale.copy_(table.std(dim=0, correction=0).clamp(min=1e-6))
        optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
        best, kept, logits, since, steps = np.inf, network.state_dict(), np.empty(0), 0, 0
        for _ in range(config.max_epochs):
            network.train()
            for rows in torch.randperm(len(table)).split(config.batch_size):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(network(table[rows]), gold[rows]).backward()
                optimizer.step()
                steps += 1
            network.eval()
            with torch.no_grad():
                now = network(held).numpy()
            loss = views.loss(now)
            if not np.isfinite(loss):
                raise Diverged(step=steps, loss=loss)
            since = since + 1 if loss >= best else 0
            if loss < best:
                best, logits = loss, now
                kept = {name: one.clone() for name, one in network.state_dict().items()}
            if since == config.patience:
                break
    return {name: one.numpy() for name, one in kept.items()}, logits, steps, since == config.patience
