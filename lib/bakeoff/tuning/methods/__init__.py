"""The kinds of method, as abstract bases; every other module here is one method.

A neural method is a `NeuralMethod`; one that trains some of the base's own weights a `SubsetMethod`, one that peft
knows a `PeftMethod`, and of these one that changes named layers a `LayerMethod`, one that puts tokens in front of a
text a `VirtualTokensMethod`.

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
    from torch import nn

    from bakeoff.tuning.companion import Companion
    from bakeoff.tuning.models import Base

__all__ = [
    "ClassicalMethod",
    "LayerConfig",
    "LayerMethod",
    "NeuralMethod",
    "PeftMethod",
    "Scorer",
    "SubsetMethod",
    "VirtualTokensMethod",
]


class NeuralMethod(Method, ABC):
    """Turns a base model into one that the fit loop can train."""

    neural: ClassVar[bool] = True

    def check(self, base: Base, config: Any) -> None:
        """Raise BadValue, in one line, where the method cannot do what is asked with this architecture."""

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

    @abstractmethod
    def save(self, model: Any, folder: Path) -> None:
        """Write what the method changed, as safetensors and JSON."""

    def load(self, folder: Path, base: Base, config: Any) -> nn.Module:  # noqa: ARG002
        """Return the model that was saved, in evaluation mode; `base` is as it was before `build`.

        Here by putting the tensors that were kept over those of the base and its head.
        """
        from bakeoff.tuning.heads import load_tensors

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
        from bakeoff.tuning.heads import train_only

        return train_only(base, self.names(base, config))

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write what was trained."""
        from bakeoff.tuning.heads import save_head

        save_head(model, folder)


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


class VirtualTokensMethod(PeftMethod):
    """Puts as many learnt tokens in front of every text as `virtual_tokens` says."""

    @override
    def check(self, base: Base, config: Any) -> None:
        """Refuse architectures that take no word vectors."""
        from bakeoff.tuning.prompts import check_prompts

        check_prompts(base)

    @override
    def extra_positions(self, config: Any) -> int:
        """Return the virtual tokens: position tables count them."""
        return int(config.virtual_tokens)


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

    def sizes(self, base: Base, config: Any) -> dict[str, int]:  # noqa: ARG002 - for those that override it
        """Return hyperparameters that have to fit the layers, as they are used; raises BadValue where one does not."""
        return {}

    @override
    def check(self, base: Base, config: Any) -> None:
        """Refuse layers that the architecture does not have, or that the method cannot change."""
        from bakeoff.tuning.targets import check_layers

        check_layers(base, self.targets(base, config), kind=self.kind, conv1d=self.conv1d)
        self.sizes(base, config)

    @override
    def settled(self, base: Base, config: Any) -> dict[str, Any]:
        """Return the target layers and what has to fit them."""
        used = {"target_modules": list(self.targets(base, config)), **self.sizes(base, config)}
        return {name: value for name, value in used.items() if getattr(config, name) is None}


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
