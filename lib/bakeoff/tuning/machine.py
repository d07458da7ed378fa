"""The device, its number formats and the switches that make it repeat itself.

Imported by `trainee`, `fit`, `predict` and `environment`.
"""

from __future__ import annotations

import os
import re
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path

import torch

from bakeoff.threads import available_cores

__all__ = ["autocast", "cpu_flags", "device", "resolve_dtype", "set_up"]

BFLOAT16_FLAGS = frozenset({"amx_bf16", "avx512_bf16", "bf16"})  # AMX and AVX-512 on x86, BF16 on Arm
THREADS_VARIABLE = "OMP_NUM_THREADS"


def device() -> torch.device:
    """Return the first CUDA (or ROCm) device, else the CPU."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


@lru_cache
def cpu_flags() -> frozenset[str]:
    """Return the instruction sets the first processor names, empty where the system does not say."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    found = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", text, re.MULTILINE)
    return frozenset(found.group(1).split()) if found else frozenset()


def resolve_dtype(asked: str, where: torch.device) -> str:
    """Return "bfloat16" or "float32"; "auto" takes bfloat16 where the device computes in it natively."""
    if asked != "auto":
        return asked
    native = torch.cuda.is_bf16_supported() if where.type == "cuda" else bool(BFLOAT16_FLAGS & cpu_flags())
    return "bfloat16" if native else "float32"


def autocast(where: torch.device, dtype: str) -> AbstractContextManager[object]:
    """Return the context every forward pass runs in, in training and prediction alike."""
    return torch.autocast(where.type, dtype=torch.bfloat16, enabled=dtype == "bfloat16")


def set_up(threads: int | None = None) -> int:
    """Fix the number of threads and ask for deterministic algorithms; return the threads.

    threads: what the experiment says; else OMP_NUM_THREADS decides where it is set, else there is one per core
    """
    asked = os.environ.get(THREADS_VARIABLE, "")
    if threads is None:
        threads = int(asked) if asked.isdecimal() and int(asked) else available_cores()
    torch.set_num_threads(threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # On a GPU some operations have no deterministic form; a warning says which, and the run goes on.
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    # Filling memory that is overwritten anyway costs time; no operation here reads it before.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return threads
