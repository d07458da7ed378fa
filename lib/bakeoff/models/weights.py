"""Which weights are trained, kept and restored."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from torch import nn

from bakeoff.models.base import Base, head_names

__all__ = ["load_tensors", "save_head", "train_only", "trainable", "used"]


WEIGHTS = "model.safetensors"
HEAD = "head.safetensors"


def used(base: Base) -> dict[str, nn.Parameter]:
    """Return the encoder's parameters by name, without those of a pooler that the head does not read."""
    idle = () if base.pooling == "pooler" else ("pooler.",)
    return {name: one for name, one in base.encoder.named_parameters() if not f"{name}.".startswith(idle)}


def train_only(base: Base, names: Iterable[str]) -> nn.Module:
    """Freeze the base model but for its head and the encoder's parameters named; return it."""
    model: nn.Module = base.model.requires_grad_(False)
    below, whole = dict(base.encoder.named_parameters()), dict(model.named_parameters())
    for parameter in (*(below[name] for name in names), *(whole[name] for name in head_names(model))):
        parameter.requires_grad_(True)
    return model


def save_head(model: nn.Module, folder: Path, *, names: list[str] | None = None) -> None:
    """Write the trainable tensors, or those named, as head.safetensors."""
    from safetensors.torch import save_file

    kept = trainable(model) if names is None else {name: dict(model.named_parameters())[name] for name in names}
    save_file({name: value.detach().cpu().contiguous() for name, value in kept.items()}, folder / HEAD)


def load_tensors(model: nn.Module, folder: Path) -> nn.Module:
    """Put the tensors of a folder over those of a model and return it in evaluation mode; ValueError for strangers."""
    from safetensors.torch import load_file

    whole = (folder / WEIGHTS).is_file()
    saved = load_file(folder / (WEIGHTS if whole else HEAD))
    report = model.load_state_dict(saved, strict=False)
    tied = {name for name in report.missing_keys if name in (getattr(model, "_tied_weights_keys", None) or ())}
    if report.unexpected_keys or (whole and set(report.missing_keys) - tied):
        raise ValueError(f"{folder}: the weights are those of another model")
    return model.eval()


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters that training may change, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
