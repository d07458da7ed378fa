from __future__ import annotations

import os
from pathlib import Path

import pytest

from bakeoff.errors import MissingFile
from bakeoff.system.workspace import Workspace, cache_folder, find_workspace


@pytest.fixture
def root(tmp_path, monkeypatch):
    for folder in ("notebooks", "params", "reports/demo"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "notebooks" / "train.ipynb").touch()
    (tmp_path / "params" / "demo.yaml").touch()
    (tmp_path / "params" / "emotion.yaml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("start", [".", "notebooks", "reports/demo"])
def test_found_from_any_folder_in_it(root, start):
    assert find_workspace(root / start).root == root


def test_elsewhere_the_checkout_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_workspace().root == Path(__file__).resolve().parents[2]


def test_a_file_named_from_outside_brings_its_workspace(root, tmp_path_factory, monkeypatch):
    """A report on it is written beside it, not into the checkout."""
    other = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(other)
    file = root / "params" / "demo.yaml"
    assert find_workspace(of=file) == find_workspace(of=os.path.relpath(file)) == Workspace(root)
    for name in ("params/demo.yaml", "x" * 5000, f"{'x' * 5000}/y.yaml", "\0/y.yaml", ""):
        assert find_workspace(of=name) == find_workspace(), "the checkout"
    (other / "params").mkdir()
    (other / "params" / "demo.yaml").touch()
    with pytest.raises(MissingFile, match="no workspace, which is a folder with notebooks"):
        find_workspace(of="params/demo.yaml")
    monkeypatch.chdir(root)
    assert find_workspace(of=other / "demo.yaml") == Workspace(root), "in a workspace that one counts"


@pytest.mark.parametrize("start", [".", "notebooks", "params"])
def test_an_experiment_file_counts_from_here_or_from_the_root(root, monkeypatch, start):
    monkeypatch.chdir(root / start)
    workspace = find_workspace()
    assert workspace.experiment_file("params/demo.yaml") == root / "params" / "demo.yaml"
    assert workspace.experiment_file(root / "params" / "demo.yaml") == root / "params" / "demo.yaml"


def test_a_file_beside_you_wins(root, monkeypatch):
    monkeypatch.chdir(root / "params")
    assert find_workspace().experiment_file("demo.yaml") == root / "params" / "demo.yaml"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("params/dmeo.yaml", "no such experiment file; did you mean 'params/demo.yaml'? There are: params/demo.yaml, "),
        ("params", "params: a folder, not an experiment file"),
        ("", "'': "),
        ("x" * 300, "no such experiment file"),
        ("a\nb", "a\\nb: no such experiment file"),
    ],
)
def test_a_file_that_is_not_there(root, name, said):
    with pytest.raises(MissingFile) as caught:
        find_workspace().experiment_file(name)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_any_experiment_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingFile, match="There are: none"):
        Workspace(tmp_path).experiment_file("demo.yaml")


def test_paths(root):
    workspace = Workspace(root)
    folder = workspace.run_folder("demo", "full-s1-0")
    assert workspace.relative(folder.record) == "reports/demo/runs/full-s1-0/record.json"
    assert folder.lock.parent == workspace.runs_folder("demo")
    assert workspace.choice_file("demo", "lora") == root / "reports/demo/choices/lora.json"
    assert workspace.relative(Path("/elsewhere/x.yaml")) == "/elsewhere/x.yaml"


def test_the_cache_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("BAKEOFF_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("BAKEOFF_CACHE")
    assert cache_folder().name == "bakeoff"
