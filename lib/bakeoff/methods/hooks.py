"""What a method may do beside the fit loop, as an abstract base."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Companion"]


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
