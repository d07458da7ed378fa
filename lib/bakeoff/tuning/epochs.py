"""What is on disk after each epoch: a line of metrics and a checkpoint that agree.

Imported by `fit`.
"""

from __future__ import annotations

import os
from typing import Any

from bakeoff.atomic import atomic_path
from bakeoff.record import Epoch
from bakeoff.tuning.checkpoint import Checkpoint, trainable, write_checkpoint
from bakeoff.tuning.cost import TRAIN, Meter
from bakeoff.workspace import RunFolder

__all__ = ["Journal"]


class Journal:
    """The history of a run, in memory and on disk.

    found: the checkpoint the run goes on from; its history replaces whatever the file says, because the two part
    when a run is killed between writing one and the other
    """

    def __init__(self, folder: RunFolder, *, context: dict[str, Any], meter: Meter, found: Checkpoint | None) -> None:
        self.folder, self.context, self.meter, self.found = folder, context, meter, found
        state = found.state if found else {"history": [], "losses": {}}
        self.history = [Epoch.model_validate(epoch) for epoch in state["history"]]
        self.losses: dict[str, float] = dict(state["losses"])
        if found:
            meter.restore(found.state["meter"])
        with atomic_path(folder.epochs) as scratch:
            scratch.write_text("".join(_line(epoch) for epoch in self.history), encoding="utf-8")

    def write(self, loop: Any, *, train_loss: float, validation: dict[str, float]) -> None:
        """Put the epoch that has just ended on disk, the metrics first, and wait until they are there."""
        epoch = Epoch(
            epoch=len(self.history) + 1,
            step=loop.state.global_step,
            train_loss=train_loss,
            validation_loss=validation.get("log_loss"),
            validation=validation,
            elapsed_s=self.meter.spent(*TRAIN) or 0.0,
        )
        self.history.append(epoch)
        with self.folder.epochs.open("a", encoding="utf-8") as stream:
            stream.write(_line(epoch))
            stream.flush()
            os.fsync(stream.fileno())
        tensors = {
            "weights": {name: value.detach() for name, value in trainable(loop.model).items()},
            "optimizer": loop.optimizer.state_dict(),
            "schedule": loop.lr_scheduler.state_dict(),
            "companion": loop.companion.state() if loop.companion else {},
        }
        state = {
            "context": self.context,
            "losses": self.losses,
            "meter": self.meter.state(),
            "history": [epoch.model_dump() for epoch in self.history],
        }
        write_checkpoint(
            self.folder.checkpoint, epoch=epoch.epoch, tensors=tensors, state=state, also=loop.state.save_to_json
        )


def _line(epoch: Epoch) -> str:
    return epoch.model_dump_json() + "\n"
