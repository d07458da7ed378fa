from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bakeoff.system.names import inside, own_name


@pytest.mark.parametrize("name", ["", "..", "../a", "a/../../b", "/a", "\\\\server\\a", "C:\\a", "C:a", "a\\..\\..\\b"])
def test_a_name_that_leaves_its_folder_on_any_system(name: str) -> None:
    assert not own_name(name)


def test_a_name_that_stays() -> None:
    assert all(map(own_name, ("a", "a/b.c", "figures/a..b.svg", "...", "é/#")))


def test_a_folder_s_own_files(tmp_path: Path) -> None:
    (tmp_path / "own" / "below").mkdir(parents=True)
    for file in (tmp_path / "own" / "below" / "a", tmp_path / "other"):
        file.touch()
    own = tmp_path / "own"
    assert inside(own, "below/a") == own / "below" / "a"
    for name in ("gone", "below", "../other", str(tmp_path / "other"), "a" * 5000, "a\0b"):
        assert inside(own, name) is None
    if sys.platform != "win32":
        (own / "link").symlink_to("../other")
        (own / "near").symlink_to("below/a")
        (own / "round").symlink_to("round")
        assert inside(own, "near") == own / "near"
        assert inside(own, "link") is None
        assert inside(own, "round") is None
