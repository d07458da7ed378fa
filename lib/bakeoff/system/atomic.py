"""Files that appear whole or not at all, whatever happens while they are written; their modes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["atomic_path", "fsync", "usual_modes"]


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target` that takes its place, on disk, when the block ends without an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=target.suffix)
    os.close(handle)
    scratch = Path(name)
    try:
        yield scratch
        fsync(scratch)
        scratch.chmod(0o666 & ~_umask())
        scratch.replace(target)
        fsync(target.parent)
    finally:
        scratch.unlink(missing_ok=True)


def fsync(path: Path) -> None:
    """Put a file, or a folder's list of names, on disk."""
    if path.is_dir():
        with suppress(PermissionError):  # Windows opens no folder, and keeps its names by itself
            _fsync(os.open(path, os.O_RDONLY))
    else:
        _fsync(os.open(path, os.O_RDWR))  # Windows refuses a handle that cannot be written to


def _fsync(handle: int) -> None:
    try:
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
