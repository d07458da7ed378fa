"""What a method is: the interface that training, planning and the command line know."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from typing_extensions import override

from bakeoff.methods.config import Config

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.data.schema import Data
    from bakeoff.data.sources import LocatedData
    from bakeoff.data.splits import Splits
    from bakeoff.methods.hooks import Companion
    from bakeoff.models.base import Base

__all__ = ["Answers", "ClassicalMethod", "GivenMethod", "Method", "NeuralMethod", "Scorer", "SubsetMethod"]


class Method:
    """One way to get from training texts to a classifier.

    A subclass is a file of `bakeoff.methods`. It is either neural (`build` a model for the fit loop) or
    classical (`fit` texts directly).
    """

    kind: ClassVar[str]
    summary: ClassVar[str]
    """One sentence for tables of methods."""
    neural: ClassVar[bool]
    """Starts from a base model; False: reads texts only."""
    trained: ClassVar[bool] = True
    """Its quality depends on training labels; False for baselines such as a random head."""
    seeded: ClassVar[bool] = True
    """Another seed gives another result; False: one run stands for all seeds. `varies` has the last word."""
    counts_only: ClassVar[bool] = False
    """Learns how frequent the classes are and nothing else, so that other texts with the same shares change nothing."""
    blind: ClassVar[bool] = False
    """Its answers say nothing of the texts, such as those of a random head."""
    baseline: ClassVar[bool] = False
    """A yardstick rather than a candidate for the choice."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose version can change its numbers, beyond the common ones."""
    modules: ClassVar[tuple[str, ...]] = ()
    """What it imports inside its functions, to be imported before the time of fitting is taken."""
    Config: ClassVar[type[Config]]

    @classmethod
    def import_all(cls) -> None:
        """Import `modules`; raises ImportError."""
        for name in cls.modules:
            importlib.import_module(name)

    @classmethod
    def varies(cls, config: Any) -> bool:  # noqa: ARG003 - for those that override it
        """Return whether another seed gives another result with these settings."""
        return cls.seeded

    @classmethod
    def chooses(cls, config: Any) -> bool:  # noqa: ARG003
        """Return whether a run chooses settings of its own on validation, by the experiment's metric."""
        return False

    @classmethod
    def file_of(cls, config: Any) -> str | None:  # noqa: ARG003 - for those that read one
        """Return the name of the file that it reads beside the data, from the workspace's root; None: it reads none."""
        return None


class NeuralMethod(Method, ABC):
    """Turns a base model into one that the fit loop can train."""

    neural: ClassVar[bool] = True

    def check(self, base: Base, config: Any) -> None:
        """Raise BadValue, in one line, where the method cannot do what is asked with this architecture."""

    def check_classes(self, names: Sequence[str], config: Any) -> None:
        """Raise InputError, in one line, where the settings do not fit the names of the classes."""

    def settled(self, base: Base, config: Any) -> dict[str, Any]:  # noqa: ARG002 - for those that override it
        """Return the hyperparameters that were left out and that the base decides, as they are used, for the record."""
        return {}

    def extra_positions(self, config: Any) -> int:  # noqa: ARG002
        """Return how many places of the longest input the method takes for itself."""
        return 0

    @abstractmethod
    def build(self, base: Base, config: Any) -> nn.Module:
        """Return a classifier whose parameters to train are exactly those that require a gradient.

        It takes token ids and mask (B, T) and returns an object with `.logits` (B, C). Where nothing requires a
        gradient there is no training. The base may be changed in place: it belongs to this run alone.
        """

    def accompany(self, model: Any, config: Any, *, steps: int) -> Companion | None:  # noqa: ARG002
        """Return what has to happen beside the fit loop, for the few methods that need it. steps: of the optimizer."""
        return None

    def converged(self, model: Any, vectors: Any, labels: Any) -> bool | None:  # noqa: ARG002
        """Return whether the fit loop ended near the optimum, None where a method has no way to tell.

        vectors: (N, H) text vectors of the training texts where a frozen encoder made them, else None; labels: (N,)
        """
        return None

    @abstractmethod
    def save(self, model: Any, folder: Path) -> None:
        """Write what the method changed, as safetensors and JSON."""

    def load(self, folder: Path, base: Base, config: Any) -> nn.Module:  # noqa: ARG002
        """Return the model that was saved, in evaluation mode; `base` is as it was before `build`.

        Here by putting the tensors that were kept over those of the base and its head.
        """
        from bakeoff.models.weights import load_tensors

        return load_tensors(base.model, folder)


class SubsetMethod(NeuralMethod):
    """Trains some of the base's own weights, and the head; keeps just these."""

    @abstractmethod
    def names(self, base: Base, config: Any) -> list[str]:
        """Return the names of the encoder's parameters to train; raises BadValue where there are none."""

    @override
    def check(self, base: Base, config: Any) -> None:
        """Refuse an architecture without such weights."""
        self.names(base, config)

    @override
    def build(self, base: Base, config: Any) -> nn.Module:
        """Return the base model with everything else frozen."""
        from bakeoff.models.weights import train_only

        return train_only(base, self.names(base, config))

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write what was trained."""
        from bakeoff.models.weights import save_head

        save_head(model, folder)


class Scorer(ABC):
    """A fitted classical model.

    settled: settings that the texts decided -> their value; converged: the optimizer ended before its last allowed
    step, None where nothing is optimised
    """

    iterations: int = 0
    converged: bool | None = None
    settled: Mapping[str, Any] = MappingProxyType({})

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


@dataclass(frozen=True)
class Answers:
    """What was answered for the texts of one split, in their order.

    logits: (N, C) float32, whose largest is the answer; scored: they are logarithms of probabilities; False: nobody
    said how sure the answers are, and only the largest means anything
    """

    logits: np.ndarray[tuple[int, int], np.dtype[np.float32]]
    scored: bool


class GivenMethod(Method, ABC):
    """Takes answers that were made elsewhere: nothing is trained, and nothing that it took is measured."""

    neural: ClassVar[bool] = False
    trained: ClassVar[bool] = False
    seeded: ClassVar[bool] = False
    baseline: ClassVar[bool] = True

    @abstractmethod
    def answers(
        self, file: Path, config: Any, *, splits: Splits, data: Data, located: LocatedData
    ) -> dict[str, Answers]:
        """Return the answers for "test" and, where the file has them, for "validation".

        Raises InputError, in one line, for what is missing, doubled or unknown.
        """
