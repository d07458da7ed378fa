from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile

import pytest

from bakeoff.data import sources as corpus
from bakeoff.data.sources import MEMBERS, locate_data
from bakeoff.errors import MissingAsset, UnknownName
from bakeoff.system.digests import sha256_of
from bakeoff.system.workspace import Workspace

MOVIES = "bundled:icwsm2014/movies"


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A source distribution of the same shape as the published one, pinned by its own hashes."""
    monkeypatch.setenv("BAKEOFF_CACHE", str(tmp_path / "cache"))
    contents = {name: f"{key}\n".encode() for key, name in MEMBERS.items()}
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(f"hutto_ICWSM_2014/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    file = tmp_path / "archive.zip"
    with zipfile.ZipFile(file, "w") as outer:
        outer.writestr("vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz", inner.getvalue())
    monkeypatch.setattr(corpus, "ARCHIVE_SHA256", sha256_of(file))
    hashes = {key: hashlib.sha256(contents[name]).hexdigest() for key, name in MEMBERS.items()}
    monkeypatch.setattr(corpus, "MEMBERS_SHA256", hashes)
    calls = []

    def bring(folder):
        calls.append(folder)
        (folder / corpus.ARCHIVE).write_bytes(file.read_bytes())

    monkeypatch.setattr(corpus, "_pip_download", bring)
    return calls


def test_bundled_data_are_brought_once(archive, workspace):
    first = locate_data(MOVIES, workspace=workspace)
    assert first.files["all"].read_text() == "movies\n"
    assert locate_data("bundled:icwsm2014/nyt", workspace=workspace).files["all"].read_text() == "nyt\n"
    assert len(archive) == 1
    assert (first.id, first.layout, first.revision) == (MOVIES, "icwsm2014", "vaderSentiment 0.5")


def test_a_half_unpacked_folder_is_unpacked_anew(archive, workspace):
    file = locate_data(MOVIES, workspace=workspace).files["all"]
    file.unlink()
    assert locate_data(MOVIES, workspace=workspace).files["all"].read_text() == "movies\n"
    assert len(archive) == 1, "the archive is still in the cache"


def test_data_somebody_changed_in_the_cache_are_refused(archive, workspace):
    locate_data(MOVIES, workspace=workspace).files["all"].write_text("other\n")
    with pytest.raises(MissingAsset, match="not what was published; delete its folder"):
        locate_data(MOVIES, workspace=workspace)


def test_another_archive_is_refused_by_its_hash(archive, workspace, monkeypatch):
    monkeypatch.setattr(corpus, "ARCHIVE_SHA256", "0" * 64)
    with pytest.raises(MissingAsset, match="no package index answered"):
        locate_data(MOVIES, workspace=workspace)


def test_without_an_index_it_says_how_to_bring_them(archive, workspace, monkeypatch):
    monkeypatch.setattr(corpus, "_pip_download", lambda folder: None)
    with pytest.raises(MissingAsset, match=r"run `pip download .* vaderSentiment==0.5` and copy the file to") as caught:
        locate_data(MOVIES, workspace=workspace)
    assert "\n" not in str(caught.value)


def test_bundled_names_are_known(workspace):
    with pytest.raises(UnknownName, match="did you mean 'bundled:icwsm2014/movies'"):
        locate_data("bundled:icwsm2014/movie", workspace=workspace)
