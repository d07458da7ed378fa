"""The embedded corpora of Hutto and Gilbert (ICWSM 2014): fetched from a package index on first use, pinned by hash.

They come through pip and stay in the cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from bakeoff.errors import MissingAsset, UnknownName
from bakeoff.system.digests import sha256_of
from bakeoff.system.workspace import cache_folder

__all__ = ["BUNDLED_DATA", "corpus_file"]


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
        wanted.write_text(f"vaderSentiment==0.5 --hash=sha256:{ARCHIVE_SHA256}\n", encoding="utf-8")
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
