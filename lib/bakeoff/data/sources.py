"""Data by name: where they lie on this machine and the hash of what is in them.

Nothing is read here beyond bytes to hash; `bakeoff.tuning` reads the contents. What has to be fetched comes through
`corpus` (a package index) or `hubdata` (a model hub) and stays in their caches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bakeoff.data.corpus import BUNDLED_DATA, corpus_file
from bakeoff.data.hub import HUB_FILE, HUB_ID, hub_file, hub_set
from bakeoff.errors import BadValue, MissingFile, UnknownName
from bakeoff.system.digests import combined_sha256, sha256_of
from bakeoff.system.workspace import Workspace

__all__ = ["READABLE", "SPLIT_NAMES", "LocatedData", "locate_data"]


READABLE = (".csv", ".jsonl", ".parquet", ".tsv", ".txt")
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
    "a folder",
    "owner/name",
    "hf://datasets/owner/name/file",
)


@dataclass(frozen=True)
class LocatedData:
    """A data source on this machine.

    id: as the experiment file names it, with the configuration of a hub data set; layout: how to read it; files:
    split name -> file ("all" where the source has no splits of its own; none for the layout "hub"); sha256: of the
    files' bytes; revision: the commit on a hub; folder, parts, config: for the layout "hub", its snapshot, the files
    by split as the hub names it, the configuration
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
    if isinstance(source, str) and source and (workspace.root / source).is_dir():
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
    """Tell an id of a hub from a file, whether that can be read or not."""
    named = HUB_ID.fullmatch(source) and not source.lower().endswith(READABLE)
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
    if not name.lower().endswith(READABLE):
        if name and (workspace.root / name).is_file():
            raise UnknownName("data.source", name, (f"*{suffix}" for suffix in READABLE), kind="format of", where=where)
        raise UnknownName("data.source", name, FORMS, kind="data", where=where)
    if name.startswith("hf://"):
        if not HUB_FILE.fullmatch(name):
            hint = "hf://datasets/owner/name/file or hf://datasets/owner/name@revision/file"
            raise BadValue("data.source", f"{name!r} does not name a file of a hub data set", where=where, hint=hint)
        return hub_file(name, where=where)
    path = workspace.root / name  # links are not followed: hub caches link a file's name to a nameless one
    if not path.is_file():
        beside = (
            sorted(p.name for p in path.parent.glob("*") if p.suffix in READABLE and p.is_file())
            if path.parent.is_dir()
            else []
        )
        hint = f"there are: {', '.join(beside[:8])}" if beside else "paths count from the repository root"
        raise MissingFile(f"data.source {name}", "no such file", where=where, hint=hint)
    return path, None


def _splits_of(folder: Path, source: str, where: str | None) -> dict[str, str]:
    """Tell a folder's train, validation and test files by their names."""
    readable = sorted(p for p in folder.iterdir() if p.suffix.lower() in READABLE and p.is_file())
    found: dict[str, str] = {}
    for path in readable:
        split = SPLIT_NAMES.get(path.stem.lower())
        if split in found:
            names = f"{Path(found[split]).name} and {path.name}"
            hint = "name the files: `source: {train: ..., validation: ..., test: ...}`"
            raise BadValue(f"data.source {source}", f"both {names} could be {split}", where=where, hint=hint)
        if split is not None:
            found[split] = str(path)
    for split in ("train", "test"):
        if split not in found:
            known = [name for name, meant in SPLIT_NAMES.items() if meant == split]
            there = ", ".join(path.name for path in readable[:8]) or f"no file of {', '.join(READABLE)}"
            reason = f"the folder has no file called {' or '.join(known)}"
            hint = f"name one file, or the files of the splits; there is: {there}"
            raise MissingFile(f"data.source {source}", reason, where=where, hint=hint)
    return {split: found[split] for split in ("train", "validation", "test") if split in found}
