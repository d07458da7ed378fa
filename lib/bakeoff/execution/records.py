"""Records read once: each is read anew only when its file has changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bakeoff.errors import RecordError
from bakeoff.runs.files import read_whole
from bakeoff.runs.record import Record
from bakeoff.system.cores import uncollected
from bakeoff.system.workspace import RunFolder

__all__ = ["KeptRecords"]


class KeptRecords:
    """What the record files of an experiment held when they were last read.

    A file counts as unchanged while its modification time, its size and its inode are the same: records are replaced
    whole, and a new file has an inode of its own. What a run keeps beside its record is checked when that is read.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[int, int, int], Record | RecordError]] = {}

    @uncollected()
    def read(self, runs: Path) -> tuple[dict[str, Record], dict[str, str]]:
        """Return the records below a runs folder by run id, and why the others cannot be used by folder name."""
        seen = {}
        for file, mark in _files(runs):
            before = self._kept.get(file)
            seen[file] = before if before and before[0] == mark else (mark, _content(Path(file)))
        self._kept = seen
        found = [(Path(file), content) for file, (_, content) in sorted(seen.items())]
        records = {content.run_id: content for _, content in found if isinstance(content, Record)}
        broken = {file.parent.name: content.reason for file, content in found if isinstance(content, RecordError)}
        return records, broken


def _files(runs: Path) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Yield each record file with what tells whether it has changed."""
    try:
        folders = [entry.path for entry in os.scandir(runs)]
    except FileNotFoundError:
        return
    for folder in folders:
        file = os.path.join(folder, "record.json")  # noqa: PTH118  thousands of files, after every run
        try:
            status = os.stat(file)  # noqa: PTH116
        except OSError:
            continue
        yield file, (status.st_mtime_ns, status.st_size, status.st_ino)


def _content(file: Path) -> Record | RecordError:
    try:
        return read_whole(RunFolder(file.parent))
    except RecordError as error:
        return error
