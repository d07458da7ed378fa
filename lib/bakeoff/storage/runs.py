"""Runs in a store: put there once they have ended, brought from there whole or not at all.

`runs/<run id>/record.json` is written last and alone says that a run is finished. A trial that stopped early has
`stopped.json` in its place and a failed run `failed.json`: a request that is carried out late, or twice, can so never
put less in the place of a result.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from bakeoff.errors import RecordError
from bakeoff.runs.files import check_files, read_whole
from bakeoff.runs.record import Record
from bakeoff.storage.manifest import Manifest, key_of, opened, sealed, unfit
from bakeoff.storage.objects import Objects
from bakeoff.system.atomic import atomic_path, fsync, replace, replace_folder
from bakeoff.system.digests import sha256_of
from bakeoff.system.names import inside, own_name
from bakeoff.system.workspace import RunFolder

__all__ = ["FAILED", "STOPPED", "WHOLE", "StoredRuns", "mark_of"]


WHOLE = "record.json"
STOPPED = "stopped.json"
FAILED = "failed.json"
MARKS = (WHOLE, STOPPED, FAILED)
"""What tells how a run ended, the best first."""
CHECKPOINT = "checkpoint.json"
EPOCH = re.compile(r"epoch-(\d+)")
LOCAL = {"progress.json", "record.json"}


def mark_of(record: Record) -> str:
    """Return the object that a run's end is told by."""
    if record.status != "ok":
        return FAILED
    return STOPPED if record.stopped_after is not None else WHOLE


class StoredRuns:
    """The runs of one experiment in a store, and their working copies below `home`.

    told: is given a line for each thing in the store that cannot be used
    """

    def __init__(self, objects: Objects, home: Path, *, told: Callable[[str], None] = lambda _: None) -> None:
        self.objects, self.home, self.told = objects, home, told
        self._damaged: set[tuple[str, str]] = set()
        self._kept_epochs: dict[str, int] = {}

    def ids(self) -> list[str]:
        """Return the runs that the store lists by now, which may be fewer than it holds."""
        return self.objects.names()

    def folder(self, run_id: str) -> RunFolder:
        """Return where a run's working copy lies."""
        return RunFolder(self.home / run_id)

    def found(self, run_id: str) -> tuple[str, Manifest] | None:
        """Return how a run has ended by what the store tells and can still be read, and what it keeps."""
        for mark in MARKS:
            if (run_id, mark) in self._damaged:
                continue
            raw = self.objects.read(f"{run_id}/{mark}")
            manifest = opened(raw)
            if manifest is not None and manifest.record is not None:
                return mark, manifest
            if raw is not None:
                self.told(f"{run_id}: {mark} in the store is not as it was written, and counts as not there")
        return None

    def publish(self, run_id: str) -> bool:
        """Put a run that has ended into the store, its mark last; return whether it is told there now.

        Where the store tells of an end as good already, that one is taken in place of the local one, so that everybody
        shows the same. A run without a whole end here is left alone.
        """
        folder = self.folder(run_id)
        try:
            record = read_whole(folder)
            if not folder.stored.exists():
                check_files(record, folder, hashes=True)
            text = folder.record.read_bytes().decode()
        except (RecordError, OSError, UnicodeDecodeError):
            return False
        if folder.attempt.exists():
            return False
        mark, there = mark_of(record), self.found(run_id)
        if there is not None and _rank(there[1].parsed()) >= _rank(record):
            more = there[1].record == text and _more(_kept(folder, record), there[1])
            if there[1].record == text and not more:
                return True
            if not more and self._taken(run_id, there):
                return True
        if folder.stored.exists():  # its model was left in the store, so not all of it is here
            return False
        manifest = Manifest.of(_kept(folder, record), record=text)
        name = next(iter(sorted(record.files.keys() - manifest.files.keys())), unfit(manifest))
        if name is None:
            self._send(run_id, "files", folder.path, manifest)
            self.objects.write(f"{run_id}/{mark}", sealed(manifest))
            self._damaged.discard((run_id, mark))
        else:
            why = "is a link out of its folder, or a name that not every system has"
            self.told(f"{run_id}: not put into the store: {name!r} {why}")
        return name is None

    def bring(self, run_id: str, *, models: bool = True) -> bool:
        """Bring a run from the store where it has come further there; return whether something came.

        models: trained models as well; else they stay in the store, and the working copy says so
        """
        while (there := self.found(run_id)) is not None:
            mine = self._local(run_id)
            lacking = models and self.folder(run_id).stored.exists()  # its model stayed there when it was brought
            if mine is not None and mine[1] == there[1].record and not lacking:
                return False
            if mine is not None and _rank(mine[0]) > _rank(there[1].parsed()):
                return False
            if self._taken(run_id, there, models=models):
                return True
        return False

    def _local(self, run_id: str) -> tuple[Record, str] | None:
        folder = self.folder(run_id)
        try:
            return read_whole(folder), folder.record.read_bytes().decode()
        except (RecordError, OSError, UnicodeDecodeError):
            return None

    def _taken(self, run_id: str, there: tuple[str, Manifest], *, models: bool = True) -> bool:
        """Put a run of the store in the place of the local one; return whether all its files are as they were sent."""
        mark, manifest = there
        folder = self.folder(run_id)
        if not manifest.parsed().files.keys() <= manifest.files.keys():  # nothing here is to make room for that
            return self._refused(run_id, mark)
        left = {} if models else {name: one for name, one in manifest.files.items() if name.startswith("model/")}
        wanted = manifest.model_copy(update={"files": {k: v for k, v in manifest.files.items() if k not in left}})
        self.home.mkdir(parents=True, exist_ok=True)
        beside = self.home.parent  # unless runs lie on another file system, to which nothing can be moved
        near = beside if beside.stat().st_dev == self.home.stat().st_dev else self.home
        with tempfile.TemporaryDirectory(dir=near, prefix=f".{run_id}.") as scratch:
            if bad := self._fetched(f"{run_id}/files", wanted, Path(scratch)):
                self._damaged.add((run_id, mark))
                self.told(
                    f"{run_id}: {bad} in the store is missing or not as it was written; the run counts as not there"
                )
                return False
            folder.path.mkdir(exist_ok=True)
            folder.record.unlink(missing_ok=True)
            folder.attempt.unlink(missing_ok=True)
            folder.stored.unlink(missing_ok=True)
            if folder.model.is_dir():
                shutil.rmtree(folder.model)
            for name in wanted.files:
                target = folder.path / name
                target.parent.mkdir(parents=True, exist_ok=True)
                replace(Path(scratch) / name, target)
        if left:
            with atomic_path(folder.stored) as file:
                file.write_text(Manifest(files=left).model_dump_json(), encoding="utf-8", newline="\n")
        with atomic_path(folder.record) as file:
            file.write_bytes((manifest.record or "").encode())
        # Else it would be brought again and again.
        return self._local(run_id) is not None or self._refused(run_id, mark)

    def _refused(self, run_id: str, mark: str) -> bool:
        self._damaged.add((run_id, mark))
        self.told(f"{run_id}: the store lacks files that its record tells of; the run counts as not there")
        return False

    def publish_checkpoint(self, run_id: str) -> int | None:
        """Put the last whole epoch of a run into the store if it is not there yet; return which that is."""
        folder = self.folder(run_id)
        epoch = _last_epoch(folder)
        if epoch is None or epoch <= self._kept_epochs.get(run_id, -1):
            return None
        place = folder.checkpoint / f"epoch-{epoch}"
        paths = {f"checkpoint/{place.name}/{path.name}": path for path in sorted(place.iterdir()) if path.is_file()}
        manifest = Manifest.of(paths, epoch=epoch)
        before = opened(self.objects.read(f"{run_id}/{CHECKPOINT}"))
        self._send(run_id, "checkpoint", folder.path, manifest)
        self.objects.write(f"{run_id}/{CHECKPOINT}", sealed(manifest))
        self._kept_epochs[run_id] = epoch
        now = {key_of(name, kept) for name, kept in manifest.files.items()}
        for name, kept in (before.files if before else {}).items():
            if key_of(name, kept) not in now:
                self.objects.drop(f"{run_id}/checkpoint/{key_of(name, kept)}")
        return epoch

    def bring_checkpoint(self, run_id: str) -> int | None:
        """Bring a later epoch than the local one from the store; return which, None where there is none."""
        there, folder = opened(self.objects.read(f"{run_id}/{CHECKPOINT}")), self.folder(run_id)
        mine = _last_epoch(folder)
        if there is None or there.epoch is None or (mine is not None and mine >= there.epoch):
            return None
        folder.checkpoint.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.path, prefix=".checkpoint.") as scratch:
            if bad := self._fetched(f"{run_id}/checkpoint", there, Path(scratch)):
                self.told(f"{run_id}: {bad} of its checkpoint in the store is not as it was written; it starts over")
                return None
            name = f"epoch-{there.epoch}"
            replace_folder(Path(scratch) / "checkpoint" / name, folder.checkpoint / name)
        return there.epoch

    def drop_checkpoint(self, run_id: str) -> None:
        """Remove the checkpoint of a run that has ended."""
        there = opened(self.objects.read(f"{run_id}/{CHECKPOINT}"))
        if there is not None:
            self.objects.drop(f"{run_id}/{CHECKPOINT}")
            for name, kept in there.files.items():
                self.objects.drop(f"{run_id}/checkpoint/{key_of(name, kept)}")

    def _send(self, run_id: str, part: str, home: Path, manifest: Manifest) -> None:
        for name, kept in manifest.files.items():
            self.objects.send(f"{run_id}/{part}/{key_of(name, kept)}", home / name)

    def _fetched(self, place: str, manifest: Manifest, scratch: Path) -> str | None:
        """Fetch files into a folder; return the name of the first that is missing or not as it was sent."""
        for name, kept in manifest.files.items():
            if not own_name(name):
                return name
            target = scratch / name
            target.parent.mkdir(parents=True, exist_ok=True)
            there = self.objects.fetch(f"{place}/{key_of(name, kept)}", target)
            if not there or target.stat().st_size != kept.bytes or sha256_of(target) != kept.sha256:
                return name
            fsync(target)
        return None


def _rank(record: Record) -> tuple[int, int, bool]:
    """Order ends of one run: finished, stopped after more epochs, failed; with settings that a sweep chose first."""
    return -MARKS.index(mark_of(record)), record.stopped_after or 0, record.sweep is not None


def _kept(folder: RunFolder, record: Record) -> dict[str, Path]:
    """Return what goes into the store of a run that has ended, by its path there: hidden files if its record has."""
    found = {}
    for path in sorted(folder.path.rglob("*")):
        name = path.relative_to(folder.path)
        hidden = any(part.startswith(".") for part in name.parts) and name.as_posix() not in record.files
        own = not hidden and name.parts[0] != "checkpoint" and name.as_posix() not in LOCAL
        if own and inside(folder.path, name.as_posix()):
            found[name.as_posix()] = path
    return found


def _more(kept: dict[str, Path], there: Manifest) -> bool:
    """Return whether there are files that a manifest lacks, or answers to a test set as it is by now."""
    later = {name: path for name, path in kept.items() if name.startswith("tests/")}
    return not kept.keys() <= there.files.keys() or not Manifest.of(later).files.items() <= there.files.items()


def _last_epoch(folder: RunFolder) -> int | None:
    try:
        names = [path.name for path in folder.checkpoint.iterdir()]
    except OSError:
        return None
    return max((int(match[1]) for name in names if (match := EPOCH.fullmatch(name))), default=None)
