"""The short form of `make walk`: a few steps at random, and a walk that ends where something is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import walk

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="files in use stay there")]


def test_a_walk_at_random_comes_to_nothing_wrong() -> None:
    walk.walk(walks=3, steps=7, start=16)


def test_what_is_wrong_is_told_with_the_commands_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "statuses", lambda *_, **__: [])
    with pytest.raises(
        AssertionError, match=r"(?s)finished .* in the plan, None in the status.*bakeoff run params/demo"
    ):
        walk.walk(walks=6, steps=6, start=1, shrink=False)
