"""The short form of `make faults`: a disk that refuses some of the files that a run and a report write."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("errors as POSIX numbers them", allow_module_level=True)

sys.path.insert(0, str(Path(__file__).parent))
from faults import ERRORS, ROWS, SHORT, Row, Study, filled, install, tried

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    place, before = tmp_path_factory.mktemp("faults"), Path.cwd()
    made = Study(place / "a study", place / "faulty")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.settings.items():
            patch.setenv(name, value)
        os.chdir(made.root)
        install()
        yield made
        os.chdir(before)


def test_the_short_table_is_a_part_of_the_whole() -> None:
    assert len(SHORT) == 10
    assert len(ROWS) == len({row.name for row in ROWS})


@pytest.mark.parametrize(
    ("row", "error"), [(row, ERRORS[place % 5]) for place, row in enumerate(SHORT)], ids=[row.name for row in SHORT]
)
def test_a_fault_is_one_line_and_the_same_command_comes_to_the_same_bytes(study: Study, row: Row, error: str) -> None:
    assert tried(row, error, study) is None


def test_a_disk_without_room_for_a_checkpoint(study: Study) -> None:
    """Those who write in other languages are met as well."""
    said = filled(study, 160)
    if said == "skip":
        pytest.skip("no file system can be mounted here")
    assert said is None
