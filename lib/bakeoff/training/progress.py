"""Tells whoever watches how far training is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

__all__ = ["OnProgress", "Progress"]


OnProgress = Callable[[int, int, int, int, float | None], None]
INTERVAL_S = 0.5


class Progress:
    """Drives a progress bar and calls `on_progress(epoch, epochs, step, steps, loss)` at most twice a second.

    epoch counts from 1; step is the number of optimizer steps done; loss is the latest one seen
    The bar is a widget in Jupyter and a line in a terminal.
    """

    def __init__(self, on_progress: OnProgress | None, *, show_bar: bool) -> None:
        self.on_progress, self.show_bar = on_progress, show_bar
        self.bar: Any = None
        self.epochs = self.steps = 0
        self.last = float("-inf")

    def begin(self, *, epochs: int, steps: int, step: int) -> None:
        """Open the bar, once."""
        self.epochs, self.steps = epochs, steps
        if self.bar is None and self.show_bar:
            from tqdm.auto import tqdm

            self.bar = tqdm(total=steps, initial=step, desc="training", unit="step", mininterval=INTERVAL_S)

    def due(self) -> bool:
        """Return whether it is time to report again."""
        return time.monotonic() - self.last >= INTERVAL_S

    def step(self, step: int, loss: float | None) -> None:
        """Note that an optimizer step is done; the last one is always reported."""
        if self.bar is not None:
            self.bar.update(step - self.bar.n)
        if not self.due() and step != self.steps:
            return
        self.last = time.monotonic()
        if self.bar is not None and loss is not None:
            self.bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        if self.on_progress is not None:
            epoch = (step - 1) * self.epochs // self.steps + 1
            self.on_progress(epoch, self.epochs, step, self.steps, loss)

    def close(self) -> None:
        """Leave the bar as it is."""
        if self.bar is not None:
            self.bar.close()
