"""Read the documentation's pages: fenced blocks, and the marks that say how a test takes each.

A block of sh or python is run and a block of yaml is read as an experiment, or as a part of one, unless a mark above
it says otherwise. Marks are Markdown comments, which no reader sees:

    % file: PATH      the block is what stands in that file
    % check: REASON   too long for a test or in want of a hub: parsed, not run
    % small: FILE     that experiment file is first made small enough for a test, and stays so
    % with: WORDS     words that go behind the block's one command
    % fails: STATUS   it ends with that exit status
    % output          a text block that shows what the block above printed; … stands for anything
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r"((?:^% [^\n]*\n)*)^(`{3,})([^`\n]*)\n(.*?)^\2$", re.DOTALL | re.MULTILINE)
MARKS = ("check", "fails", "file", "output", "small", "with")
LANGUAGES = ("python", "sh", "text", "toml", "yaml")


@dataclass(frozen=True)
class Block:
    """A fenced block. place: page and line; marks: name to value."""

    place: str
    language: str
    text: str
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def commands(self) -> list[str]:
        """The commands of a block of sh, without comments, each on one line."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [line for line in (re.sub(r"(^|\s)# .*", "", one).strip() for one in lines) if line]


def pages() -> list[Path]:
    """Return every page, the tutorial first: the others go on from what it leaves behind."""
    found = [path for path in sorted(DOCS.rglob("*.md")) if "_build" not in path.parts]
    return sorted(found, key=lambda path: path.stem != "tutorial")


def name_of(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks that are no directives, in the order of the page."""
    text, found = page.read_text("utf-8"), []
    for match in FENCE.finditer(text):
        marks, _, language, body = match.groups()
        if language.startswith("{"):
            continue
        place = f"{name_of(page)}:{text.count(chr(10), 0, match.start(4))}"
        told = dict(re.findall(r"^% (\w+):? ?(.*)$", marks, re.MULTILINE))
        assert set(told) <= set(MARKS), f"{place}: unknown mark in {sorted(told)}"
        assert language in LANGUAGES, f"{place}: a block is one of {LANGUAGES}, not {language!r}"
        found.append(Block(place, language, body, told))
    return found
