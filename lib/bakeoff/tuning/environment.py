"""What a run ran on.

Imported by notebooks through `bakeoff.notebook`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from bakeoff.threads import available_cores, runs_at_a_time
from bakeoff.tuning.machine import cpu_flags, device

__all__ = ["environment"]

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
CHECKOUT = Path(__file__).resolve().parents[3]


def environment() -> dict[str, Any]:
    """Describe this process's interpreter, libraries, machine and checkout; what cannot be known is None."""
    return {
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "packages": {name: _version(name) for name in PACKAGES},
        "lock_sha256": _lock_sha256(),
        "cpu_model": _cpu_model(),
        "cpu_flags": sorted(cpu_flags().intersection(NOTABLE_FLAGS)),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "cores": available_cores(),
        "logical_cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "runs_at_a_time": runs_at_a_time(),
        "memory_bytes": _memory_bytes(),
        "load_average": _load_average(),
        **_device(),
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "deterministic_warn_only": torch.is_deterministic_algorithms_warn_only_enabled(),
        **_commit(),
    }


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


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
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or None
    names = [found.group(1).strip() for found in re.finditer(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)]
    return names[0] if names else platform.processor() or None


def _memory_bytes() -> int | None:
    import psutil

    return int(psutil.virtual_memory().total)


def _load_average() -> list[float] | None:
    return list(os.getloadavg()) if hasattr(os, "getloadavg") else None


def _lock_sha256() -> str | None:
    file = CHECKOUT / "constraints.txt"
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


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
