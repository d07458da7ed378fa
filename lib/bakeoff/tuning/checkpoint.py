"""Resumable state on disk after every epoch, whole or not there at all.

`checkpoint/epoch-<n>/` is written under another name, synced, then renamed; the one before it goes only afterwards.
Imported by `fit`, `epochs` and `heads`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bakeoff.atomic import fsync

__all__ = ["Checkpoint", "latest", "restore_weights", "trainable", "write_checkpoint"]

NAME = re.compile(r"epoch-(\d+)")
TENSORS = "tensors.pt"
STATE = "state.json"
TRAINER_STATE = "trainer_state.json"  # where the Trainer looks when it resumes


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


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters that training may change, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


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
    torch.save(tensors, scratch / TENSORS)
    (scratch / STATE).write_text(json.dumps({"epoch": epoch, **state}), encoding="utf-8")
    also(str(scratch / TRAINER_STATE))
    for path in (*scratch.iterdir(), scratch):
        fsync(path)
    target = place / f"epoch-{epoch}"
    shutil.rmtree(target, ignore_errors=True)
    scratch.rename(target)
    fsync(place)
    for path in place.iterdir():
        if path != target:
            shutil.rmtree(path, ignore_errors=True)
    return target


def latest(place: Path, *, context: dict[str, Any]) -> Checkpoint | None:
    """Return the last whole epoch's state, or None where there is none that was made under the same conditions.

    context: what must agree for the continuation to be the same run to the last bit
    """
    epochs = {int(found.group(1)): path for path in _entries(place) if (found := NAME.fullmatch(path.name))}
    if not epochs:
        return None
    folder = epochs[max(epochs)]
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(state, dict) or state.get("context") != context or not (folder / TENSORS).is_file():
        return None
    return Checkpoint(folder, max(epochs), state)


def _entries(place: Path) -> list[Path]:
    return list(place.iterdir()) if place.is_dir() else []
