"""Hashes of files, each read once while it stays as it is.

Imports nothing of the package.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

__all__ = ["combined_sha256", "sha256_of"]


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
