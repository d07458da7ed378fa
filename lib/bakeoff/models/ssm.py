"""What computes the layers of a state-space model on this machine: kernels where there are any, else the best else."""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any

import torch

__all__ = ["choose_mixer", "has_kernels", "mixer_of"]


def choose_mixer(config: Any) -> None:
    """Let Mamba-1 scan in parallel (mamba.py) rather than token by token, in place; others need no choice.

    Kernels, where installed, are used before either.
    """
    if hasattr(config, "use_mambapy"):
        config.use_mambapy = importlib.util.find_spec("mambapy") is not None


def mixer_of(encoder: Any, device: torch.device) -> str | None:
    """Name what computes an encoder's state-space layers on a device; None where it has none.

    Mamba-1 (Gu and Dao, 2023) is a scan over tokens; Mamba-2 (Dao and Gu, 2024, section 6) is computed in chunks.
    """
    config = encoder.config
    chunked = "mamba" in config.model_type and hasattr(config, "chunk_size")
    if not (chunked or hasattr(config, "use_mambapy")):
        return None
    if device.type == "cuda" and has_kernels():
        return "mamba-ssm kernels"
    if chunked:
        return "chunked PyTorch"
    return "mambapy parallel scan" if config.use_mambapy else "sequential PyTorch"


@cache
def has_kernels() -> bool:
    """Return whether mamba-ssm can be imported: a build for another CUDA is installed and of no use."""
    try:
        importlib.import_module("mamba_ssm")
    except Exception:  # noqa: BLE001 - transformers, too, falls back whatever the failure
        return False
    return True
