"""What tests of drafts share: a workspace with a tiny model, to draft in."""

from pathlib import Path

import pytest


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_bert: Path) -> Path:
    """Return the workspace's folder, which is the current one."""
    for folder in ("notebooks", "params", "models"):
        (tmp_path / folder).mkdir()
    (tmp_path / "notebooks" / "train.ipynb").touch()
    (tmp_path / "models" / "tiny").symlink_to(tiny_bert)
    monkeypatch.chdir(tmp_path)
    return tmp_path
