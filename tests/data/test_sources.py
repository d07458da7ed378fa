from __future__ import annotations

import pytest

from bakeoff.data.sources import locate_data
from bakeoff.errors import BadValue, MissingAsset, MissingFile, UnknownName
from bakeoff.system.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def test_a_file_counts_from_the_root(workspace):
    (workspace.root / "data.CSV").write_text("text,label\n")
    found = locate_data("data.CSV", workspace=workspace)
    assert (found.layout, list(found.files)) == ("table", ["all"])
    assert locate_data(str(workspace.root / "data.CSV"), workspace=workspace).sha256 == found.sha256


def test_three_files(workspace):
    for split in ("train", "validation", "test"):
        (workspace.root / f"{split}.csv").write_text(split)
    names = {split: f"{split}.csv" for split in ("train", "validation", "test")}
    found = locate_data(names, workspace=workspace)
    assert sorted(found.files) == ["test", "train", "validation"]
    (workspace.root / "test.csv").write_text("changed")
    assert locate_data(names, workspace=workspace).sha256 != found.sha256
    swapped = {**names, "train": "validation.csv", "validation": "train.csv"}
    assert locate_data(swapped, workspace=workspace).sha256 != locate_data(names, workspace=workspace).sha256


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("missing.csv", MissingFile, "no such file; there are: here.csv"),
        ("nowhere/missing.csv", MissingFile, "no such file; there is no "),
        ("gone.docx", UnknownName, "unknown data 'gone.docx'"),
        ("here.docx", UnknownName, "unknown format of 'here.docx'; Known: *.csv, *.json, *.jsonl, *.parquet, *.tsv, "),
        ("data/here.xml", UnknownName, "unknown format of 'data/here.xml'; "),
        ("data/here.xml.gz", UnknownName, "unknown format of 'data/here.xml.gz'; "),
        ({"train": "here.csv", "test": "here.docx"}, UnknownName, "unknown format of 'here.docx'"),
        ("data/gone.xml", MissingAsset, "neither a folder here nor in this machine's hub cache"),
        ("", UnknownName, "unknown data ''"),
        ("folder.csv", MissingFile, "the folder has no file called train"),
    ],
)
def test_data_that_cannot_be_used(workspace, name, kind, said):
    (workspace.root / "here.csv").touch()
    (workspace.root / "folder.csv").mkdir()
    (workspace.root / "data").mkdir()
    for there in ("here.docx", "data/here.xml", "data/here.xml.gz"):
        (workspace.root / there).touch()
    with pytest.raises(kind) as caught:
        locate_data(name, workspace=workspace, where="x.yaml, line 2")
    assert said in str(caught.value)
    assert str(caught.value).startswith("x.yaml, line 2: ")
    assert "\n" not in str(caught.value)


def test_a_link_is_read_by_its_own_name(workspace):
    (workspace.root / "nameless").write_text("text,label\n")
    (workspace.root / "named.csv").symlink_to("nameless")
    assert locate_data("named.csv", workspace=workspace).files["all"].name == "named.csv"


@pytest.mark.parametrize(
    "names",
    [("train.txt", "val.txt", "test.txt"), ("Training.CSV", "dev.jsonl", "test.parquet"), ("train.tsv", "test.tsv")],
)
def test_a_folder_with_its_splits(workspace, names):
    folder = workspace.root / "set"
    folder.mkdir()
    for name in (*names, "README.md", "notes.csv"):
        (folder / name).write_text(name)
    found = locate_data("set", workspace=workspace)
    assert [path.name for path in found.files.values()] == list(names)
    assert list(found.files) == [split for split in ("train", "validation", "test") if split in found.files]
    assert (found.id, found.layout) == ("set", "table")
    assert locate_data(str(folder), workspace=workspace).sha256 == found.sha256
    by_name = {split: f"set/{path.name}" for split, path in found.files.items()}
    assert locate_data(by_name, workspace=workspace).sha256 == found.sha256


@pytest.mark.parametrize(
    ("names", "kind", "said"),
    [
        (["train.csv", "train.tsv", "test.csv"], BadValue, "both train.csv and train.tsv could be train"),
        (["train.csv", "dev.csv", "val.csv", "test.csv"], BadValue, "both dev.csv and val.csv could be validation"),
        (["train.csv", "val.csv"], MissingFile, "no file called test; name one file, or the files of the splits"),
        (["reviews.csv"], MissingFile, "no file called train or training"),
        ([], MissingFile, "there is: no file of .csv"),
    ],
)
def test_a_folder_that_leaves_doubts(workspace, names, kind, said):
    (workspace.root / "set").mkdir()
    for name in names:
        (workspace.root / "set" / name).touch()
    with pytest.raises(kind) as caught:
        locate_data("set", workspace=workspace, where="x.yaml, line 2")
    assert said in str(caught.value)
    assert str(caught.value).startswith("x.yaml, line 2: data.source set")


def test_a_folder_comes_before_a_hub_data_set_of_that_name(workspace):
    (workspace.root / "owner" / "name").mkdir(parents=True)
    for split in ("train", "test"):
        (workspace.root / "owner" / "name" / f"{split}.csv").touch()
    assert locate_data("owner/name", workspace=workspace).layout == "table"


def test_a_file_stands_in_for_a_hub_data_set_with_a_configuration(workspace):
    (workspace.root / "a.csv").touch()
    assert locate_data("a.csv", workspace=workspace, config="split") == locate_data("a.csv", workspace=workspace)
