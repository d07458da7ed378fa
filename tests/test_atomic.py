from __future__ import annotations

import pytest

from bakeoff.atomic import atomic_path


def test_the_file_appears_when_the_block_ends(tmp_path):
    target = tmp_path / "deep" / "record.json"
    with atomic_path(target) as scratch:
        scratch.write_text("new")
        assert not target.exists()
        assert scratch.parent == target.parent
        assert scratch.suffix == ".json"
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]
    assert target.stat().st_mode & 0o777 == 0o644


def test_an_error_leaves_what_was_there(tmp_path):
    target = tmp_path / "record.json"
    target.write_text("old")
    with pytest.raises(LookupError), atomic_path(target) as scratch:
        _write_half(scratch)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def _write_half(scratch):
    scratch.write_text("half")
    raise LookupError
