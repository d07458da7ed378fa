"""Looks at the interpreter, the packages and the machine."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

from bakeoff.doctor.finding import Finding, bytes_spelled
from bakeoff.execution.resources import ROOM_BYTES, gpu_there, memory_there
from bakeoff.runs.fingerprint import installed
from bakeoff.system.cores import available_cores
from bakeoff.system.workspace import shipped

__all__ = ["cores", "devices", "fonts", "kernels", "memory", "packages", "python"]


OLDEST = (3, 11)
MOST_NAMED = 5
SCRIPTS = {
    "Latin": "é", "Greek": "λ", "Cyrillic": "ж", "Arabic": "ب", "Hebrew": "ב", "Devanagari": "क", "Thai": "ก",
    "Chinese": "中", "Japanese": "あ", "Korean": "한",
}  # fmt: skip


def python() -> Iterator[Finding]:
    """Look at the interpreter and where it works."""
    said = f"{platform.python_version()} in {sys.prefix}"
    if sys.version_info < OLDEST:
        yield Finding("Python", said, f"install Python {'.'.join(map(str, OLDEST))} or newer", fault=True)
    else:
        yield Finding("Python", said)


def packages() -> Iterator[Finding]:
    """Hold what is installed against what bakeoff asks for, and against the versions it was tried with."""
    from packaging.requirements import Requirement

    wanted = [Requirement(text) for text in requires("bakeoff") or ()]
    wanted = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": "train"})]
    found = {one.name: installed(one.name) for one in wanted}
    wrong = [
        f"{one} ({found[one.name] or 'not there'})"
        for one in wanted
        if not one.specifier.contains(found[one.name] or "0", prereleases=True) or found[one.name] is None
    ]
    if wrong:
        todo = f"install bakeoff again: `{Path(sys.executable).name} -m pip install --upgrade 'bakeoff[train]'`"
        yield Finding("packages", f"missing or of a version that is not fit: {', '.join(wrong)}", todo, fault=True)
        return
    lock = _lock()
    other = [f"{name} {have}, not {lock[name]}" for name, have in found.items() if have and _differs(have, lock, name)]
    if not lock:
        yield Finding("packages", f"all {len(found)} are there; this installation brings no lock to hold them against")
    elif other:
        more = f" and {len(other) - MOST_NAMED} more" if len(other) > MOST_NAMED else ""
        todo = f"for the very same numbers: `pip install --constraint {shipped('constraints.txt')} 'bakeoff[train]'`"
        yield Finding("packages", f"other than in the lock: {', '.join(other[:MOST_NAMED])}{more}", todo)
    else:
        yield Finding("packages", f"all {len(found)} are those of the lock")


def _lock() -> dict[str, str]:
    file = shipped("constraints.txt")
    lines = file.read_text(encoding="utf-8").splitlines() if file else []
    pins = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {name.lower().replace("_", "-"): version for name, version in pins}


def _differs(have: str, lock: dict[str, str], name: str) -> bool:
    """Return whether a version is another than the lock's; the build of torch (+cpu) is not part of it."""
    return name.lower() in lock and have.partition("+")[0] != lock[name.lower()]


def devices() -> Iterator[Finding]:
    """Look at the build of torch and what it computes on."""
    import torch

    from bakeoff.training.machine import device, resolve_dtype

    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else f"ROCm {torch.version.hip}"
    yield Finding("torch", f"{torch.__version__}, {build if torch.version.cuda or torch.version.hip else 'CPU only'}")
    where = device()
    dtype = resolve_dtype("auto", where)
    if where.type == "cuda":
        room = bytes_spelled(torch.cuda.get_device_properties(where).total_memory)
        yield Finding("device", f"{torch.cuda.get_device_name(where)}, {room}, {dtype}")
    elif gpu_there():
        todo = "install the build of torch for it (see the page on installing), or its driver"
        yield Finding("device", "the processor; there is a GPU that this torch cannot use", todo)
    else:
        yield Finding("device", f"the processor, {dtype}")


def cores() -> Iterator[Finding]:
    """Count what runs share."""
    yield Finding("cores", f"{available_cores()} for runs, {os.cpu_count()} logical")


def memory() -> Iterator[Finding]:
    """Look at the memory that is free, against what a run is given."""
    import psutil

    free, whole = min(psutil.virtual_memory().available, memory_there()), memory_there()
    said = f"{bytes_spelled(free)} free of {bytes_spelled(whole)}"
    if free < ROOM_BYTES:
        todo = "close other programs, or take a smaller model or batch_size, and --jobs 1"
        yield Finding("memory", f"{said}; a run may take {bytes_spelled(ROOM_BYTES)}", todo)
    else:
        yield Finding("memory", said)


def fonts() -> Iterator[Finding]:
    """Look for fonts of the scripts that texts may be in."""
    from bakeoff.report.pages.fonts import fallback, said_of

    unshown = {name: sign for name, sign in SCRIPTS.items() if fallback([sign]).unshown}
    shown = ", ".join(name for name in SCRIPTS if name not in unshown)
    if unshown:
        todo = f"for reports on such texts: {said_of(''.join(sorted(unshown.values())))}"
        yield Finding("fonts", f"{shown}; none for {', '.join(unshown)}", todo)
    else:
        yield Finding("fonts", shown)


def kernels() -> Iterator[Finding]:
    """Execute a notebook of one cell, as a run does."""
    import time

    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    from bakeoff.execution.kernels import Execution

    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        nbformat.write(new_notebook(cells=[new_code_cell("import bakeoff")]), root / "one.ipynb")
        began = time.monotonic()
        execution = Execution(root / "one.ipynb", root / "out.ipynb", {}, root=root, log=root / "log.txt")
        execution.start()
        while not execution.wait(1.0):
            if time.monotonic() - began > 120:  # noqa: PLR2004  seconds
                execution.kill()
        seconds, failure = time.monotonic() - began, execution.failure
    if failure:
        todo = f"`{Path(sys.executable).name} -m pip install --force-reinstall ipykernel papermill`"
        yield Finding(
            "kernels", f"a notebook could not be executed: {failure.type}: {failure.message}", todo, fault=True
        )
    else:
        yield Finding("kernels", f"a notebook is executed in {seconds:.1f} s")
