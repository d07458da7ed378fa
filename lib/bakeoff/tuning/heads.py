"""Keeps and restores models of which only some tensors are worth keeping.

Imported by the functions of method files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from bakeoff.tuning.checkpoint import trainable

__all__ = ["load_tensors", "save_head"]

WEIGHTS = "model.safetensors"
HEAD = "head.safetensors"


def save_head(model: nn.Module, folder: Path, *, names: list[str] | None = None) -> None:
    """Write the trainable tensors, or those named, as head.safetensors."""
    from safetensors.torch import save_file

    kept = trainable(model) if names is None else {name: dict(model.named_parameters())[name] for name in names}
    save_file({name: value.detach().cpu().contiguous() for name, value in kept.items()}, folder / HEAD)


def load_tensors(model: Any, folder: Path) -> Any:
    """Put the tensors of a folder over those of a model and return it in evaluation mode; ValueError for strangers."""
    from safetensors.torch import load_file

    whole = (folder / WEIGHTS).is_file()
    saved = load_file(folder / (WEIGHTS if whole else HEAD))
    report = model.load_state_dict(saved, strict=False)
    tied = {name for name in report.missing_keys if name in (getattr(model, "_tied_weights_keys", None) or ())}
    if report.unexpected_keys or (whole and set(report.missing_keys) - tied):
        raise ValueError(f"{folder}: the weights are those of another model")
    return model.eval()
