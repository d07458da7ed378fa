"""Every test that a page names as holding a promise is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PAGES = {"docs/security.md": 25, "tests/RELIABILITY.md": 18}


@pytest.mark.parametrize("page", PAGES)
def test_the_tests_that_a_page_names_are_there(page: str) -> None:
    named = NAMED.findall((ROOT / page).read_text(encoding="utf-8"))
    assert len(named) >= PAGES[page]
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{name}"


def test_every_fault_has_a_test() -> None:
    text = (ROOT / "tests" / "RELIABILITY.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 19))
    assert all(NAMED.findall(held) for _, held in rows)


def test_every_line_of_what_cannot_be_done_has_a_test() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!it cannot|---)(.+) \| (.+) \|$", text, re.MULTILINE)
    assert len(rows) >= 25
    for promise, held in rows:
        assert NAMED.findall(held), promise
