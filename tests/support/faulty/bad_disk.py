"""Errors of a disk, and a clock that jumps, in the way of a process and of all that it starts.

A folder named by BAKEOFF_FAULTS holds `fault.json`: {"error": "ENOSPC", "on": "fsync", "path": "a regular expression"}.
On: open (to be written), mkdir, rename, fsync. Whatever is written is met where it is opened, put in its place or
put on disk, whichever library writes it. `hits` has a line for each error raised, `clock` makes the clock jump.

Put this folder on PYTHONPATH: Python imports `sitecustomize` as it starts.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SETTING = "BAKEOFF_FAULTS"
ON = {"open": "open", "os.mkdir": "mkdir", "os.rename": "rename"}
"""What Python tells its audit hooks -> what we call it."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
JUMP_S = 40_000_000.0
"""More than a year, there and back with every question."""

_here = threading.local()
_fsync, _time = os.fsync, time.time


def install() -> None:
    """Be in the way from now on; what of, is read each time."""
    if os.fsync is _fsync:
        sys.addaudithook(_heard)
        os.fsync = _fsynced
        if (_folder() / "clock").exists():
            turns = iter(range(10**9))
            time.time = lambda: _time() + JUMP_S * (-1) ** next(turns)


@contextmanager
def fault(folder: Path, **what: str) -> Iterator[None]:
    """Let an error happen within the block, in this process and in others with the same folder."""
    (folder / "hits").unlink(missing_ok=True)
    (folder / "fault.json").write_text(json.dumps(what), "utf-8")
    try:
        yield
    finally:
        (folder / "fault.json").unlink()


def hits(folder: Path) -> int:
    """Return how many errors the last fault came to."""
    file = folder / "hits"
    return len(file.read_text("utf-8").splitlines()) if file.exists() else 0


def _folder() -> Path:
    return Path(os.environ.get(SETTING, os.devnull))


def _heard(event: str, given: tuple[Any, ...]) -> None:
    if event not in ON or (event == "open" and not given[2] & WRITES):
        return
    for path in given[: 2 if event == "os.rename" else 1]:
        if isinstance(path, str | bytes | os.PathLike):
            _in_the_way(ON[event], os.fsdecode(path))


def _fsynced(handle: Any) -> None:
    number = handle if isinstance(handle, int) else handle.fileno()
    _in_the_way("fsync", os.fspath(Path(f"/proc/self/fd/{number}").readlink()), named=False)
    _fsync(handle)


def _in_the_way(what: str, path: str, *, named: bool = True) -> None:
    if getattr(_here, "busy", False):
        return
    _here.busy = True
    try:
        told = json.loads((_folder() / "fault.json").read_text("utf-8"))
        if what != told["on"] or not re.search(told["path"], path):
            return
        with (_folder() / "hits").open("a", encoding="utf-8") as stream:
            stream.write(f"{os.getpid()} {path}\n")
    except (OSError, ValueError):  # no fault now
        return
    finally:
        _here.busy = False
    number = getattr(errno, told["error"])
    raise OSError(number, os.strerror(number), *([path] if named else []))
