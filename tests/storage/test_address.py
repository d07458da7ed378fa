"""Addresses of stores, and what is said where one cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from bakeoff import cli
from bakeoff.errors import BadValue, MissingAsset, StoreFailed, UnknownName
from bakeoff.runs.record import Kept
from bakeoff.storage.address import open_store
from bakeoff.storage.manifest import Manifest, opened, sealed
from bakeoff.storage.mirror import Mirror
from bakeoff.storage.objects import Objects
from bakeoff.system.workspace import Workspace


@pytest.mark.parametrize(
    ("address", "kind", "said"),
    [
        ("bucket/prefix", BadValue, "'bucket/prefix' is no address of a store; write s3://BUCKET/PREFIX"),
        ("s4://bucket", UnknownName, "unknown kind of store 's4'; did you mean 's3'?"),
        ("s3://", BadValue, "'s3://' names no bucket"),
        ("file:///", BadValue, "'file:///' names no folder"),
        ("file://shared/runs", BadValue, "not from the root; three slashes"),
        ("s3://AKIA:secret@bucket/x", BadValue, "holds a user, a password or a query"),
        ("s3://bucket/x?key=secret", BadValue, "holds a user, a password or a query"),
    ],
)
def test_a_bad_address_is_one_line(address: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind) as caught:
        open_store(address)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingAsset, match=r"s3:// needs s3fs; `pip install 'bakeoff\[s3\]'` brings it"):
        open_store("s3://bucket/prefix")
    with pytest.raises(MissingAsset, match=r"gs:// needs gcsfs; `pip install 'gcsfs'` brings it"):
        open_store("gs://bucket/prefix")


class Refusing:
    """A file system of which every request ends in one error."""

    protocol = "s3"

    def __init__(self, error: Exception) -> None:
        self.error, self.asked = error, 0

    def __getattr__(self, name: str) -> object:
        def request(*_: object, **__: object) -> None:
            self.asked += 1
            raise self.error

        return request


@pytest.mark.parametrize(
    ("error", "said", "asked"),
    [
        (PermissionError("Access Denied"), "no permission (Access Denied)", 1),
        (FileNotFoundError("The specified bucket does not exist"), "no such bucket or folder", 1),
        (OSError(5, "500 InternalError"), "does not answer as it should (OSError: ", 5),
        (TimeoutError("at https://me:secret@host/x"), "(TimeoutError: at https://***@host/x)", 5),
        (type("NoCredentialsError", (Exception,), {})("none"), "no credentials that can be used (none)", 1),
    ],
)
def test_what_a_store_refuses_is_one_line(error: Exception, said: str, asked: int) -> None:
    fs = Refusing(error)
    objects = Objects(fs, "bucket", address="s3://bucket", sleep=lambda _: None)
    with pytest.raises(StoreFailed) as caught:
        objects.write("x", b"x")
    assert str(caught.value).startswith("s3://bucket: ")
    assert said in str(caught.value)
    assert caught.value.exit_status == 3
    assert fs.asked == asked


def test_a_folder_serves_as_a_store(tmp_path: Path) -> None:
    objects = open_store((tmp_path / "shared").as_uri())
    objects.check()
    assert objects.read("a/b") is None
    assert objects.create("a/b", b"1")
    assert not objects.create("a/b", b"2")
    objects.write("a/b", b"3")
    assert objects.read("a/b") == b"3"
    assert objects.names() == ["a"]
    assert objects.names("none") == []
    objects.drop("a/b")
    objects.drop("a/b")
    assert objects.read("a/b") is None


def test_a_bad_address_ends_a_command_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("run", "plan", "status", "report", "verify"):
        assert cli.main([command, "--store", "s3:/bucket"]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_the_experiment_makes_no_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for command in ("run", "plan", "status", "report", "verify"):
        assert cli.main([command, "params/shop.yaml", "--store", (tmp_path / "shared").as_uri()]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize("place", ["reports", "reports/demo", "reports/demo/runs", "linked"])
def test_a_store_is_not_the_place_of_what_it_keeps(tmp_path: Path, place: str) -> None:
    """Its marks would be written over the records that they are of: every run was lost."""
    workspace = Workspace(tmp_path)
    workspace.report_folder("demo").mkdir(parents=True)
    (tmp_path / "linked").symlink_to("reports")
    with pytest.raises(BadValue, match="is where this workspace has its own runs and reports") as caught:
        Mirror(open_store((tmp_path / place).as_uri()), "demo", workspace)
    assert caught.value.exit_status == 2
    Mirror(open_store((tmp_path / "beside").as_uri()), "demo", workspace)
    Mirror(open_store(tmp_path.as_uri()), "demo", workspace)


@pytest.mark.parametrize("place", ["", "runs", "leases", "choices", "looks", "report"])
def test_files_that_a_desktop_leaves_in_a_store_are_nothing_of_ours(tmp_path: Path, place: str) -> None:
    (tmp_path / "shared" / "demo" / place).mkdir(parents=True)
    (tmp_path / "shared" / "demo" / place / ".DS_Store").write_bytes(b"\x00Bud1")
    said: list[str] = []
    mirror = Mirror(open_store((tmp_path / "shared").as_uri()), "demo", Workspace(tmp_path / "w"), told=said.append)
    mirror.bring()
    mirror.bring_report()
    assert mirror.leases.held_by_others() == {}
    assert not said
    assert [path for path in (tmp_path / "w").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "names", [[""], ["c:x"], ["a\0"], ["a\nb"], ["log.txt", "log.txt/x"], ["../x"], ["/x"], ["a/../../x"]]
)
def test_a_manifest_of_files_that_no_folder_holds_is_none(names: list[str]) -> None:
    kept = Kept(bytes=1, sha256="0" * 64)
    assert opened(sealed(Manifest(files=dict.fromkeys(names, kept)))) is None
    assert opened(sealed(Manifest(files={"log.txt": kept, "model/x": kept, "model/y\u00a0ü": kept})))
