"""Files that appear whole or not at all, whatever happens while they are written; their modes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
        scratch.chmod(0o644)
        fsync(scratch)
        scratch.replace(target)
        fsync(target.parent)
    finally:
        scratch.unlink(missing_ok=True)


def fsync(path: Path) -> None:
    """Put a file, or a folder's list of names, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def usual_modes(folder: Path) -> None:
    """Give a folder and all in it the modes that the umask leaves to new ones; other bits stay.

    safetensors 0.8 and temporary folders keep what they write from everybody but the owner.
    """
    mask = os.umask(0o077)
    os.umask(mask)
    for path in (folder, *folder.rglob("*")):
        usual = (0o777 if path.is_dir() else 0o666) & ~mask
        path.chmod(path.stat().st_mode & 0o7000 | usual)
