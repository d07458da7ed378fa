"""A new workspace: what is put there, and that nothing is taken away."""

from pathlib import Path

import pytest

from bakeoff import cli
from bakeoff.errors import BadValue, MissingFile
from bakeoff.system import starter
from bakeoff.system.starter import EXAMPLE, NOTEBOOKS, make_workspace, outdated
from bakeoff.system.workspace import Workspace, find_workspace


def test_a_new_workspace_is_found_and_whole(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "my study"
    assert make_workspace(root) == [*NOTEBOOKS, EXAMPLE, ".gitignore"]
    assert find_workspace(root / "params") == Workspace(root)
    assert Workspace(root).experiment_file("params/demo.yaml").is_file()
    assert make_workspace(root) == []
    assert outdated(root) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "train.ipynb").write_text("mine")
    (tmp_path / ".gitignore").write_text("mine")
    assert make_workspace(tmp_path) == ["notebooks/compare.ipynb", EXAMPLE]
    assert (tmp_path / "notebooks" / "train.ipynb").read_text() == "mine"
    assert outdated(tmp_path) == ["notebooks/train.ipynb"]


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "study").write_text("")
    for place in (tmp_path / "study", tmp_path / "study" / "inner"):
        with pytest.raises(BadValue, match="is a file, not a folder; name another folder"):
            make_workspace(place)


def test_an_installation_that_lacks_them_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starter, "shipped", lambda _: None)
    with pytest.raises(MissingFile, match="install bakeoff again"):
        make_workspace(tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_a_notebook_that_was_removed_is_missed_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_workspace(tmp_path)
    (tmp_path / "notebooks" / "compare.ipynb").unlink()
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run"]) == 2
    assert "compare.ipynb: no such notebook; `bakeoff init`" in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()
    assert cli.main(["init"]) == 0
    assert capsys.readouterr().out.startswith("written: notebooks/compare.ipynb\n")
