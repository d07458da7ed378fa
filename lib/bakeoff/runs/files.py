"""The files a run keeps beside its record: measured when it ends, held against the record before it counts."""

from __future__ import annotations

from pathlib import Path

from bakeoff.errors import RecordError
from bakeoff.runs.record import Kept, Record, read_record
from bakeoff.system.digests import bytes_of, from_json, sha256_of
from bakeoff.system.message import Message
from bakeoff.system.workspace import RunFolder

__all__ = ["FROM_RECORD", "check_files", "check_predictions", "keep_files", "read_whole"]


FROM_RECORD = "BAKEOFF_FROM_RECORD"
"""Environment variable of a kernel: the run whose notebook is to be finished from the result that it has."""


def keep_files(folder: RunFolder) -> dict[str, Kept]:
    """Return size and hash of what a run keeps, by path in its folder."""
    files = sorted(path for path in (folder.predictions, *folder.model.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder.path).as_posix(): Kept(bytes=path.stat().st_size, sha256=sha256_of(path))
        for path in files
    }


def check_files(record: Record, folder: RunFolder, *, hashes: bool = False) -> None:
    """Raise RecordError where a file that a finished run keeps is missing or is not the one its record tells of.

    hashes: hash the model's files as well, not only the predictions; sizes are held against the record anyway
    """
    if record.status == "ok":
        check_predictions(record, folder)
        left = _left_in_store(folder)
        for name, kept in record.files.items():
            if left.get(name) != kept or (folder.path / name).exists():
                _check(folder.path / name, kept, hashes=hashes)


def check_predictions(record: Record, folder: RunFolder) -> None:
    """Raise RecordError where a finished run's predictions are missing or are not those its record tells of."""
    path = folder.predictions
    if not path.is_file():
        raise RecordError(path, Message("no predictions beside the record"))
    if kept := record.files.get(path.name):
        _check(path, kept, hashes=True)


def read_whole(folder: RunFolder) -> Record:
    """Read a run's record and check what it keeps; raises RecordError."""
    record = read_record(folder.record, placed=True)
    check_files(record, folder)
    return record


def _left_in_store(folder: RunFolder) -> dict[str, Kept]:
    """Return the files of a working copy that lie in the store it comes from."""
    try:
        tree = from_json(bytes_of(folder.stored))
        return {name: Kept.model_validate(kept) for name, kept in tree["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _check(path: Path, kept: Kept, *, hashes: bool) -> None:
    try:
        same = path.stat().st_size == kept.bytes and (not hashes or sha256_of(path) == kept.sha256)
    except OSError:
        raise RecordError(path, Message("missing beside its record")) from None
    if not same:
        raise RecordError(path, Message("not the file that its record tells of"))
