"""The short form of `make torture`: a few kills at random moments, and nothing is lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from torture import LEFT, torture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by SIGKILL"),
]


def test_a_few_kills_lose_nothing() -> None:
    figures = torture(kills=2, seconds=1, seed=3, short=True)
    assert figures.rounds == 1
    assert figures.kills + figures.asked >= 1
    assert figures.harm == 0, figures


@pytest.mark.parametrize(
    ("name", "is_left"),
    [
        ("runs/full-s1-0/checkpoint", True),
        ("runs/full-s1-0/.record.json.k2v9x_1a.json", True),
        (".compare.ipynb.abcdefgh.ipynb", True),
        ("runs/full-s1-0/.attempt", True),
        ("runs/full-s1-0/record.json", False),
        ("runs/.full-s1-0.lock", False),
    ],
)
def test_what_counts_as_left_behind(name: str, is_left: bool) -> None:
    assert bool(LEFT.search(name)) == is_left
