"""Markdown to Typst: function calls and string literals, so that no text is ever read as markup.

Only `reporting` imports this.
"""

from __future__ import annotations

from collections.abc import Callable

from markdown_it.tree import SyntaxTreeNode

from bakeoff.reporting.escape import clean, typst_string
from bakeoff.reporting.markdown import Outline, parser, spoken

__all__ = ["LANDSCAPE", "landscape", "link_inside", "to_typst"]

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
