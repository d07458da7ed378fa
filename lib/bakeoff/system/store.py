"""A cache of files by content: each whole or not there, checked when it is read, the longest unused dropped first."""

from __future__ import annotations

import hashlib
import math
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bakeoff.errors import BadValue
from bakeoff.system.atomic import atomic_path
from bakeoff.system.digests import canonical_sha256, sha256_of
from bakeoff.system.workspace import cache_folder

__all__ = ["SETTING", "Entry", "Store", "kept_sha256_of", "vector_store"]


SETTING = "BAKEOFF_VECTOR_CACHE"
"""Environment variable: gigabytes (2**30 bytes) of text vectors to keep, or off."""
USUAL_GB, MOST_GB = 2.0, 1e9
DIGEST = hashlib.sha256().digest_size
LARGE = 1 << 24
SETTLED_S = 3.0
"""Clocks of file systems are that coarse: what was written later than that may be written to without a trace."""


@dataclass(frozen=True)
class Entry:
    """A kept file. key: what it is called by; bytes: its size; used: when it was last written or read, as seconds."""

    key: str
    bytes: int
    used: float


@dataclass(frozen=True)
class Store:
    """Contents by key in one folder, of no more than `limit` bytes together; what cannot be written is not kept."""

    folder: Path
    limit: int

    def read(self, key: str) -> bytes | None:
        """Return what was written under a key; None where nothing is, or its bytes are not those that were written."""
        if not self.limit:
            return None
        file = self._file(key)
        try:
            held = file.read_bytes()
        except OSError:
            return None
        digest, content = held[:DIGEST], held[DIGEST:]
        if hashlib.sha256(content).digest() != digest:
            with suppress(OSError):
                file.unlink()
            return None
        with suppress(OSError):
            os.utime(file)
        return content

    def write(self, key: str, content: bytes) -> None:
        """Keep a content, and drop others from the longest unused on until all fit."""
        if len(content) + DIGEST > self.limit:
            return
        with suppress(OSError):
            with atomic_path(self._file(key)) as scratch:
                scratch.write_bytes(hashlib.sha256(content).digest() + content)
            self._shrink(kept=key)

    def entries(self) -> list[Entry]:
        """Return what is kept, the last used first."""
        found = []
        for file in self.folder.glob("[0-9a-f]*.bin"):
            with suppress(OSError):  # dropped by another process just now
                facts = file.stat()
                found.append(Entry(file.stem, facts.st_size, facts.st_mtime))
        return sorted(found, key=lambda one: (-one.used, one.key))

    def clear(self) -> int:
        """Drop everything; return how many bytes that were."""
        gone = 0
        for one in self.entries():
            with suppress(OSError):
                self._file(one.key).unlink()
                gone += one.bytes
        return gone

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.bin"

    def _shrink(self, *, kept: str) -> None:
        held = self.entries()
        total = sum(one.bytes for one in held)
        for one in reversed([one for one in held if one.key != kept]):
            if total <= self.limit:
                break
            with suppress(OSError):
                self._file(one.key).unlink()
                total -= one.bytes


def vector_store() -> Store:
    """Return where text vectors of frozen base models are kept; raises BadValue for a size that is none."""
    return Store(cache_folder() / "vectors", int(_gigabytes(os.environ.get(SETTING) or str(USUAL_GB)) * 2**30))


def kept_sha256_of(path: Path) -> str:
    """Return the hex digest of a file's bytes; that of a large one is kept in the cache folder until it is written to.

    A file is the same while its place, inode, size and both times of change are; the system alone sets that of the
    inode. On Windows, which has no such time, and for small files it is `sha256_of`; raises OSError as that does.
    """
    facts = path.stat()
    if facts.st_size < LARGE or sys.platform == "win32":
        return sha256_of(path)
    mark = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
    key, store = canonical_sha256([str(path.resolve()), *mark]), Store(cache_folder() / "digests", 1 << 20)
    if held := store.read(key):
        return held.decode()
    digest = sha256_of(path)
    if facts.st_ctime + SETTLED_S < time.time():
        store.write(key, digest.encode())
    return digest


def _gigabytes(asked: str) -> float:
    if asked.lower() in {"off", "no", "false"}:
        return 0.0
    try:
        size = float(asked)
    except ValueError:
        size = math.nan
    if not 0 <= size < MOST_GB:
        raise BadValue(SETTING, f"{asked!r} is no size", hint="write a number of gigabytes, or off")
    return size
