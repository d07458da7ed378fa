"""Nearest neighbours among frozen text vectors (Cover and Hart, 1967): nothing is trained, texts are remembered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field
from typing_extensions import override

from bakeoff.methods.config import EvaluationConfig
from bakeoff.methods.frozen import FeaturesMethod, Head, Views

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["EmbeddingsKnn"]


TRIED = (1, 3, 5, 9, 15, 25, 41, 65)
AT_ONCE = 256


class EmbeddingsKnn(FeaturesMethod):
    """Lets the most similar training texts vote."""

    kind = "embeddings_knn"
    summary = "Nearest neighbours: the training texts whose vectors of the frozen base model are most alike vote."
    seeded = False
    baseline = True

    class Config(EvaluationConfig):
        """Hyperparameters of the vote."""

        k: int | None = Field(
            None, ge=1, description="texts that vote; left out: chosen on validation from 1 to 65", examples=[5]
        )
        smoothing: float = Field(1.0, gt=0, description="votes that every class has beforehand")

    @override
    def learn(self, views: Views, config: Config, *, seed: int) -> Head:
        """Remember the training texts; choose vectors and k by the votes on validation."""
        import torch

        tried = [k for k in TRIED if k <= len(views.train_labels)] if config.k is None else [config.k]
        found: list[tuple[tuple[float, float], str, int, dict[str, Any]]] = []
        for pooling, vectors in views.train.items():
            head = self._head(vectors, views.train_labels, views.n_classes, 1, config)
            queries = torch.from_numpy(np.asarray(views.validation[pooling])).split(AT_ONCE)
            nearest = torch.cat([head.nearest(part)[:, : max(tried)] for part in queries])
            for k in tried:
                logits = head.scores(nearest, min(k, nearest.shape[1])).numpy()
                found.append(((views.judge(logits), -views.loss(logits)), pooling, k, head.state_dict()))
        _, pooling, k, state = max(found, key=lambda one: one[0])
        settled: dict[str, Any] = {"pooling": pooling} if config.pooling == "auto" else {}
        at_edge = len(tried) > 1 and k == tried[-1]  # of a single text there are no fewer
        sizes = np.array([min(k, len(views.train_labels)), views.n_classes])
        return Head(
            pooling=pooling,
            tensors={**{name: one.numpy() for name, one in state.items()}, "votes": sizes},
            settled={**settled, **({"k": k} if config.k is None else {})},
            at_edge={"k": (float(tried[0]), float(tried[-1]))} if at_edge else {},
        )

    def _head(self, vectors: Any, labels: Any, n_classes: int, k: int, config: Config) -> Any:
        import torch

        from bakeoff.methods.heads import Neighbours

        tensors = (torch.tensor(np.asarray(vectors)), torch.tensor(np.asarray(labels)))
        return Neighbours(*tensors, k=k, n_classes=n_classes, smoothing=config.smoothing)

    @override
    def blank(self, width: int, n_classes: int, config: Config) -> nn.Module:
        """Return a vote of one text that says nothing."""
        head: nn.Module = self._head(np.zeros((1, width), dtype=np.float32), [0], n_classes, 1, config)
        return head

    @override
    def head(self, tensors: Mapping[str, Tensor], config: Config) -> nn.Module:
        """Return the vote of the texts with these vectors (N, H) and labels (N,); votes: k and number of classes."""
        k, n_classes = tensors["votes"].tolist()
        head: nn.Module = self._head(tensors["vectors"], tensors["labels"], n_classes, k, config)
        head.load_state_dict({"vectors": tensors["vectors"]}, strict=False)  # as they are: of length one already
        return head
