"""The short form of `make states`: some of what is on disk is damaged, and every command says so in words."""

from __future__ import annotations

import shutil
import sys
from itertools import islice
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from states import NAME, each_value, lay_out, tried

STATES, VALUES = 8, 12


def test_whatever_is_damaged_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, whole, random = lay_out(tmp_path / "study"), tmp_path / "whole", Random(16)
    shutil.copytree(workspace.report_folder(NAME), whole)
    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("BAKEOFF_CACHE", str(tmp_path / "cache"))
    states = [tried(workspace, whole, random) for _ in range(STATES)]
    assert [(done, wrong) for done, wrong in states if wrong] == []


def test_whatever_one_value_of_a_record_is_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number in the place of the data ended plans in a fault of ours."""
    workspace = lay_out(tmp_path / "study")
    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("BAKEOFF_CACHE", str(tmp_path / "cache"))
    states = list(islice(each_value(workspace, "identity.data"), VALUES))
    assert all(done.startswith("identity.data") for done, _ in states)
    assert len(states) == VALUES
    assert [(done, wrong) for done, wrong in states if wrong] == []
