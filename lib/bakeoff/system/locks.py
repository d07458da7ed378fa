"""Who may work on what: one process per experiment, one per run, and signals that end work cleanly."""

from __future__ import annotations

import json
import logging
import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from filelock import BaseFileLock, FileLock, Timeout

from bakeoff.errors import ExperimentBusy
from bakeoff.system.atomic import named, own
from bakeoff.system.digests import bytes_of, from_json
from bakeoff.system.workspace import RunFolder, Workspace

__all__ = ["free", "report_held", "sole", "terminable"]

WAIT_S = 0.5
TOLD_S = 1.0
"""A shorter wait for somebody else's report is not worth a line."""
ENDS = "this one goes on when that has ended (Ctrl-C gives up)"

log = logging.getLogger("bakeoff")


def free(folder: RunFolder, *, wait_s: float = 0) -> bool:
    """Return whether no live process works on a run; wait that long for one to end. Writes nothing."""
    deadline = time.monotonic() + wait_s
    while not _unlocked(folder.lock):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


if sys.platform == "win32":

    def _unlocked(file: Path) -> bool:
        if not file.exists():
            return True
        try:
            with FileLock(file, timeout=0):
                return True
        except Timeout:
            return False

else:
    import fcntl

    def _unlocked(file: Path) -> bool:
        """Return whether nobody holds a lock; its file is opened to read, so that a read-only folder will do."""
        try:
            handle = os.open(file, os.O_RDONLY)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(handle)
        return True


@contextmanager
def sole(experiment: str, workspace: Workspace, *, waits: Callable[[str], object] | None = None) -> Iterator[bool]:
    """Hold the lock of an experiment, which one orchestrator at a time may have; yield whether it was waited for.

    waits: told who has it where another process does, and then that one is waited for
    Raises ExperimentBusy without it. The lock of a process that is gone is nobody's: the system lets go of it, and
    where a file system has no locks, owner and process id are looked at.
    """
    file = workspace.lock(experiment)
    file.parent.mkdir(parents=True, exist_ok=True)
    lock, waited = FileLock(file), False
    try:
        with named(file):
            lock.acquire(timeout=0)
    except Timeout:
        busy = ExperimentBusy(experiment, _holder(file))
        if waits is None:
            raise busy from None
        waits(f"{busy.what}; {ENDS}")
        lock.acquire(poll_interval=WAIT_S)
        waited = True
    try:
        with suppress(OSError):  # only told
            told = json.dumps({"host": platform.node(), "process": os.getpid()})
            own(_note(file)).write_text(told, encoding="utf-8", newline="\n")
        yield waited
    finally:
        with suppress(OSError):
            _note(file).unlink(missing_ok=True)
        lock.release()


@contextmanager
def report_held(file: Path, *, to_read: bool = False) -> Iterator[None]:
    """Hold the lock of a report, so that nobody reads what another has half written; say so where that takes a while.

    to_read: in a folder that only others write to, wait for these, and hold nothing
    """
    lock = FileLock(file)
    try:
        _acquire(lock)
    except OSError:
        if not to_read:
            raise
        while not _unlocked(file):
            time.sleep(WAIT_S)
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: BaseFileLock) -> None:
    try:
        lock.acquire(timeout=TOLD_S)
    except Timeout:
        log.warning("another process is writing this report or reading it; %s", ENDS)
        lock.acquire(poll_interval=WAIT_S)


def _note(lock: Path) -> Path:
    """Return where the holder of a lock says who it is: on Windows nobody reads a file that is locked."""
    return lock.with_name(f"{lock.name}.by")


def _holder(lock: Path) -> str:
    try:
        said = from_json(bytes_of(_note(lock)))
        return f"process {int(said['process'])} on {str(said['host'])[:60]}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


@contextmanager
def terminable(*, taken: Callable[[], bool] | None = None) -> Iterator[None]:
    """Let SIGTERM end things as cleanly as Ctrl-C does; signals belong to the main thread.

    taken: called at Ctrl-C; where it returns True there is no KeyboardInterrupt
    Windows ends a process without asking it; what it can ask with is SIGBREAK: Ctrl-Break, or a console that is closed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, _frame: FrameType | None) -> None:
        if signum != signal.SIGINT or taken is None or not taken():
            raise KeyboardInterrupt

    asking: list[int] = [signal.SIGTERM]
    if sys.platform == "win32":
        asking.append(signal.SIGBREAK)
    if taken and signal.getsignal(signal.SIGINT) == signal.default_int_handler:  # neither ignored nor somebody's own
        asking.append(signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in asking}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
