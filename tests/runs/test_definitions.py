"""Hashes of definitions are computed once for each content, and anew where what was kept cannot be used."""

from pathlib import Path

import pytest

from bakeoff.runs import definitions
from bakeoff.runs.definitions import Kept

SOURCE = b"from bakeoff import errors\n\ndef area(r):\n    return 3 * r**2\n"


@pytest.fixture(autouse=True)
def _nothing_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atexit.register", lambda _: None)


def test_the_next_process_computes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Kept(tmp_path / "kept" / "hashes.json")
    ours, own = (first.hashes(SOURCE, own_imports=one) for one in (False, True))
    assert len(own) == len(ours) + 1
    first.write()
    monkeypatch.setattr(definitions, "_hashes", lambda *_, **__: pytest.fail("computed again"))
    second = Kept(first.file)
    assert (second.hashes(SOURCE, own_imports=False), second.hashes(SOURCE, own_imports=True)) == (ours, own)


def test_another_content_is_another_entry(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "hashes.json")
    assert kept.hashes(SOURCE, own_imports=False) != kept.hashes(SOURCE.replace(b"3", b"4"), own_imports=False)


def test_what_two_processes_found_is_kept_by_both(tmp_path: Path) -> None:
    first, second = Kept(tmp_path / "hashes.json"), Kept(tmp_path / "hashes.json")
    for kept, source in ((first, b"x = 1\n"), (second, b"x = 2\n")):
        kept.hashes(source, own_imports=False)
        kept.write()
    assert len(definitions._read(first.file)) == 2


def test_only_what_is_used_is_kept_where_there_is_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "MOST", 1)
    first = Kept(tmp_path / "hashes.json")
    first.hashes(b"x = 1\n", own_imports=False)
    first.write()
    second = Kept(first.file)
    found = second.hashes(b"x = 2\n", own_imports=False)
    second.write()
    assert list(definitions._read(first.file).values()) == [found]


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', '{"a": ["x"]}', '{"a": [1]}', None])
def test_what_is_damaged_is_as_nothing(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "hashes.json"
    if content is None:
        file.mkdir()
    else:
        file.write_text(content)
    kept = Kept(file)
    assert kept.hashes(SOURCE, own_imports=False) == definitions._hashes(SOURCE.decode(), own_imports=False)
    kept.write()  # a folder in its place stays, and is no fault


def test_by_one_digit_that_is_another_nothing_is_taken_for_stale(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "hashes.json")
    (found, *_) = kept.hashes(SOURCE, own_imports=False)
    kept.write()
    text = kept.file.read_text("utf-8")
    digit = "0" if found[0] != "0" else "1"
    kept.file.write_text(text.replace(found, digit + found[1:]), "utf-8")
    assert definitions._read(kept.file) == {}
    kept.file.write_text(text, "utf-8")
    assert len(definitions._read(kept.file)) == 1
