"""Hashes of files and of values."""

from __future__ import annotations

import errno
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["bytes_of", "canonical", "canonical_sha256", "combined_sha256", "sha256_of"]


def bytes_of(path: Path, *, limit: int = -1) -> bytes:
    """Return a file's bytes, the first so many at most.

    Raises OSError, too, for a device, a pipe or a folder in a file's place: reading one may never end.
    """
    path.stat()  # where there is nothing, that is said
    if not path.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with path.open("rb") as stream:
        return stream.read(limit)


def sha256_of(path: Path) -> str:
    """Return the hex digest of a file's bytes; read once as long as size and time of change stay."""
    facts = path.stat()
    return _sha256_once(path, facts.st_mtime_ns, facts.st_size)


@lru_cache
def _sha256_once(path: Path, _mtime_ns: int, _size: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def combined_sha256(files: dict[str, Path]) -> str:
    """Return the hex digest of named files, whatever their order."""
    lines = [f"{name}\t{sha256_of(path)}" for name, path in sorted(files.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Spell a value as JSON in exactly one way."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical_sha256(value: Any) -> str:
    """Hash a value by its one spelling as JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
