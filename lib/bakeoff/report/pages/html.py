"""A stitched notebook into one self-contained HTML file."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode
from traitlets import default

from bakeoff.report.pages.document import IMAGES, TEMPLATES, image_bytes, marked, name_of, parts_of, titled
from bakeoff.report.pages.markdown import Outline, to_html
from bakeoff.report.text.escape import escape_html, plain
from bakeoff.report.text.language import tool_words, words
from bakeoff.system.digests import canonical

__all__ = ["HtmlReport"]


_SCRIPTS = ("shared", "methods", "report", "figures", "explore")  # in the order in which they run


def _script_hash(script: str) -> str:
    """Return the token by which the page's policy allows this one script and no other."""
    return "sha256-" + b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


class HtmlReport(HTMLExporter):
    """One HTML file with everything inside; its policy forbids requests and foreign scripts."""

    export_from_notebook = "bakeoff report (HTML)"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "html"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(TEMPLATES)]

    def from_notebook_node(  # type: ignore[override]  # as nbconvert's own HTMLExporter
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and nbconvert's resources."""
        nb = titled(nb, name_of(resources))
        about, outline = nb.metadata["bakeoff"], Outline()
        script = "".join((TEMPLATES / "html" / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
        page = {
            "about": about,
            "fold": partial(_fold_html, outline=outline),
            "front": _front,
            "outline": outline,
            "output": partial(_output_html, outline=outline),
            "parts": parts_of,
            "prose": partial(_prose_html, outline=outline),  # nbconvert copies it, with the outline
            "script": Markup(script),  # noqa: S704 - our own file
            "script_hash": _script_hash(script),
            "style": Markup((TEMPLATES / "html" / "report.css").read_text(encoding="utf-8")),  # noqa: S704
            "tools": canonical(tool_words(about["language"])),
            "words": words(about["language"]),
        }
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name"))
        own: Any = self  # nbconvert does not annotate what it takes
        highlight: Any = Highlight2HTML
        own.register_filter("highlight_code", highlight(pygments_lexer=lexer, parent=self))
        # Past HTMLExporter's own, which reads the whole page once more for images without a text and cells of its own
        # classes: there are none, and of many runs that takes longer than all else.
        return super(HTMLExporter, self).from_notebook_node(
            nb, cast("dict[str, Any]", {**(resources or {}), "page": page}), **kw
        )


def _front(cells: Sequence[NotebookNode], wanted: bool) -> list[NotebookNode]:
    """Return the cells of the first screen, or all others."""
    return [cell for cell in cells if marked(cell, "front") == wanted]


def _prose_html(cell: NotebookNode, outline: Outline) -> str:
    return to_html(cell.source, outline, anchor=cell.metadata.get("bakeoff", {}).get("anchor"))


def _fold_html(cell: NotebookNode, outline: Outline) -> tuple[str, str]:
    """Return the heading of a folded section, without the link to itself, and the text below it."""
    heading, end, rest = _prose_html(cell, outline).partition(f"</h{len(cell.source) - len(cell.source.lstrip('#'))}>")
    return re.sub(r'<a class="anchor".*?</a>', "", heading) + end, rest


def _output_html(output: NotebookNode, outline: Outline) -> str:
    if output.output_type == "stream":
        return f"<pre>{escape_html(plain(output.text))}</pre>"
    if output.output_type == "error":
        return f'<p class="error" role="note"><b>{escape_html(output.ename)}</b>: {escape_html(output.evalue)}</p>'
    form = next((form for form in _FORMS if form in output.data), None)
    return _FORMS[form](output.data, outline) if form else ""


def _own_ids(html: str, outline: Outline) -> str:
    """Give a figure that stands in the page for a second time ids of its own."""
    found = re.match(r'<figure class="report" id="(\w+)"', html)
    return html.replace(found[1], outline.name(found[1])) if found else html


def _image_html(data: Mapping[str, Any], _: Outline, *, kind: str) -> str:
    content = image_bytes(data[kind])
    alt = escape_html(data.get("text/plain", ""))
    return f'<figure class="report"><img alt="{alt}" src="data:{kind};base64,{b64encode(content).decode()}"></figure>'


_FORMS: dict[str, Callable[[Mapping[str, Any], Outline], str]] = {  # best first
    "text/html": lambda data, outline: _own_ids(str(data["text/html"]), outline),
    "text/markdown": lambda data, outline: to_html(data["text/markdown"], outline),
    **{kind: partial(_image_html, kind=kind) for kind in IMAGES},
    "text/plain": lambda data, _: f"<pre>{escape_html(data['text/plain'])}</pre>",
}
