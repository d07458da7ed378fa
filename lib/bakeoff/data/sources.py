"""Data by name: where they lie on this machine and the hash of what is in them.

Nothing is read here beyond bytes to hash. The embedded corpora of Hutto and Gilbert (ICWSM 2014) are fetched from a
package index on first use, pinned by hash; a hub's data sets come through `hub`. Both stay in their caches.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bakeoff.data.contents import FEWER
from bakeoff.data.hub import HUB_FILE, HUB_ID, hub_file, hub_set
from bakeoff.errors import BadValue, MissingAsset, MissingFile, UnknownName, redacted, shown
from bakeoff.system.digests import MOST_BYTES, TOO_LARGE, combined_sha256, sha256_of
from bakeoff.system.names import check_place
from bakeoff.system.workspace import Workspace, cache_folder

__all__ = [
    "BUNDLED_DATA",
    "MEMBERS",
    "READABLE",
    "SPLIT_NAMES",
    "LocatedData",
    "class_folders",
    "corpus_file",
    "locate_data",
    "readable",
    "split_of",
]


ARCHIVE = "vaderSentiment-0.5.zip"
ARCHIVE_SHA256 = "5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a"
MEMBERS = {
    "movies": "movieReviewSnippets_GroundTruth.txt",
    "tweets": "tweets_GroundTruth.txt",
    "amazon": "amazonReviewSnippets_GroundTruth.txt",
    "nyt": "nytEditorialSnippets_GroundTruth.txt",
}
MEMBERS_SHA256 = {
    "movies": "c8293b0d942e90e223ea2c0955d969040d1a1be514a978b9af0698940bd13350",
    "tweets": "dfbe7102e2f92579ed8b19df9a3822491880697c67adf712fb66e520cc05102f",
    "amazon": "11a9807a0974a2506a2d3b4851eaf69b3d6d20688ce4923adda2312a4f6dd6c2",
    "nyt": "7d8fbcce7dde5d716da53e78f4ef4be6b706e9ef1e1d51887e6d0ad4b69cc27e",
}
BUNDLED_DATA = tuple(f"bundled:icwsm2014/{name}" for name in sorted(MEMBERS))

READABLE = (".csv", ".json", ".jsonl", ".parquet", ".tsv", ".txt", ".xlsx")
SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
}
"""What files of a folder and splits of a hub data set are called."""

FORMS = (
    *BUNDLED_DATA,
    *(f"*{suffix}" for suffix in READABLE),
    "one of these as *.gz or *.zip",
    "a folder",
    "owner/name",
    "hf://datasets/owner/name/file",
)


@dataclass(frozen=True)
class LocatedData:
    """A data source on this machine.

    id: as the experiment file names it, with the configuration of a hub data set; layout: how to read it; files:
    split name -> file ("all" where the source has no splits of its own; none for the layout "hub", a folder for "class
    folders"); sha256: of the files' bytes; revision: the commit on a hub; folder, parts, config: for the layout "hub",
    its snapshot, the files by split as the hub names it, the configuration
    """

    id: str
    layout: str
    files: dict[str, Path]
    sha256: str
    revision: str | None = None
    folder: Path | None = None
    parts: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    config: str | None = None


def locate_data(
    source: str | Mapping[Any, str], *, workspace: Workspace, config: str | None = None, where: str | None = None
) -> LocatedData:
    """Find a data source, fetching it where it has to be.

    config: configuration of a hub data set; no other source has any, so that one can stand in for a hub's
    Raises UnknownName, BadValue, MissingFile or MissingAsset, each naming what would do.
    """
    name = source if isinstance(source, str) else ", ".join(source.values())
    for one in [source] if isinstance(source, str) else source.values():
        check_place(one, "data.source", where=where)
    if isinstance(source, str) and source and (workspace.root / source).is_dir():
        if folders := _folders_of_classes(workspace.root / source):
            texts = [path for folder in folders.values() for path in folder.rglob("*.txt") if path.is_file()]
            named = {path.relative_to(workspace.root / source).as_posix(): path for path in texts}
            return LocatedData(name, "class folders", folders, combined_sha256(named))
        source = _splits_of(workspace.root / source, source, where)
    if isinstance(source, str) and _of_hub(source, workspace):
        return _hub(source, config, where)
    if not isinstance(source, str):
        files = {split: _file(path, workspace, where) for split, path in source.items()}
        commits = {commit for _, commit in files.values() if commit}
        paths = {str(split): path for split, (path, _) in files.items()}
        return LocatedData(name, "table", paths, combined_sha256(paths), revision=", ".join(sorted(commits)) or None)
    if source.startswith("bundled:"):
        path = corpus_file(source, where=where)
        return LocatedData(source, "icwsm2014", {"all": path}, sha256_of(path), revision="vaderSentiment 0.5")
    path, commit = _file(source, workspace, where)
    return LocatedData(source, "table", {"all": path}, sha256_of(path), revision=commit)


def _of_hub(source: str, workspace: Workspace) -> bool:
    """Return whether a source is a hub id, not a file, be it readable or not."""
    named = HUB_ID.fullmatch(source) and not readable(source)
    return bool(named) and not (workspace.root / source).is_file()


def _hub(source: str, config: str | None, where: str | None) -> LocatedData:
    found = hub_set(source, config, where=where)
    files = {path.relative_to(found.folder).as_posix(): path for paths in found.parts.values() for path in paths}
    if (card := found.folder / "README.md").is_file():
        files["README.md"] = card  # it names the classes
    sha256 = combined_sha256(files)
    name = f"{source}, configuration {found.config}" if found.config else source
    return LocatedData(name, "hub", {}, sha256, found.commit, found.folder, found.parts, found.config)


def _file(name: str, workspace: Workspace, where: str | None) -> tuple[Path, str | None]:
    """Return one file and, where it is of a hub, its commit."""
    if "://" in name and not name.startswith("hf://"):
        reason = f"{shown(redacted(name))!r} is an address, and data are files of this machine or of a hub"
        raise BadValue("data.source", reason, where=where, hint="download it and name the file")
    if not readable(name):
        if name and (workspace.root / name).is_file():
            known = (*(f"*{suffix}" for suffix in READABLE), "one of these as *.gz or *.zip")
            raise UnknownName("data.source", name, known, kind="format of", where=where)
        raise UnknownName("data.source", name, FORMS, kind="data", where=where)
    if name.startswith("hf://"):
        if not HUB_FILE.fullmatch(name):
            hint = "hf://datasets/owner/name/file or hf://datasets/owner/name@revision/file"
            raise BadValue("data.source", f"{name!r} does not name a file of a hub data set", where=where, hint=hint)
        return hub_file(name, where=where)
    path = workspace.root / name  # links are not followed: hub caches link a file's name to a nameless one
    if not path.is_file():
        beside = (
            sorted(p.name for p in path.parent.glob("*") if readable(p.name) and p.is_file())
            if path.parent.is_dir()
            else []
        )
        hint = f"there are: {', '.join(beside[:8])}" if beside else f"there is no {path}"
        raise MissingFile("data.source", "no such file", subject=name, where=where, hint=hint)
    if path.stat().st_size > MOST_BYTES:
        raise BadValue("data.source", TOO_LARGE, subject=name, where=where, hint=FEWER)
    return path, None


def _splits_of(folder: Path, source: str, where: str | None) -> dict[str, str]:
    """Return a folder's train, validation and test files, by their names."""
    there = sorted(p for p in folder.iterdir() if readable(p.name) and p.is_file())
    plain = {SPLIT_NAMES.get(path.name.lower().partition(".")[0]) for path in there}
    found: dict[str, str] = {}
    for path in there:
        split = split_of(path.name)
        if split in plain and SPLIT_NAMES.get(path.name.lower().partition(".")[0]) != split:
            continue  # beside train.csv, train_more.csv is something else
        if split in found:
            names = f"{Path(found[split]).name} and {path.name}"
            hint = "a split is one file: put parts of one together, or name it: `source: {train: ..., test: ...}`"
            raise BadValue("data.source", f"both {names} could be {split}", subject=source, where=where, hint=hint)
        if split is not None:
            found[split] = str(path)
    for split in ("train", "test"):
        if split not in found:
            known = [name for name, meant in SPLIT_NAMES.items() if meant == split]
            names = ", ".join(path.name for path in there[:8]) or f"no file of {', '.join(READABLE)}"
            reason = f"the folder has no file called {' or '.join(known)}"
            hint = f"name one file, or the files of the splits; there is: {names}"
            raise MissingFile("data.source", reason, subject=source, where=where, hint=hint)
    return {split: found[split] for split in ("train", "validation", "test") if split in found}


def readable(name: str) -> bool:
    """Return whether a file's name says that it can be read, packed or not."""
    plain = name.lower()
    return plain.endswith((*READABLE, ".zip")) or (plain.endswith(".gz") and plain[:-3].endswith(READABLE))


def split_of(name: str) -> str | None:
    """Return the split that a file's name speaks of, as `train_data.csv` does; None for none or several."""
    words = re.split(r"[^a-z]+", name.lower().partition(".")[0])
    found = {SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES}
    return found.pop() if len(found) == 1 else None


def class_folders(folder: Path) -> list[Path]:
    """Return the folders in a folder that hold files of texts."""
    return sorted(one for one in folder.iterdir() if one.is_dir() and next(one.glob("*.txt"), None) is not None)


def _folders_of_classes(folder: Path) -> dict[str, Path]:
    """Return split ("all" where there are none) -> the folder that has one for each class; empty where none has."""
    inside = {SPLIT_NAMES.get(one.name.lower()): one for one in sorted(folder.iterdir()) if one.is_dir()}
    splits = {split: one for split, one in inside.items() if split and len(class_folders(one)) > 1}
    if {"train", "test"} <= set(splits):
        return {split: splits[split] for split in ("train", "validation", "test") if split in splits}
    files = any(readable(path.name) for path in folder.iterdir() if path.is_file())
    return {"all": folder} if not files and len(class_folders(folder)) > 1 else {}


def corpus_file(source: str, *, where: str | None = None) -> Path:
    """Return the verified file of a `bundled:` source; raises UnknownName or MissingAsset."""
    if source not in BUNDLED_DATA:
        raise UnknownName("data.source", source, BUNDLED_DATA, kind="data set", where=where)
    name = source.rpartition("/")[2]
    path = _corpus_folder() / MEMBERS[name]
    if sha256_of(path) != MEMBERS_SHA256[name]:
        raise MissingAsset(
            source, f"{path} is not what was published", where=where, hint="delete its folder to fetch it anew"
        )
    return path


def _corpus_folder() -> Path:
    """Return the folder with the four verified corpus files, fetching them on first use."""
    from filelock import FileLock

    folder = cache_folder() / "icwsm2014" / ARCHIVE_SHA256[:16]
    if all((folder / member).is_file() for member in MEMBERS.values()):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / ".lock"):
        if not all((folder / member).is_file() for member in MEMBERS.values()):
            shutil.rmtree(folder, ignore_errors=True)
            _unpack(_archive(folder.parent), folder)
    return folder


def _archive(folder: Path) -> Path:
    """Return the verified source distribution, from the cache or through pip."""
    path = folder / ARCHIVE
    if not path.is_file():
        _pip_download(folder)
    if not path.is_file() or sha256_of(path) != ARCHIVE_SHA256:
        raise MissingAsset(
            "bundled:icwsm2014",
            f"{ARCHIVE} with sha256 {ARCHIVE_SHA256[:12]}... is not in {folder} and no package index answered with it",
            hint="where an index is in reach, run `pip download --no-deps --no-binary :all: vaderSentiment==0.5` "
            f"and copy the file to {folder}",
        )
    return path


def _pip_download(folder: Path) -> None:
    """Ask pip for the archive; whatever goes wrong shows in the file not being there."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        wanted = Path(scratch, "requirements.txt")
        wanted.write_text(f"vaderSentiment==0.5 --hash=sha256:{ARCHIVE_SHA256}\n", encoding="utf-8", newline="\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        command += ["--retries", "1", "--require-hashes", "--dest", scratch, "--requirement", os.fspath(wanted)]
        subprocess.run(command, check=False, capture_output=True)
        if (found := Path(scratch, ARCHIVE)).is_file():
            found.replace(folder / ARCHIVE)


def _unpack(archive: Path, folder: Path) -> None:
    """Take the four corpus files out of the archive; the folder appears whole or not at all."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        ready = Path(scratch, "ready")
        ready.mkdir()
        with zipfile.ZipFile(archive) as outer:
            inner = next(name for name in outer.namelist() if name.endswith("hutto_ICWSM_2014.tar.gz"))
            with outer.open(inner) as stream, tarfile.open(fileobj=stream, mode="r:gz") as tar:
                for item in tar:
                    name = Path(item.name).name
                    if name in MEMBERS.values() and (content := tar.extractfile(item)):
                        (ready / name).write_bytes(content.read())
        ready.replace(folder)
