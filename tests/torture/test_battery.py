"""The battery: hundreds of wrong things given to the command in this process, each refused or told in one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from battery import Row, lay_out, rows, tried

ROWS = rows()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root, before = tmp_path_factory.mktemp("battery") / "study", Path.cwd()
    lay_out(root)
    os.chdir(root)
    yield root
    os.chdir(before)


def test_the_table_is_long_and_no_row_stands_twice() -> None:
    assert len(ROWS) >= 600
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row.name.encode("unicode_escape").decode() for row in ROWS])
def test_a_wrong_thing_is_told_in_one_line_and_leaves_nothing(study: Path, row: Row) -> None:
    assert tried(row, study) is None
