"""The two kinds of method, as abstract bases; every other module here is one method.

Nothing here imports torch, transformers or peft before a method is asked to work: planning reads the classes only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bakeoff.method import Config, Method

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.tuning.models import Base

__all__ = ["ClassicalMethod", "NeuralMethod", "Scorer"]


class NeuralMethod(Method, ABC):
    """Turns a base model into one that the fit loop can train."""

    neural: ClassVar[bool] = True

    def check(self, base: Base, config: Any) -> None:
        """Raise BadValue, in one line, where the method cannot do what is asked with this architecture."""

    def extra_positions(self, config: Any) -> int:  # noqa: ARG002 - for those that override it
        """Return how many places of the longest input the method takes for itself."""
        return 0

    @abstractmethod
    def build(self, base: Base, config: Any) -> nn.Module:
        """Return a classifier whose parameters to train are exactly those that require a gradient.

        It takes token ids and mask (B, T) and returns an object with `.logits` (B, C). Where nothing requires a
        gradient there is no training. The base may be changed in place: it belongs to this run alone.
        """

    @abstractmethod
    def save(self, model: Any, folder: Path) -> None:
        """Write what the method changed, as safetensors and JSON."""

    @abstractmethod
    def load(self, folder: Path, base: Base, config: Any) -> nn.Module:
        """Return the model that was saved, in evaluation mode; `base` is as it was before `build`."""


class Scorer(ABC):
    """A fitted classical model."""

    iterations: int = 0

    @abstractmethod
    def scores(self, texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """Return (N, C) float32; softmax of a row gives the classes' probabilities."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the model without pickle."""

    @property
    @abstractmethod
    def parameters(self) -> int:
        """How many numbers were learnt."""


class ClassicalMethod(Method, ABC):
    """Learns from the texts directly; there is no base model and no epoch."""

    neural: ClassVar[bool] = False
    Config: ClassVar[type[Config]] = Config

    @abstractmethod
    def fit(
        self, texts: Sequence[str], labels: np.ndarray[Any, Any], *, n_classes: int, config: Any, seed: int
    ) -> Scorer:
        """Learn from texts and their class numbers (N,)."""

    @abstractmethod
    def load(self, folder: Path) -> Scorer:
        """Return the model that was saved."""
