"""RESULTS.md beside this file: each benchmark writes a section of its own and leaves the others as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["FILE", "put", "section", "table"]


FILE = Path(__file__).with_name("RESULTS.md")


def put(title: str, body: str, file: Path = FILE) -> None:
    """Write a section, in the place of an earlier one of this title, else at the end."""
    text = file.read_text(encoding="utf-8") if file.exists() else "# Results\n"
    whole = f"## {title}\n\n{body.strip()}\n"
    found = _find(title, text)
    if found:
        rest = text[found.end() :]
        text = text[: found.start()] + whole + ("\n" if rest else "") + rest
    else:
        text = f"{text.rstrip()}\n\n{whole}"
    file.write_text(text, encoding="utf-8", newline="\n")


def section(title: str, file: Path = FILE) -> str | None:
    """Return what a section says, None where there is none."""
    found = _find(title, file.read_text(encoding="utf-8")) if file.exists() else None
    return found.group(1).strip() if found else None


def _find(title: str, text: str) -> re.Match[str] | None:
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a markdown table, all columns but the first flush right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
