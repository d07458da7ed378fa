from __future__ import annotations

import os
import time

import pytest

from bakeoff.system.atomic import atomic_path, named, own, scratch_folder, usual_modes


def test_the_file_appears_when_the_block_ends(tmp_path):
    target = tmp_path / "deep" / "record.json"
    with atomic_path(target) as scratch:
        scratch.write_text("new")
        assert not target.exists()
        assert scratch.parent == target.parent
        assert scratch.suffix == ".json"
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]
    assert target.stat().st_mode & 0o777 == 0o644


def test_an_error_leaves_what_was_there(tmp_path):
    target = tmp_path / "record.json"
    target.write_text("old")
    with pytest.raises(LookupError), atomic_path(target) as scratch:
        _write_half(scratch)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def _write_half(scratch):
    scratch.write_text("half")
    raise LookupError


def test_a_file_that_goes_on_does_not_go_on_in_a_snapshot_by_hard_links(tmp_path):
    file, snapshot = tmp_path / "log.txt", tmp_path / "snapshot.txt"
    file.write_text("before\n")
    os.link(file, snapshot)
    with own(file).open("a") as log:
        log.write("after\n")
    assert (file.read_text(), snapshot.read_text()) == ("before\nafter\n", "before\n")
    inode = file.stat().st_ino
    assert own(file).stat().st_ino == inode  # one that has no other name stays where it is
    assert own(tmp_path / "new.txt") == tmp_path / "new.txt"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.txt", "snapshot.txt"]


@pytest.mark.parametrize(("mask", "file", "folder"), [(0o022, 0o644, 0o755), (0o027, 0o640, 0o750)])
def test_modes_follow_the_umask(tmp_path, mask, file, folder):
    (tmp_path / "deep").mkdir(mode=0o700)
    (tmp_path / "deep" / "weights").touch(mode=0o600)
    (tmp_path / "deep").chmod(0o2700)
    before = os.umask(mask)
    try:
        usual_modes(tmp_path)
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert (tmp_path / "deep" / "weights").stat().st_mode & 0o7777 == file
    assert (tmp_path / "deep").stat().st_mode & 0o7777 == 0o2000 | folder
    assert tmp_path.stat().st_mode & 0o777 == folder


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_has_the_mode_the_umask_leaves(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        with atomic_path(tmp_path / "record.json") as scratch:
            scratch.write_text("new")
    finally:
        os.umask(before)
    assert (tmp_path / "record.json").stat().st_mode & 0o777 == mode


def test_a_folder_that_cannot_be_opened_is_no_obstacle(tmp_path, monkeypatch):
    really = os.open

    def as_on_windows(path, flags, *rest, **named):
        if os.path.isdir(path):  # noqa: PTH112
            raise PermissionError(13, "Permission denied", str(path))
        return really(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", as_on_windows)
    with atomic_path(tmp_path / "record.json") as scratch:
        scratch.write_text("new")
    assert (tmp_path / "record.json").read_text() == "new"


@pytest.mark.parametrize(
    ("error", "ask", "number"),
    [
        (OSError(28, "No space left on device"), False, 28),
        (OSError("[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device"), False, 28),
        (RuntimeError("I/O error: No space left on device (os error 28)"), True, 28),
    ],
)
def test_an_error_that_knows_no_file_is_given_its_place(tmp_path, error, ask, number):
    with pytest.raises(OSError, match="No space left on device") as caught, named(tmp_path / "x", ask=ask):
        raise error
    assert (caught.value.errno, caught.value.filename) == (number, str(tmp_path / "x"))


def test_an_error_of_another_kind_stays_what_it_is(tmp_path):
    for error in (RuntimeError("file write failed"), OSError(2, "no", "elsewhere"), KeyError("x")):
        with pytest.raises(type(error)) as caught, named(tmp_path / "x", ask=True):
            raise error
        assert caught.value is error
    with pytest.raises(RuntimeError, match="os error 28"), named(tmp_path / "x"):
        raise RuntimeError("I/O error (os error 28)")


def test_a_disk_that_takes_nothing_is_asked(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(OSError, match="No space left") as caught, named(tmp_path / "x", ask=True):
        raise RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed")
    assert caught.value.filename == str(tmp_path / "x")


def test_scratch_folders_of_killed_processes_go_and_those_in_use_stay(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed, others = tmp_path / "bakeoff-scratch-killed", tmp_path / "elsewhere"
    for folder in (killed / "model", others):
        folder.mkdir(parents=True)
        (folder / "weights").touch()
    (killed / ".held").touch()
    (tmp_path / "bakeoff-scratch-link").symlink_to(others)
    long_ago = (time.time() - 7200,) * 2
    os.utime(killed, long_ago)
    with scratch_folder() as first:
        os.utime(first, long_ago)
        with scratch_folder() as second:
            there = {path.name for path in tmp_path.iterdir()}
            assert there == {first.name, second.name, "bakeoff-scratch-link", "elsewhere"}
    assert {path.name for path in tmp_path.iterdir()} == {"bakeoff-scratch-link", "elsewhere"}
    assert (others / "weights").exists()
