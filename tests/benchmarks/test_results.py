"""The file of results keeps what other benchmarks wrote."""

from pathlib import Path

from results import put, section, table


def test_a_section_replaces_its_own_and_leaves_the_others(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    assert section("Two", file) is None
    put("One", "first", file)
    put("Two", table(["a", "b"], [["x", "1"]]), file)
    put("Three", "last", file)
    put("Two", "anew", file)
    put("One", "again", file)
    assert section("Two", file) == "anew"
    assert section("Three", file) == "last"
    assert file.read_text(encoding="utf-8") == "# Results\n\n## One\n\nagain\n\n## Two\n\nanew\n\n## Three\n\nlast\n"


def test_a_table_is_markdown() -> None:
    assert table(["a", "b"], [["x", "1"]]) == "| a | b |\n| --- | ---: |\n| x | 1 |"
