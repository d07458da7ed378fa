"""What a run keeps in a store, named and hashed in one sealed object."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath

from pydantic import Field, ValidationError

from bakeoff.data.schema import Part
from bakeoff.errors import UNSPEAKABLE
from bakeoff.runs.record import Kept, Record
from bakeoff.system.digests import from_json, sha256_of
from bakeoff.system.names import own_name

__all__ = ["Manifest", "key_of", "opened", "sealed", "unfit"]


LONGEST = 256
"""Bytes that no name of a file has on any system."""
LONGEST_OWN = 180
"""Bytes from which on a file's own name does not fit behind its hash."""


class Manifest(Part):
    """A run as it stands in a store.

    record: record.json to the byte, None in that of a checkpoint; epoch: the last whole one, of a checkpoint;
    files: path in the run's folder -> size and hash; each lies under `key_of` it, so that no file is ever overwritten
    by another
    """

    record: str | None = None
    epoch: int | None = None
    files: dict[str, Kept] = Field(default_factory=dict)

    def parsed(self) -> Record:
        """Return the record; raises ValueError for one of another schema."""
        return Record.model_validate_json(self.record or "")

    @classmethod
    def of(cls, paths: dict[str, Path], *, record: str | None = None, epoch: int | None = None) -> Manifest:
        """Hash files by their path in the run's folder."""
        files = {name: Kept(bytes=path.stat().st_size, sha256=sha256_of(path)) for name, path in paths.items()}
        return cls(record=record, epoch=epoch, files=files)


def key_of(name: str, kept: Kept) -> str:
    """Return what a file's object is called: by its content, and by its name as far as a folder has room for both."""
    own = Path(name).name
    return f"{kept.sha256}-{own if len(own.encode()) < LONGEST_OWN else own[-LONGEST_OWN // 4 :]}"


def sealed(manifest: Manifest) -> bytes:
    """Return a manifest as bytes of which no part reads as a whole one."""
    content = manifest.model_dump_json()
    return json.dumps({"sha256": _digest(content), "content": content}).encode()


def opened(raw: bytes | None) -> Manifest | None:
    """Return the manifest in an object; None where there is none, or it is not as it was written.

    One whose files cannot all lie in a folder is none that was written here.
    """
    try:
        tree = from_json(raw or b"")
        content = tree["content"]
        found = Manifest.model_validate_json(content) if tree["sha256"] == _digest(content) else None
        return found if found and unfit(found) is None else None
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        return None


def unfit(manifest: Manifest) -> str | None:
    """Return the first file that not every system's folders can hold, so that it is neither sent nor taken."""
    folders = {parent for name in manifest.files for parent in PurePosixPath(name).parents}
    return next((name for name in manifest.files if not _able(name) or PurePosixPath(name) in folders), None)


def _able(name: str) -> bool:
    """Return whether a folder can hold a file of a path."""
    path = PurePosixPath(name)
    plain = str(path) == name != "." and not UNSPEAKABLE.search(name)
    return own_name(name) and plain and all(len(part.encode()) < LONGEST for part in path.parts)


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
