"""Hashes of files and of values."""

from __future__ import annotations

import errno
import hashlib
import json
import stat
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = [
    "MOST_BYTES",
    "TOO_LARGE",
    "bytes_of",
    "canonical",
    "canonical_sha256",
    "combined_sha256",
    "from_json",
    "sha256_of",
    "unpacked",
]


PART = 1 << 20
"""Bytes that are read at a time."""
MOST_BYTES = 1 << 30
TOO_LARGE = "larger than 1 GiB, the most that is read of a file, or of what is packed in one"


def bytes_of(path: Path, *, limit: int = -1) -> bytes:
    """Return a file's bytes, the first so many at most, and no more than it had when it was opened.

    So a file that never ends, as some below /proc, is read as empty, which it says it is.
    Raises OSError, too, for a device, a pipe or a folder in a file's place: reading one may never end; and for more
    than MOST_BYTES.
    """
    size = _size(path)
    if limit < 0 and size > MOST_BYTES:
        raise OSError(errno.EFBIG, TOO_LARGE, str(path))
    with path.open("rb") as stream:
        return stream.read(size if limit < 0 else min(size, limit))


def unpacked(read: Callable[[int], bytes]) -> bytes:
    """Return all bytes of what is packed in a file; raises OSError for more than MOST_BYTES, having read no more.

    read: the next so many bytes
    """
    content = read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(errno.EFBIG, TOO_LARGE)
    return content


def _size(path: Path) -> int:
    facts = path.stat()  # where there is nothing, that is said
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return facts.st_size


def sha256_of(path: Path) -> str:
    """Return the hex digest of a file's bytes; read once as long as its inode, size and times of change stay.

    Raises OSError as `bytes_of` does, and hashes as much as that reads.
    """
    size, facts = _size(path), path.stat()
    return _sha256_once(path, (facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns), size)


@lru_cache(maxsize=2**16)  # more than the files of a thousand runs, so that large ones are not read again
def _sha256_once(path: Path, _mark: tuple[int, ...], size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while size > 0 and (part := stream.read(min(size, PART))):
            digest.update(part)
            size -= len(part)
    return digest.hexdigest()


def combined_sha256(files: dict[str, Path], *, read: Callable[[Path], str] = sha256_of) -> str:
    """Return the hex digest of named files, whatever their order. read: returns that of one."""
    lines = [f"{name}\t{read(path)}" for name, path in sorted(files.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def from_json(raw: bytes | str) -> Any:
    """Return what JSON says.

    Raises ValueError where it is none, is nested too deeply or holds a number of too many digits.
    """
    try:
        return json.loads(raw)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def canonical(value: Any) -> str:
    """Spell a value as JSON in exactly one way."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical_sha256(value: Any) -> str:
    """Hash a value by its one spelling as JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
