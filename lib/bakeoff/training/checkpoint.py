"""What a killed training goes on from: the last whole epoch, and the journal of epochs."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bakeoff.models.weights import trainable
from bakeoff.runs.record import Epoch
from bakeoff.system.atomic import atomic_path, fsync, named, own, replace_folder
from bakeoff.system.digests import bytes_of, canonical_sha256, from_json, sha256_of
from bakeoff.system.workspace import RunFolder
from bakeoff.training.cost import TRAIN, Meter, combined
from bakeoff.training.together.team import ALONE, Team

__all__ = ["Checkpoint", "Journal", "latest", "restore_weights", "write_checkpoint"]


NAME = re.compile(r"epoch-(\d+)")
TENSORS = "tensors.pt"
STATE = "state.json"
TRAINER_STATE = "trainer_state.json"  # where the Trainer looks when it resumes
SEAL = "sha256"  # of the rest of the state, which holds the hashes of the other files


@dataclass(frozen=True)
class Checkpoint:
    """A whole epoch's state. state: what `write_checkpoint` was given, plus "epoch"."""

    folder: Path
    epoch: int
    state: dict[str, Any]

    def tensors(self) -> dict[str, Any]:
        """Read the tensors; only plain tensors and numbers are unpickled."""
        loaded: dict[str, Any] = torch.load(self.folder / TENSORS, map_location="cpu", weights_only=True)
        return loaded


def restore_weights(model: nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Put saved values into the trainable parameters, all of them."""
    targets = trainable(model)
    if targets.keys() != weights.keys():
        raise ValueError("the checkpoint holds other parameters than the model trains")
    with torch.no_grad():
        for name, parameter in targets.items():
            parameter.copy_(weights[name])


def write_checkpoint(
    place: Path, *, epoch: int, tensors: dict[str, Any], state: dict[str, Any], also: Callable[[str], None]
) -> Path:
    """Write an epoch's state below `place` and then remove older ones; return its folder.

    also: writes the Trainer's own state to the path it is given
    """
    scratch = place / f".writing-epoch-{epoch}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    with named(scratch / TENSORS, ask=True):
        torch.save(tensors, scratch / TENSORS)
    with named(scratch / TRAINER_STATE):
        also(str(scratch / TRAINER_STATE))
    whole = {"epoch": epoch, **state, "files": {name: sha256_of(scratch / name) for name in (TENSORS, TRAINER_STATE)}}
    # Hashed as it will be read: JSON knows neither tuples nor numbers as keys.
    sealed = canonical_sha256(json.loads(json.dumps(whole)))
    with named(scratch / STATE):
        (scratch / STATE).write_text(json.dumps({**whole, SEAL: sealed}), encoding="utf-8", newline="\n")
    for path in (*scratch.iterdir(), scratch):
        fsync(path)
    target = place / f"epoch-{epoch}"
    replace_folder(scratch, target)
    fsync(place)
    for path in place.iterdir():
        if path != target:
            shutil.rmtree(path, ignore_errors=True)
    return target


def latest(folder: RunFolder, *, context: dict[str, Any]) -> Checkpoint | None:
    """Return the last whole epoch's state, or None where there is none that was made under the same conditions.

    context: what must agree for the continuation to be the same run to the last bit
    A checkpoint that is not as it was written is not gone on from: the run starts over, and its log says why. A file in
    the folder's place is removed.
    """
    place = folder.checkpoint
    if place.is_file():
        place.unlink()
    epochs = {int(found.group(1)): path for path in place.glob("*") if (found := NAME.fullmatch(path.name))}
    if not epochs:
        return None
    epoch = max(epochs)
    try:
        return Checkpoint(epochs[epoch], epoch, _sealed_state(epochs[epoch], context))
    except (OSError, ValueError) as error:
        with own(folder.log).open("a", encoding="utf-8", newline="\n") as log:
            log.write(f"starts over instead of going on after epoch {epoch}: {error}\n")
        return None


def _sealed_state(folder: Path, context: dict[str, Any]) -> dict[str, Any]:
    """Return a checkpoint's state; raises ValueError or OSError where anything is not as it was written."""
    text = bytes_of(folder / STATE).decode("utf-8")
    state: dict[str, Any] = from_json(text)
    # The text counts, not only what it means: a flipped last digit can still name the same float.
    as_written = isinstance(state, dict) and json.dumps(state) == text
    if not as_written or state.pop(SEAL, None) != canonical_sha256(state):
        raise ValueError(f"{STATE} is not as it was written")
    if changed := [name for name, digest in state["files"].items() if sha256_of(folder / name) != digest]:
        raise ValueError(f"{' and '.join(changed)} not as it was written")
    if state["context"] != context:
        other = [name for name, value in state["context"].items() if context.get(name) != value]
        raise ValueError(f"it was made with another {' and '.join(other) or 'setting'}")
    return state


class Journal:
    """The history of a run, in memory and on disk.

    found: the checkpoint the run goes on from; its history replaces whatever the file says, because the two part
    when a run is killed between writing one and the other; team: the processes that train together, of which one writes
    """

    def __init__(
        self, folder: RunFolder, *, context: dict[str, Any], meter: Meter, found: Checkpoint | None, team: Team = ALONE
    ) -> None:
        self.folder, self.context, self.meter, self.found, self.team = folder, context, meter, found, team
        state = found.state if found else {"history": [], "losses": {}}
        self.history = [Epoch.model_validate(epoch) for epoch in state["history"]]
        self.losses: dict[str, float] = dict(state["losses"])
        if not team.leads:
            return
        if found:
            meter.restore(found.state["meter"])
        with atomic_path(folder.epochs) as scratch:
            whole = "".join(_line(epoch) for epoch in self.history)
            scratch.write_text(whole, encoding="utf-8", newline="\n")

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
        meter = combined(self.team.gathered(self.meter.state()))
        if not self.team.leads:
            return
        with named(self.folder.epochs), own(self.folder.epochs).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(_line(epoch))
            stream.flush()
            os.fsync(stream.fileno())
        tensors = {
            "weights": {name: value.detach() for name, value in trainable(loop.model).items()},
            "optimizer": loop.optimizer.state_dict(),
            "schedule": loop.lr_scheduler.state_dict(),
            "companion": loop.companion.state() if loop.companion else {},
            "factors": loop.task.rows.factors if loop.task.rows else [],
        }
        state = {
            "context": self.context,
            "losses": self.losses,
            "meter": meter,
            "history": [epoch.model_dump() for epoch in self.history],
        }
        write_checkpoint(
            self.folder.checkpoint, epoch=epoch.epoch, tensors=tensors, state=state, also=loop.state.save_to_json
        )


def _line(epoch: Epoch) -> str:
    return epoch.model_dump_json() + "\n"
