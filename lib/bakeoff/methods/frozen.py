"""What methods share that learn a head on text vectors of the frozen base model, which are made once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from bakeoff.methods.base import NeuralMethod

if TYPE_CHECKING:
    from torch import Tensor, nn

    from bakeoff.models.base import Base

__all__ = ["FeaturesMethod", "Head", "LinearHeadMethod", "Texts", "Views"]


HEAD = "head.safetensors"
PREFIX = "classifier."
Floats = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, kw_only=True)
class Views:
    """What a head is learnt from: each text as several vectors, of which a method chooses one kind.

    train, validation: pooling -> (N, H) float32, the usual one first; *_labels: (N,) class numbers
    judge: from logits (N, C) of the validation texts to the experiment's metric, of which the higher is the better
    """

    train: Mapping[str, Floats]
    validation: Mapping[str, Floats]
    train_labels: Labels
    validation_labels: Labels
    n_classes: int
    judge: Callable[[Floats], float]

    def loss(self, logits: Floats) -> float:
        """Return the log loss on the validation texts, which decides where the metric does not."""
        shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
        rows = np.arange(len(shifted))
        return float((np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, self.validation_labels]).mean())


@dataclass(frozen=True, kw_only=True)
class Texts:
    """What an encoder is changed by.

    labels: (N,) class numbers; batch: from rows of the training texts to the encoder's arguments (B, T), on its device;
    precision: makes the context of the number format to compute in
    """

    labels: Labels
    batch: Callable[[list[int]], dict[str, Tensor]]
    precision: Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, kw_only=True)
class Head:
    """A learnt head.

    pooling: of the vectors it reads; tensors: name -> array, from which `FeaturesMethod.head` makes the module
    settled: hyperparameters that were left out or "auto" and chosen on validation -> their value; at_edge: those of
    them at an end of what was tried -> both ends; converged: None where nothing is optimised
    """

    pooling: str
    tensors: Mapping[str, npt.NDArray[Any]]
    settled: Mapping[str, Any] = field(default_factory=dict)
    at_edge: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    iterations: int | None = None
    converged: bool | None = None


class FeaturesMethod(NeuralMethod):
    """Learns a head on the text vectors of the frozen base model, by a way of its own rather than in the fit loop.

    Its config is derived from EvaluationConfig. `pooling: auto` leaves the kind of vector to be chosen on validation.
    """

    shapes: ClassVar[bool] = False
    """`shape` changes the encoder, so that its vectors are this run's own."""

    @classmethod
    def solves(cls, config: Any) -> bool:  # noqa: ARG003 - for those that override it
        """Return whether `learn` finds the head; False: the fit loop trains what `build` returns."""
        return True

    @classmethod
    @override
    def chooses(cls, config: Any) -> bool:
        """Return whether settings are chosen on validation: where `learn` finds the head."""
        return cls.solves(config)

    def shape(self, model: Any, texts: Texts, config: Any, *, seed: int) -> None:
        """Change the encoder before it is read, for the few methods that do; raises Diverged."""

    @abstractmethod
    def learn(self, views: Views, config: Any, *, seed: int) -> Head:
        """Learn a head from the training texts' vectors, and choose on validation what the config leaves open."""

    @abstractmethod
    def blank(self, width: int, n_classes: int, config: Any) -> nn.Module:
        """Return an unlearnt head of the kind `head` makes, for text vectors of that width."""

    @abstractmethod
    def head(self, tensors: Mapping[str, Tensor], config: Any) -> nn.Module:
        """Return the module, from vectors (B, H) to float32 logits (B, C), whose state the tensors are."""

    def poolings(self, base: Base, config: Any) -> tuple[str, ...]:
        """Return the kinds of text vector to choose from: the one that is asked for, else all the encoder offers."""
        from bakeoff.models.base import poolings_of

        return poolings_of(base) if config.pooling == "auto" else (config.pooling,)

    def made_by(self, config: Any) -> str:  # noqa: ARG002
        """Return what text vectors depend on beside base and texts; nothing where they are the encoder's own."""
        return ""

    @override
    def check(self, base: Base, config: Any) -> None:
        """Refuse a text vector the encoder cannot give."""
        from bakeoff.models.base import check_pooling

        for pooling in self.poolings(base, config):
            check_pooling(pooling, base.encoder, pooler_trained=base.pooler_trained, name=base.id)

    @override
    def build(self, base: Base, config: Any) -> nn.Module:
        """Return the frozen encoder with an unlearnt head on it."""
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(base.seed)
            head = self.blank(base.encoder.config.hidden_size, len(base.label_names), config)
        return self.on(base, self.poolings(base, config)[0], head)

    def on(self, base: Base, pooling: str, head: nn.Module) -> nn.Module:
        """Put a head on the frozen encoder."""
        from bakeoff.models.pooling import PooledClassifier

        return PooledClassifier(
            base.encoder, pooling=pooling, n_labels=len(base.label_names), dropout=0.0, frozen=True, head=head
        )

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write the head, and which vectors it reads."""
        from safetensors.torch import save_file

        tensors = {f"{PREFIX}{name}": one.detach().cpu() for name, one in model.classifier.state_dict().items()}
        save_file({n: one.contiguous() for n, one in tensors.items()}, folder / HEAD, {"pooling": model.pooling})

    @override
    def load(self, folder: Path, base: Base, config: Any) -> nn.Module:
        """Put the saved head on the frozen encoder; ValueError for that of another method or model."""
        from safetensors import safe_open

        with safe_open(folder / HEAD, framework="pt") as held:
            told = held.metadata() or {}
            tensors = {name.removeprefix(PREFIX): held.get_tensor(name) for name in held.keys()}  # noqa: SIM118
        try:
            return self.on(base, told["pooling"], self.head(tensors, config)).eval()
        except KeyError as error:
            raise ValueError(f"{folder}: {error} is missing among the weights") from None


class LinearHeadMethod(FeaturesMethod):
    """Learns a linear layer on the text vectors."""

    modules = ("sklearn.linear_model",)

    @override
    def blank(self, width: int, n_classes: int, config: Any) -> nn.Module:
        """Return a linear layer."""
        from bakeoff.models.pooling import Float32Linear

        return Float32Linear(width, n_classes)

    @override
    def head(self, tensors: Mapping[str, Tensor], config: Any) -> nn.Module:
        """Return the linear layer with these weights (C, H) and this bias (C,)."""
        n_classes, width = tensors["weight"].shape
        layer = self.blank(width, n_classes, config)
        layer.load_state_dict(dict(tensors))
        return layer
