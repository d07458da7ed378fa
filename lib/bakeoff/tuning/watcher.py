"""What happens around an epoch: its seed, its clock, its losses, and what is on disk when it ends.

Imported by `fit`.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np
import torch
from transformers import TrainerCallback
from typing_extensions import override

from bakeoff.errors import Diverged
from bakeoff.tuning.loop import Loop
from bakeoff.tuning.progress import Progress

__all__ = ["Watcher"]


class Watcher(TrainerCallback):
    """Watches a loop; as a context manager it leaves no clock running."""

    def __init__(self, loop: Loop, progress: Progress) -> None:
        self.loop, self.progress, self.clock = loop, progress, ExitStack()
        self.losses: list[float] = []

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.clock.close()
        self.progress.close()

    @override
    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Make the epoch's randomness a function of seed and epoch, so that a resumed one repeats it."""
        task = self.loop.task
        epoch = state.global_step // (state.max_steps // task.config.epochs)
        self.loop.batches.epoch = epoch
        self.losses, self.loop.step_losses = [], []
        torch.manual_seed(int(np.random.SeedSequence([task.seed, epoch]).generate_state(1, np.uint64)[0] >> 1))
        self.progress.begin(epochs=task.config.epochs, steps=state.max_steps, step=state.global_step)
        self.clock.enter_context(self.loop.journal.meter.phase("train"))

    @override
    def on_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Let the method's companion act between the optimizer's step and the end of the gradients."""
        if self.loop.companion:
            self.loop.companion.after_step(state.global_step + 1)

    @override
    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Look at the loss, on a GPU only now and then: each look waits for the device."""
        if args.device.type == "cpu" or self.progress.due() or state.global_step == 1:
            self._settle(state)
        self.progress.step(state.global_step, self.losses[-1] if self.losses else None)

    @override
    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop the clock, validate, and put metrics and checkpoint on disk before the next epoch begins."""
        self._settle(state)
        self.clock.close()
        loop = self.loop
        with loop.journal.meter.phase("validation"):
            metrics = loop.task.validate(state.global_step)
        loop.journal.write(loop, train_loss=float(np.mean(self.losses)), validation=metrics)

    def _settle(self, state: Any) -> None:
        """Read the losses since the last look; the parts of one optimizer step add up."""
        parts = torch.stack(self.loop.step_losses).tolist() if self.loop.step_losses else []
        self.loop.step_losses = []
        per_step = self.loop.args.gradient_accumulation_steps
        for start in range(0, len(parts), per_step):
            loss = sum(parts[start : start + per_step])
            self.losses.append(loss)
            step = state.global_step - (len(parts) - 1 - start) // per_step
            if not np.isfinite(loss):
                raise Diverged(step=step, loss=loss)
            if step in {1, 10}:
                self.loop.journal.losses[str(step)] = loss
            self.loop.journal.losses["last"] = loss
