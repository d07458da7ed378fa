"""Markdown: its one parser, its headings, and its HTML; `markdown_typst` makes Typst from the same parse.

CommonMark with tables and strikethrough. Raw HTML, images and script links show as text: nothing a Markdown text
holds can run or be fetched. Only `reporting` imports this.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from bakeoff.reporting.escape import clean, escape_html

__all__ = ["Heading", "Outline", "parser", "shift_headings", "split_title", "spoken", "to_html"]

_LAST_LEVEL = 6


@dataclass(frozen=True)
class Heading:
    """A heading of the document: level (2 to 6), the id to link to, and its text."""

    level: int
    anchor: str
    text: str


@dataclass
class Outline:
    """The headings met so far, in order; hands out an unused anchor for each."""

    headings: list[Heading] = field(default_factory=list)
    _taken: Counter[str] = field(default_factory=Counter)

    def add(self, level: int, text: str, *, anchor: str | None = None) -> Heading:
        """Append a heading; without an anchor of its own it gets one made of its text."""
        name = anchor or re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section"
        self._taken[name] += 1
        if self._taken[name] > 1:
            name = f"{name}-{self._taken[name]}"
        self.headings.append(Heading(min(max(level, 2), _LAST_LEVEL), name, text))
        return self.headings[-1]


def parser() -> MarkdownIt:
    """Return the parser of both reports, so that they cannot read a text differently."""
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def spoken(inline: SyntaxTreeNode) -> str:
    """Return the text of an inline node without its markup."""
    if inline.type in {"text", "code_inline"}:
        return inline.content
    if inline.type in {"softbreak", "hardbreak"}:
        return " "
    return "".join(spoken(child) for child in inline.children)


def to_html(markdown: str, outline: Outline, *, anchor: str | None = None) -> str:
    """Return HTML; each heading is added to `outline`, the first one under `anchor` where given."""
    reader = parser()
    reader.add_render_rule("image", _html_image)
    tokens = reader.parse(clean(markdown))
    marks = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            text = spoken(SyntaxTreeNode([tokens[place + 1]]))
            heading = outline.add(int(token.tag[1:]), text, anchor=anchor)
            anchor = None
            marks.append(heading.anchor)
            token.tag = tokens[place + 2].tag = f"h{heading.level}"
            token.attrSet("id", heading.anchor)
    rendered = str(reader.renderer.render(tokens, reader.options, {}))
    rendered = re.sub(r"<table>(.*?)</table>", _SCROLLING, rendered, flags=re.DOTALL)
    return re.sub(r'(<h[2-6] id="([^"]*)">)', _SELF_LINK, rendered)


_SCROLLING = r'<div class="scroll" tabindex="0"><table>\1</table></div>'
_SELF_LINK = r'\1<a class="anchor" href="#\2" aria-hidden="true" tabindex="-1">#</a>'


def _html_image(_: Any, tokens: Sequence[Token], place: int, *__: Any) -> str:
    return escape_html(tokens[place].content)


def shift_headings(markdown: str, by: int) -> str:
    """Return the Markdown with every heading `by` levels deeper, at most level 6."""
    lines = markdown.split("\n")
    for token in parser().parse(markdown):
        if token.type != "heading_open" or token.map is None:
            continue
        level = min(int(token.tag[1:]) + by, _LAST_LEVEL)
        first, after = token.map
        if token.markup.startswith("#"):
            lines[first] = re.sub(r"#+", "#" * level, lines[first], count=1)
        else:  # an underlined heading: its text may span lines
            lines[first:after] = ["#" * level + " " + " ".join(lines[first : after - 1]), *[""] * (after - first - 1)]
    return "\n".join(lines)


def split_title(markdown: str) -> tuple[str | None, str]:
    """Return the text of a leading level-1 heading (None where there is none) and the Markdown after it."""
    tokens = parser().parse(markdown)
    if not tokens or tokens[0].type != "heading_open" or tokens[0].tag != "h1" or tokens[0].map is None:
        return None, markdown
    rest = "\n".join(markdown.split("\n")[tokens[0].map[1] :])
    return spoken(SyntaxTreeNode([tokens[1]])), rest.lstrip("\n")
