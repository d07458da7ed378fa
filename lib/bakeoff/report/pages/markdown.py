"""Markdown: its one parser, its headings, and its HTML; `markdown_typst` makes Typst from the same parse.

CommonMark with tables and strikethrough. Raw HTML, images and script links show as text: nothing a Markdown text holds
can run or be fetched.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from bakeoff.report.text.escape import clean, escape_html, typst_string

__all__ = [
    "LANDSCAPE",
    "Heading",
    "Outline",
    "landscape",
    "link_inside",
    "parser",
    "shift_headings",
    "split_title",
    "spoken",
    "to_html",
    "to_typst",
]


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

    def name(self, wanted: str) -> str:
        """Return an id that nothing else in the document has: the one wanted, or that with a number."""
        self._taken[wanted] += 1
        return wanted if self._taken[wanted] == 1 else f"{wanted}-{self._taken[wanted]}"

    def add(self, level: int, text: str, *, anchor: str | None = None) -> Heading:
        """Append a heading; without an anchor of its own it gets one made of its text."""
        name = self.name(anchor or re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section")
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


LANDSCAPE = "#page(flipped: true)["


def to_typst(markdown: str, outline: Outline, *, anchor: str | None = None) -> list[str]:
    """Return blocks of Typst markup made of function calls and string literals; headings as in `to_html`."""
    tree = SyntaxTreeNode(parser().parse(clean(markdown)))
    blocks = []
    for node in tree.children:
        if node.type == "heading":
            heading = outline.add(int(node.tag[1:]), spoken(node), anchor=anchor)
            anchor = None
            label = typst_string(heading.anchor)
            blocks.append(f"#heading(level: {heading.level - 1})[{_inside(node)}] #label({label})")
        else:
            blocks.append(_typst(node).rstrip())
    return blocks


def _inside(node: SyntaxTreeNode) -> str:
    return "".join(_typst(child) for child in node.children)


def _typst(node: SyntaxTreeNode) -> str:
    rule = _TYPST.get(node.type)
    return rule(node) if rule else _inside(node)


def _typst_link(node: SyntaxTreeNode) -> str:
    target = str(node.attrs.get("href", ""))
    if target.startswith("#"):
        return link_inside(target[1:], _inside(node))
    return f"#link({typst_string(target)})[{_inside(node)}]"


def link_inside(anchor: str, body: str) -> str:
    """Return Typst for `body` (markup) linked to an anchor of the document, or plain where there is no such anchor."""
    label = f"label({typst_string(anchor)})"
    return f"#context {{ if query({label}).len() > 0 {{ link({label})[{body}] }} else [{body}] }}"


def landscape(body: str) -> str:
    """Return Typst for a block on pages turned sideways."""
    return f"{LANDSCAPE}\n{body}\n]"


def _typst_list(node: SyntaxTreeNode) -> str:
    items = "".join(f"[{_inside(item).strip()}]" for item in node.children)
    tight = all(child.hidden for item in node.children for child in item.children if child.type == "paragraph")
    start = f"start: {int(node.attrs.get('start', 1))}, " if node.type == "ordered_list" else ""
    name = "enum" if node.type == "ordered_list" else "list"
    return f"#{name}({start}tight: {str(tight).lower()}){items}\n"


def _typst_code(node: SyntaxTreeNode) -> str:
    return f"#raw({typst_string(node.content.rstrip())}, block: true)\n"


def _typst_table(node: SyntaxTreeNode) -> str:
    rows = [row for part in node.children for row in part.children]
    cells = [", ".join(f"[{_inside(cell)}]" for cell in row.children) for row in rows]
    styles = [str(cell.attrs.get("style", "")) for cell in rows[0].children]
    align = ", ".join("right" if "right" in style else "center" if "center" in style else "left" for style in styles)
    body = ", ".join([f"table.header({cells[0]})", *cells[1:]])
    return f"#table(columns: {len(styles)}, align: ({align},), {body})\n"


_TYPST: dict[str, Callable[[SyntaxTreeNode], str]] = {
    "blockquote": lambda node: f"#quote(block: true)[{_inside(node)}]\n",
    "bullet_list": _typst_list,
    "code_block": _typst_code,
    "code_inline": lambda node: f"#raw({typst_string(node.content)})",
    "em": lambda node: f"#emph[{_inside(node)}]",
    "fence": _typst_code,
    "hardbreak": lambda _: "#linebreak()",
    "heading": lambda node: f"#strong[{_inside(node)}]\n\n",
    "hr": lambda _: "#line(length: 100%, stroke: 0.5pt)\n",
    "image": lambda node: f"#{typst_string(node.content)}",
    "link": _typst_link,
    "ordered_list": _typst_list,
    "paragraph": lambda node: f"{_inside(node)}\n\n",
    "s": lambda node: f"#strike[{_inside(node)}]",
    "softbreak": lambda _: '#" "',
    "strong": lambda node: f"#strong[{_inside(node)}]",
    "table": _typst_table,
    "text": lambda node: f"#{typst_string(node.content)}",
}
