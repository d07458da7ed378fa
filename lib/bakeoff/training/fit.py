"""The one fit loop: transformers' Trainer, the same for every trained method.

It sees a model, tokenised texts and numbers, and never asks which method it runs. The state after the last epoch
counts: the validation set chooses among sweeps, not among epochs.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from transformers import TrainingArguments

from bakeoff.models.hashing import arrays_sha256
from bakeoff.runs.record import Epoch
from bakeoff.system.workspace import RunFolder
from bakeoff.training.checkpoint import Checkpoint, Journal, latest
from bakeoff.training.cost import Meter
from bakeoff.training.progress import OnProgress, Progress
from bakeoff.training.reading.batches import Vectors
from bakeoff.training.trainer import Loop, Task, Watcher

__all__ = ["Fitted", "fit"]


SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}


@dataclass(frozen=True)
class Fitted:
    """What the loop did; tokens and order are those of all epochs, whichever attempt trained them.

    tokens_*: that the encoder read; a frozen one reads each text once
    losses: "1", "10" and "last" -> training loss at that step
    """

    history: tuple[Epoch, ...]
    losses: dict[str, float]
    steps: int
    samples_seen: int
    tokens_real: int
    tokens_padded: int
    batch_order_sha256: str
    resumed_from_epoch: int | None


def fit(task: Task, folder: RunFolder, *, meter: Meter, on_progress: OnProgress | None, show_bar: bool) -> Fitted:
    """Train `task.model` in place, going on from the last whole epoch on disk; raises Diverged.

    The learning rate follows the schedule of all epochs wherever the training stops.
    """
    team = task.team
    team.agree(task.context)
    found = team.gathered(latest(folder, context=task.context) if team.leads else None)[0]
    journal = Journal(folder, context=task.context, meter=meter, found=found, team=team)
    if found is not None and found.epoch >= task.ends_after:
        task.restore(found.tensors())
    else:
        _train(task, folder, journal, Progress(on_progress, show_bar=show_bar))
    return _summary(task, journal, found)


def _train(task: Task, folder: RunFolder, journal: Journal, progress: Progress) -> None:
    loop = Loop(task, journal, _arguments(task, folder))
    watcher = Watcher(loop, progress)
    loop.add_callback(watcher)
    with watcher:
        loop.train(resume_from_checkpoint=str(journal.found.folder) if journal.found else None)
    task.model.zero_grad(set_to_none=True)


def _arguments(task: Task, folder: RunFolder) -> TrainingArguments:
    config = task.config
    arguments = TrainingArguments(
        output_dir=str(folder.checkpoint),
        num_train_epochs=config.epochs,
        seed=task.seed,
        per_device_train_batch_size=config.batch_size,
        gradient_accumulation_steps=config.gradient_accumulation,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        warmup_steps=config.warmup_share,
        lr_scheduler_type=SCHEDULES[config.schedule],
        optim="adamw_torch_fused",
        use_cpu=not torch.cuda.is_available(),
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        save_strategy="no",
        eval_strategy="no",
        logging_strategy="no",
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
        average_tokens_across_devices=False,
    )
    # More than one GPU would make the Trainer split batches over all of them, which changes results and measurements;
    # it offers no other switch.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments


def _summary(task: Task, journal: Journal, found: Checkpoint | None) -> Fitted:
    """Add up the epochs; batches are recomputed, which costs nothing and holds for resumed runs."""
    epochs, lengths = len(journal.history), task.inputs.lengths
    order = [batch for epoch in range(epochs) for batch in task.order(epoch)]
    if isinstance(task.inputs, Vectors):
        real, padded = int(lengths.sum()), task.inputs.padded
    else:
        read = [lengths[part] for batch in order for part in task.team.parts(batch)]
        real, padded = int(lengths.sum()) * epochs, sum(int(one.max()) * len(one) for one in read)
    return Fitted(
        history=tuple(journal.history),
        losses=dict(journal.losses),
        steps=journal.history[-1].step,
        samples_seen=epochs * len(task.inputs),
        tokens_real=real,
        tokens_padded=padded,
        batch_order_sha256=arrays_sha256(order),
        resumed_from_epoch=found.epoch if found else None,
    )
