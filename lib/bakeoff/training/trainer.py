"""The one fit loop on transformers' Trainer: order of batches, progress, whole epochs on disk."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments
from typing_extensions import override

from bakeoff.errors import Diverged
from bakeoff.methods.config import TrainingConfig
from bakeoff.methods.hooks import Companion
from bakeoff.models.weights import NamedRows
from bakeoff.training.checkpoint import Journal, restore_weights
from bakeoff.training.machine import autocast
from bakeoff.training.progress import Progress
from bakeoff.training.reading.batches import Inputs, Rows, shuffled
from bakeoff.training.reading.spared import Trunk
from bakeoff.training.together.team import ALONE, Team

__all__ = ["Loop", "Task", "Watcher"]


@dataclass(frozen=True)
class Task:
    """What the loop works on.

    model: takes batches of `inputs`, returns an object with `.logits` (B, C)
    labels: (N,) class numbers; context: what must agree for a checkpoint to be taken up
    stop_after: epoch to stop after, to go on from there later; None: the last one
    validate: given the number of the last optimizer step, returns the metrics on the validation texts; raises Diverged
    accompany: given the number of optimizer steps, returns what has to happen beside the loop, or None
    rows: the embedding rows that are trained in the place of all, entered
    trunk: the layers below the first that is trained, entered; None where all layers run in every step
    team: the processes that train it together, each with a part of every batch
    """

    model: nn.Module
    inputs: Inputs
    labels: Rows
    config: TrainingConfig
    seed: int
    dtype: str
    context: dict[str, Any]
    validate: Callable[[int], dict[str, float]]
    accompany: Callable[[int], Companion | None] = lambda steps: None  # noqa: ARG005
    rows: NamedRows | None = None
    trunk: Trunk | None = None
    stop_after: int | None = None
    team: Team = ALONE

    @property
    def ends_after(self) -> int:
        """The epoch that is the last one for now."""
        return min(self.stop_after or self.config.epochs, self.config.epochs)

    @property
    def steps(self) -> int:
        """How many optimizer steps all epochs take."""
        batches = math.ceil(len(self.inputs) / self.config.batch_size)
        return self.config.epochs * math.ceil(batches / self.config.gradient_accumulation)

    def class_weights(self) -> Tensor | None:
        """Return (C,) weights N / (C n_c) of the classes among the labels (King and Zeng, 2001), None for equal ones.

        As in scikit-learn, C counts classes that occur; the weights of all texts add up to N.
        """
        if self.config.class_weights == "none":
            return None
        counts = np.bincount(self.labels)
        weights = len(self.labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        return torch.from_numpy(weights).float()

    def restore(self, tensors: dict[str, Any]) -> None:
        """Put the model where a checkpoint left it."""
        restore_weights(self.model, tensors["weights"])
        if self.rows is not None:
            self.rows.factors = list(tensors["factors"])

    def order(self, epoch: int) -> list[Rows]:
        """Return the batches of one epoch, counted from 0."""
        return shuffled(self.inputs.lengths, self.config.batch_size, seed=self.seed, epoch=epoch)


ROWS = "rows"
"""Key of a batch's place among the training texts, which no model is given."""
WHOLE = "whole"
"""Key of how many texts a batch has in all processes together."""
NOTHING = -100
"""Label of a text that counts nothing: what a process reads where a batch has fewer texts than there are processes."""


class Batches:
    """Batch sampler of the epoch that `epoch` names."""

    def __init__(self, task: Task) -> None:
        self.task, self.epoch = task, 0

    def __len__(self) -> int:
        return math.ceil(len(self.task.inputs) / self.task.config.batch_size)

    def __iter__(self) -> Any:
        return iter(batch.tolist() for batch in self.task.order(self.epoch))


class Loop(Trainer):
    """The Trainer with our batches, our loss and our checkpoints.

    Mixed precision is entered here rather than through accelerate, whose wrapped `forward` would stay on the model.
    """

    def __init__(self, task: Task, journal: Journal, arguments: TrainingArguments) -> None:
        super().__init__(task.model, arguments, train_dataset=range(len(task.inputs)))
        self.task, self.journal, self.batches = task, journal, Batches(task)
        self.step_losses: list[Tensor] = []
        self.summed = 0
        self.companion = task.accompany(task.steps)
        self.weights = task.class_weights()
        # Losses are sums over the whole effective batch, so the last, smaller batch weighs as much as it holds.
        self.model_accepts_loss_kwargs = True
        self.remove_callback(PrinterCallback)

    @override
    def get_train_dataloader(self) -> Any:
        """Feed batches in the order that the seed and the epoch alone decide."""
        own = torch.Generator()  # else each epoch would draw from the generator that dropout uses
        rows: Any = range(len(self.task.inputs))
        return DataLoader(rows, batch_sampler=self.batches, collate_fn=self._collate, generator=own)

    def _collate(self, rows: list[int]) -> dict[str, Tensor]:
        own = self.task.team.part(rows)
        read = own or rows[:1]
        labels = torch.from_numpy(self.task.labels[read])
        labels = labels if own else torch.full_like(labels, NOTHING)
        whole = torch.tensor(len(rows))
        return {**self.task.inputs.batch(read), "labels": labels, ROWS: torch.tensor(read), WHOLE: whole}

    @override
    def get_batch_samples(self, epoch_iterator: Any, num_batches: int, device: torch.device) -> Any:
        """Return the batches of an optimizer step and how many texts they have in all processes together."""
        samples, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        return samples, torch.stack([batch.pop(WHOLE) for batch in samples]).sum().to(device)

    @override
    def training_step(self, model: nn.Module, inputs: Any, num_items_in_batch: Any = None) -> Tensor:
        """Add up gradients and losses over the processes once an optimizer step has all its batches."""
        loss: Tensor = super().training_step(model, inputs, num_items_in_batch)
        if self.accelerator.sync_gradients:
            self.task.team.add_up_gradients(self.task.model)
            self.task.team.add_up(self.step_losses[self.summed :])
            self.summed = len(self.step_losses)
        return loss

    @override
    def compute_loss(
        self, model: nn.Module, inputs: dict[str, Tensor], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Return the weighted cross entropy summed over the batch, over the texts of the whole optimizer step.

        A companion's penalty is shared among the batches of the step; the losses that are kept are without it.
        """
        labels, rows, trunk = inputs.pop("labels"), inputs.pop(ROWS), self.task.trunk
        with autocast(labels.device, self.task.dtype), trunk.serving(rows.tolist()) if trunk else nullcontext():
            outputs = model(**inputs)
        logits, weights = outputs.logits.float(), self._weights(outputs.logits)
        loss = nn.functional.cross_entropy(logits, labels, weight=weights, ignore_index=NOTHING, reduction="sum")
        loss = loss / num_items_in_batch
        self.step_losses.append(loss.detach())
        penalty = self.companion.penalty() if self.companion else None
        if penalty is not None:
            loss = loss + penalty * (labels.ne(NOTHING).sum() / num_items_in_batch)
        return (loss, outputs) if return_outputs else loss

    def _weights(self, logits: Tensor) -> Tensor | None:
        """Return (C,) weights beside the logits; a class that no training text has weighs nothing."""
        if self.weights is None:
            return None
        missing = logits.shape[1] - len(self.weights)
        return nn.functional.pad(self.weights, (0, missing)).to(logits.device)

    @override
    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        self.task.restore(self._tensors())

    @override
    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            tensors = self._tensors()
            optimizer: Any = self.optimizer
            schedule: Any = self.lr_scheduler
            optimizer.load_state_dict(tensors["optimizer"])
            schedule.load_state_dict(tensors["schedule"])
            if self.companion:
                self.companion.restore(tensors["companion"])

    @override
    def _load_rng_state(self, checkpoint: str | None) -> None:
        """Do nothing: every epoch seeds itself."""

    def _tensors(self) -> dict[str, Any]:
        return self.journal.found.tensors() if self.journal.found else {}


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
        self.losses, self.loop.step_losses, self.loop.summed = [], [], 0
        chance = [task.seed, epoch, *([] if task.team.leads else [task.team.rank])]
        torch.manual_seed(int(np.random.SeedSequence(chance).generate_state(1, np.uint64)[0] >> 1))
        self.progress.begin(epochs=task.config.epochs, steps=state.max_steps, step=state.global_step)
        self.clock.enter_context(self.loop.journal.meter.phase("train"))

    @override
    def on_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Let the method's companion act between the optimizer's step and the end of the gradients."""
        if self.loop.companion:
            self.loop.companion.after_step(state.global_step + 1)
        rows, optimizer = self.loop.task.rows, self.loop.optimizer
        if rows is not None and optimizer is not None:
            group = next(one for one in optimizer.param_groups if any(held is rows.weight for held in one["params"]))
            rows.decayed(rate=group["lr"], decay=group["weight_decay"])

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
        if len(loop.journal.history) >= loop.task.ends_after:
            control.should_training_stop = True

    def _settle(self, state: Any) -> None:
        """Read the losses since the last look; the parts of one optimizer step add up."""
        parts = torch.stack(self.loop.step_losses).tolist() if self.loop.step_losses else []
        self.loop.step_losses, self.loop.summed = [], 0
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
