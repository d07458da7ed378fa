"""A hub cache of our own making, where the hub's library looks."""

from pathlib import Path

import pytest
from huggingface_hub import constants

from bakeoff.system.workspace import Workspace
from hubcache import lay_out_hub


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a hub cache with both data sets."""
    cache = lay_out_hub(tmp_path / "hub")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    return cache


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return an empty workspace."""
    (tmp_path / "work").mkdir()
    return Workspace(tmp_path / "work")
