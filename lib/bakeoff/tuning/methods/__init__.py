"""The kinds of method, as abstract bases; every other module here is one method.

A neural method is a `NeuralMethod`; one that trains some of the base's own weights a `SubsetMethod`, one that peft
knows a `PeftMethod`, and of these one that changes named layers a `LayerMethod`.

Nothing here imports torch, transformers or peft before a method is asked to work: planning reads the classes only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import Field, field_validator
from typing_extensions import override

from bakeoff.method import Config, Method, TrainingConfig

if TYPE_CHECKING:
    from torch import Tensor, nn

    from bakeoff.tuning.models import Base

__all__ = [
    "ClassicalMethod",
    "Companion",
    "LayerConfig",
    "LayerMethod",
    "NeuralMethod",
    "PeftMethod",
    "Scorer",
    "SubsetMethod",
]


class Companion(ABC):
    """What a method does beside the fit loop while it runs, with whatever it has to remember."""

    @abstractmethod
    def penalty(self) -> Tensor | None:
        """Return what is added to the loss of each optimizer step, a scalar; None for nothing."""

    @abstractmethod
    def after_step(self, step: int) -> None:
        """Act after an optimizer step, counted from 1, while the gradients are still there."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return tensors, numbers, lists and dictionaries that make a resumed run go on to the last bit."""

    @abstractmethod
    def restore(self, state: dict[str, Any]) -> None:
        """Take up a state."""


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

    def accompany(self, model: Any, config: Any, *, steps: int) -> Companion | None:  # noqa: ARG002
        """Return what has to happen beside the fit loop, for the few methods that need it. steps: of the optimizer."""
        return None

    @abstractmethod
    def save(self, model: Any, folder: Path) -> None:
        """Write what the method changed, as safetensors and JSON."""

    @abstractmethod
    def load(self, folder: Path, base: Base, config: Any) -> nn.Module:
        """Return the model that was saved, in evaluation mode; `base` is as it was before `build`."""


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
        from bakeoff.tuning.heads import train_only

        return train_only(base, self.names(base, config))

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write what was trained."""
        from bakeoff.tuning.heads import save_head

        save_head(model, folder)

    @override
    def load(self, folder: Path, base: Base, config: Any) -> nn.Module:
        """Put what was trained over the base's."""
        from bakeoff.tuning.heads import load_tensors

        model: nn.Module = load_tensors(base.model, folder)
        return model


class PeftMethod(NeuralMethod):
    """Wraps the base as peft does; keeps the adapter and the head in peft's own format."""

    libraries: ClassVar[tuple[str, ...]] = ("peft",)

    @abstractmethod
    def settings(self, base: Base, config: Any) -> Any:
        """Return peft's configuration; the head is added to it."""

    @override
    def build(self, base: Base, config: Any) -> nn.Module:
        """Return a peft model over the base."""
        from bakeoff.tuning.adapters import wrap

        return wrap(base, lambda: self.settings(base, config), kind=self.kind)

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write the adapter and the head."""
        from bakeoff.tuning.adapters import save_adapter

        save_adapter(model, folder)

    @override
    def load(self, folder: Path, base: Base, config: Any) -> nn.Module:
        """Put the saved adapter on the base."""
        from bakeoff.tuning.adapters import load_adapter

        return load_adapter(base, folder)


class LayerConfig(TrainingConfig):
    """What methods that change named layers share; adapters drawn at random bear a high learning rate."""

    learning_rate: float = Field(1e-3, gt=0, description="peak learning rate of AdamW")
    target_modules: tuple[str, ...] | None = Field(
        None, min_length=1, description="names of the layers to change; left out: those usual for the architecture"
    )

    @field_validator("target_modules", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return tuple(value.split(",")) if isinstance(value, str) else value


class LayerMethod(PeftMethod):
    """Puts something on the linear layers that `target_modules` names, by default query and value projections."""

    conv1d: ClassVar[bool] = True
    """It also works on GPT-2's layers, which peft calls Conv1D."""

    def targets(self, base: Base, config: Any) -> tuple[str, ...]:
        """Return the names of the layers to change; raises BadValue where the architecture has none of that name."""
        from bakeoff.tuning.targets import chosen

        return chosen(base, config.target_modules)

    @override
    def check(self, base: Base, config: Any) -> None:
        """Refuse layers that the architecture does not have, or that the method cannot change."""
        from bakeoff.tuning.targets import check_layers

        check_layers(base, self.targets(base, config), kind=self.kind, conv1d=self.conv1d)


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
