"""The machine that trains: device, threads, number format, and what a record says of it."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from bakeoff.runs.fingerprint import installed
from bakeoff.system.cores import KERNEL_START, available_cores, runs_at_a_time
from bakeoff.system.workspace import CHECKOUT, shipped

__all__ = ["autocast", "conditions", "cpu_flags", "device", "environment", "processor_of", "resolve_dtype", "set_up"]


BFLOAT16_FLAGS = frozenset({"amx_bf16", "avx512_bf16", "bf16"})  # AMX and AVX-512 on x86, BF16 on Arm
CPUINFO = Path("/proc/cpuinfo")
LINUX_NAMES = {"avx512_f": "avx512f", "fma3": "fma", "neon": "asimd"}
"""What torch calls instruction sets -> what Linux calls them, and records."""
THREADS_VARIABLE = "OMP_NUM_THREADS"


def device() -> torch.device:
    """Return the first CUDA (or ROCm) device, else the CPU."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


@lru_cache
def cpu_flags() -> frozenset[str]:
    """Return the instruction sets the first processor names, empty where the system does not say."""
    try:
        text = CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:  # macOS and Windows
        known = torch.cpu.get_capabilities()
        return frozenset(LINUX_NAMES.get(name, name) for name, value in known.items() if value is True)
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


def set_up(threads: int | None = None, *, processes: int = 1) -> int:
    """Fix the number of threads and ask for deterministic algorithms; return the threads.

    threads: what the experiment says; else OMP_NUM_THREADS decides where it is set, else there is one per core;
    processes: how many train together, and share the cores
    """
    asked = os.environ.get(THREADS_VARIABLE, "")
    if threads is None:
        threads = int(asked) if asked.isdecimal() and int(asked) else max(1, available_cores() // processes)
    torch.set_num_threads(threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # On a GPU some operations have no deterministic form; a warning says which, and the run goes on.
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    # Filling memory that is overwritten anyway costs time; no operation here reads it before.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return threads


PACKAGES = (
    "accelerate",
    "bakeoff",
    "datasets",
    "evaluate",
    "numpy",
    "pandas",
    "papermill",
    "peft",
    "safetensors",
    "scikit-learn",
    "scipy",
    "tokenizers",
    "torch",
    "transformers",
)
NOTABLE_FLAGS = ("amx_bf16", "asimd", "avx2", "avx512_bf16", "avx512_vnni", "avx512f", "bf16", "f16c", "fma", "sve")


def environment() -> dict[str, Any]:
    """Describe this process's interpreter, libraries, machine and checkout; what cannot be known is None."""
    return {
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "packages": {name: installed(name) for name in PACKAGES},
        "lock_sha256": _lock_sha256(),
        "cpu_model": _cpu_model(),
        "cpu_flags": sorted(cpu_flags().intersection(NOTABLE_FLAGS)),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "cores": available_cores(),
        "logical_cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "runs_at_a_time": runs_at_a_time(),
        "kernel_start": os.environ.get(KERNEL_START, "cold"),
        "memory_bytes": _memory_bytes(),
        "load_average": _load_average(),
        **_device(),
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "deterministic_warn_only": torch.is_deterministic_algorithms_warn_only_enabled(),
        **_commit(),
    }


def conditions() -> dict[str, Any]:
    """Return what of `environment` the last bits and the cost of a forward pass depend on."""
    where = device()
    return {
        "cpu_model": _cpu_model(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "runs_at_a_time": runs_at_a_time(),
        "kernel_start": os.environ.get(KERNEL_START, "cold"),
        "device": torch.cuda.get_device_name(where) if where.type == "cuda" else where.type,
    }


def processor_of(where: torch.device) -> str:
    """Return what computes there: the name of a GPU, or which instructions of the processor torch uses."""
    return torch.cuda.get_device_name(where) if where.type == "cuda" else torch.backends.cpu.get_cpu_capability()


def _device() -> dict[str, Any]:
    where = device()
    if where.type == "cpu":
        return {"device": "cpu", "device_name": None, "driver": None, "cuda": None}
    driver = _output("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
    return {
        "device": where.type,
        "device_name": torch.cuda.get_device_name(where),
        "driver": driver.splitlines()[0] if driver else None,
        "cuda": torch.version.cuda or torch.version.hip,
    }


def _cpu_model() -> str | None:
    try:
        text = CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:  # macOS and Windows
        return str(torch.cpu.get_capabilities().get("cpu_name") or platform.processor()) or None
    names = [found.group(1).strip() for found in re.finditer(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)]
    return names[0] if names else platform.processor() or None


def _memory_bytes() -> int | None:
    import psutil

    return int(psutil.virtual_memory().total)


def _load_average() -> list[float] | None:
    return list(os.getloadavg()) if hasattr(os, "getloadavg") else None


def _lock_sha256() -> str | None:
    file = shipped("constraints.txt")
    return hashlib.sha256(file.read_bytes()).hexdigest() if file else None


def _commit() -> dict[str, Any]:
    """Return the checkout's commit and whether tracked files differ from it; None outside a checkout."""
    commit = _output("git", "-C", str(CHECKOUT), "rev-parse", "HEAD") if (CHECKOUT / ".git").exists() else None
    if commit is None:
        return {"commit": None, "dirty": None}
    changes = _output("git", "-C", str(CHECKOUT), "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "dirty": None if changes is None else bool(changes)}


def _output(*command: str) -> str | None:
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
