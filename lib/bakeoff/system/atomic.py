"""Files and folders that appear whole or not at all; their modes; a disk's errors in words."""

from __future__ import annotations

import ast
import errno
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = [
    "TROUBLE",
    "atomic_path",
    "fsync",
    "in_words",
    "named",
    "of_system",
    "own",
    "replace",
    "replace_folder",
    "scratch_folder",
    "usual_modes",
]


RETRIES_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Waits between attempts at a place that another program has open, which Windows refuses to replace meanwhile."""
OF_SYSTEM = re.compile(r"\[Errno (\d+)\] (.+?): (?:['\"].+['\"] -> )?(['\"].+['\"])")
"""A system's error as Python prints it; of a file that was to be moved, where to counts."""
SAID = re.compile(r"(?:\[errno |os error )(\d+)", re.IGNORECASE)
"""How libraries in C++ and Rust spell the number of a system's error in their own."""
ASKED_BYTES = 64 * 1024
_GOES_ON = "then the same command goes on"
_PLACE = "name another place for reports by BAKEOFF_REPORTS"
_NO_RIGHT = ("this user may not read or write", f"change the rights there, or {_PLACE}")
TROUBLE = {
    errno.ENOSPC: ("the disk is full", f"make room there, {_GOES_ON}"),
    getattr(errno, "EDQUOT", -1): ("the quota is used up", f"remove files or ask for more, {_GOES_ON}"),
    errno.EROFS: ("the file system is read-only", f"let it be written to, or {_PLACE}"),
    errno.EIO: ("the disk reports an error", f"look at the disk, {_GOES_ON}"),
    errno.ENOLCK: ("the file system has no locks", f"mount it with locks, or {_PLACE}"),
    errno.EFBIG: ("a file may not grow so large here", f"raise that limit (`ulimit -f`, or of the disk), {_GOES_ON}"),
    errno.EMFILE: ("too many files are open", f"raise that limit (`ulimit -n`), {_GOES_ON}"),
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
}
"""Number of a system's error -> what is wrong, said first, and what is needed."""
SCRATCH = "bakeoff-scratch-"
HELD = ".held"
"""Locked in a scratch folder as long as its process lives."""
SCRATCH_S = 3600.0
"""Younger ones are left alone: their process may be about to lock them."""
_BY_TMPDIR = "name another place for temporary files by TMPDIR"


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target` that takes its place, on disk, when the block ends without an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=target.suffix)
    os.close(handle)
    scratch = Path(name)
    try:
        with named(target):
            yield scratch
        fsync(scratch)
        scratch.chmod(0o666 & ~_umask())
        replace(scratch, target)
        fsync(target.parent)
    finally:
        scratch.unlink(missing_ok=True)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder for a while, where this system keeps what is temporary; a disk's errors name that place."""
    try:
        place = Path(tempfile.gettempdir())
    except FileNotFoundError as error:
        raise OSError(error.errno, f"no usual place lets anything be written; {_BY_TMPDIR}", "TMPDIR") from None
    _sweep_scratch(place)
    made = tempfile.TemporaryDirectory(prefix=SCRATCH, dir=place, ignore_cleanup_errors=True)
    with named(place), made as folder, _held(Path(folder)):
        yield Path(folder)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep others from removing a scratch folder; where a file system has no locks, nobody will take it for left."""
    lock = FileLock(folder / HELD)
    try:
        lock.acquire(timeout=0)
    except (OSError, NotImplementedError):
        (folder / HELD).unlink(missing_ok=True)
    try:
        yield
    finally:
        lock.release()


def _sweep_scratch(place: Path) -> None:
    """Remove this user's scratch folders of processes that were killed, which nobody holds any more."""
    for folder in place.glob(f"{SCRATCH}*"):
        with suppress(OSError, Timeout):
            facts = folder.lstat()
            mine = stat.S_ISDIR(facts.st_mode) and (sys.platform == "win32" or facts.st_uid == os.getuid())
            if mine and time.time() - facts.st_mtime > SCRATCH_S and (folder / HELD).is_file():
                with FileLock(folder / HELD, timeout=0):
                    pass
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def named(place: Path, *, ask: bool = False) -> Iterator[None]:
    """Give a system's error that knows no file the name of the place that is written to.

    ask: what a library says of a failure may hold no number, so the disk is asked whether it takes anything
    """
    try:
        yield
    except OSError as error:
        number = error.errno or _said(error)
        if error.filename is not None or number is None:
            raise
        raise OSError(number, os.strerror(number), str(place)) from error
    except Exception as error:
        number = (_said(error) or _asked(place)) if ask else None
        if number is None:
            raise
        raise OSError(number, os.strerror(number), str(place)) from error


def _said(error: Exception) -> int | None:
    found = SAID.search(str(error))
    return int(found[1]) if found else None


def _asked(place: Path) -> int | None:
    """Return the number of the error with which a file of some size cannot be written, None where it can."""
    try:
        with tempfile.TemporaryFile(dir=place.parent) as file:
            file.write(bytes(ASKED_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.errno
    return None


def in_words(number: int | None, reason: str, file: str) -> str:
    """Say what is wrong with a file, which it is and what is needed, in one line.

    number, reason: of the system's error; one that says more than the system does is left as it is
    """
    known = TROUBLE.get(number or 0)
    if known is None or reason != os.strerror(number or 0):
        return f"{file}: {reason}"
    wrong, needed = known
    if _for_scratch(Path(file)):
        needed = f"mend that, or {_BY_TMPDIR}"
    return f"{wrong}: {file} ({reason}); {needed}"


def _for_scratch(file: Path) -> bool:
    """Return whether a file is one of `scratch_folder`, or the place of all of them."""
    place = Path(tempfile.tempdir) if tempfile.tempdir else None
    return place is not None and (file == place or str(file).startswith(str(place / SCRATCH)))


def of_system(message: str) -> tuple[int, str, str] | None:
    """Return number, reason and file of a system's error, from its message; None for one that names no file."""
    found = OF_SYSTEM.fullmatch(message)
    if found is None:
        return None
    try:
        return int(found[1]), found[2], str(ast.literal_eval(found[3]))
    except (SyntaxError, ValueError):
        return int(found[1]), found[2], found[3][1:-1]


def own(file: Path) -> Path:
    """Return a file that is written to where it stands, without the link that may be in its place.

    In a folder that came from others it would lead what is written into a file elsewhere; and a file that has other
    names, as snapshots by `cp -al` give it, would change under those as well.
    """
    if file.is_symlink():
        file.unlink()
    elif file.is_file() and file.stat().st_nlink > 1:
        with atomic_path(file) as scratch:
            shutil.copyfile(file, scratch)
    return file


def fsync(path: Path) -> None:
    """Put a file, or a folder's list of names, on disk."""
    with named(path):
        if path.is_dir():
            with suppress(PermissionError):  # Windows opens no folder, and keeps its names by itself
                _fsync(os.open(path, os.O_RDONLY))
        else:
            _fsync(os.open(path, os.O_RDWR))  # Windows refuses a handle that cannot be written to


def replace(source: Path, target: Path) -> None:
    """Move a file, or a folder to where none is, and wait for a program that has the place open on Windows."""
    for seconds in (*RETRIES_S, None):
        try:
            source.replace(target)
        except PermissionError as error:
            if sys.platform != "win32":
                raise
            if seconds is None:
                reason = "another program may have it open: close it there and do this again"
                raise PermissionError(error.errno, reason, str(target)) from error
            time.sleep(seconds)
        else:
            return


def replace_folder(source: Path, target: Path) -> None:
    """Put a folder in the place of another, which is moved aside first: Windows removes nothing that is in use."""
    if target.exists():
        aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.")) / "old"
        replace(target, aside)
        replace(source, target)
        shutil.rmtree(aside.parent, ignore_errors=True)
    else:
        replace(source, target)


def _fsync(handle: int) -> None:
    try:
        if sys.platform == "darwin":
            import fcntl

            with suppress(OSError):  # a file system that does not know it
                fcntl.fcntl(handle, fcntl.F_FULLFSYNC)  # fsync(2) of macOS leaves the data in the disk's own memory
                return
        os.fsync(handle)
    finally:
        os.close(handle)


def usual_modes(folder: Path) -> None:
    """Give a folder and all in it the modes that the umask leaves to new ones; other bits stay.

    safetensors 0.8 and temporary folders keep what they write from everybody but the owner.
    """
    mask = _umask()
    for path in (folder, *folder.rglob("*")):
        usual = (0o777 if path.is_dir() else 0o666) & ~mask
        path.chmod(path.stat().st_mode & 0o7000 | usual)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
