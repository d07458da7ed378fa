"""The cache of text vectors: whole or not there, checked, bounded."""

import os
import sys
from pathlib import Path

import pytest

from bakeoff.errors import BadValue
from bakeoff.system import store as module
from bakeoff.system.digests import sha256_of
from bakeoff.system.store import SETTING, Store, kept_sha256_of, vector_store


def test_what_was_written_is_read(tmp_path) -> None:
    store = Store(tmp_path / "new", 1000)
    assert store.read("a") is None
    store.write("a", b"content")
    assert store.read("a") == b"content"
    assert [(one.key, one.bytes) for one in store.entries()] == [("a", 39)]
    assert store.clear() == 39
    assert store.read("a") is None
    assert store.entries() == []


def test_a_damaged_file_is_not_believed(tmp_path) -> None:
    store = Store(tmp_path, 1000)
    store.write("a", b"content")
    (file,) = tmp_path.iterdir()
    for damage in (file.read_bytes()[:-1], b"", file.read_bytes()[:-1] + b"T"):
        store.write("a", b"content")
        file.write_bytes(damage)
        assert store.read("a") is None
        assert not file.exists()


def test_the_longest_unused_go_first(tmp_path) -> None:
    store = Store(tmp_path, 3 * 42)
    for place, key in enumerate("abc"):
        store.write(key, b"0123456789")
        os.utime(tmp_path / f"{key}.bin", (place, place))
    assert store.read("a") == b"0123456789"  # which makes it the last used
    store.write("d", b"0123456789")
    assert {one.key for one in store.entries()} == {"a", "c", "d"}
    store.write("e", b"too large" * 100)
    assert {one.key for one in store.entries()} == {"a", "c", "d"}


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = Store(tmp_path / "file", 1000)
    store.write("a", b"content")
    assert store.read("a") is None
    assert store.entries() == []


@pytest.mark.parametrize(("given", "limit"), [("off", 0), ("0", 0), ("0.5", 2**29), ("", 2**31)])
def test_its_size_is_a_setting(given: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, given)
    assert vector_store().limit == limit
    store = Store(vector_store().folder, 0)
    store.write("a", b"content")
    assert store.read("a") is None


@pytest.mark.parametrize("given", ["much", "-1", "nan", "inf"])
def test_a_size_that_is_none_is_one_line(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, given)
    with pytest.raises(BadValue, match="is no size; write a number of gigabytes, or off"):
        vector_store()


@pytest.mark.skipif(sys.platform == "win32", reason="no time there tells that a file was written to")
def test_a_large_file_is_hashed_again_only_when_it_was_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    monkeypatch.setattr(module, "sha256_of", lambda path: read.append(path) or sha256_of(path))
    monkeypatch.setattr(module, "LARGE", 4)
    monkeypatch.setenv("BAKEOFF_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "weights"
    file.write_bytes(b"first")
    facts = file.stat()
    first = sha256_of(file)
    assert [kept_sha256_of(file), kept_sha256_of(file)] == [first, first]
    assert len(read) == 2, "what was written a moment ago may be written to within the same tick of the clock"
    monkeypatch.setattr(module, "SETTLED_S", -3600.0)
    assert [kept_sha256_of(file), kept_sha256_of(file), kept_sha256_of(file)] == [first] * 3
    assert len(read) == 3
    file.write_bytes(b"other")
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert kept_sha256_of(file) == sha256_of(file) != first, "though size and time of its bytes are as before"
    (tmp_path / "new").write_bytes(b"third")
    (tmp_path / "new").replace(file)
    assert kept_sha256_of(file) == sha256_of(file)
    for kept in (tmp_path / "cache" / "digests").iterdir():
        kept.write_bytes(b"damaged")
    assert kept_sha256_of(file) == sha256_of(file)
    file.write_bytes(b"one")
    read.clear()
    assert kept_sha256_of(file) == sha256_of(file) == kept_sha256_of(file)
    assert len(read) == 2, "a small file is read each time"
