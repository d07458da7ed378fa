"""What a report shows of one run: its executed notebook, or one drawn from its record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from html.parser import HTMLParser

from nbformat import NotebookNode

from bakeoff.experiment.model import Experiment
from bakeoff.report.figures.single_run import confusion_figure, learning_curves
from bakeoff.report.pages.display import Figure, Prose, image_name
from bakeoff.report.pages.table import Table
from bakeoff.report.tables.single_run import quality_table
from bakeoff.report.text.language import tr
from bakeoff.runs.record import Record
from bakeoff.system.digests import bytes_of
from bakeoff.system.workspace import Workspace

__all__ = ["is_plain_html", "is_plain_typst", "notebook_of", "training_notebook"]


UNREADABLE = (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError)
SVG = {"image/svg+xml": "svg"}


def training_notebook(record: Record, workspace: Workspace, experiment: Experiment) -> NotebookNode:
    """Return a run's executed notebook; where there is none in the report's language, one drawn from its record."""
    import nbformat

    from bakeoff.report.pages.stitch import speaks

    file = workspace.run_folder(experiment.name, record.run_id).notebook
    # None, a folder, one cut off while papermill wrote it, or JSON of another shape.
    with suppress(*UNREADABLE, nbformat.ValidationError):
        executed: NotebookNode = nbformat.reads(bytes_of(file).decode("utf-8"), as_version=4)
        nbformat.validate(executed)
        if speaks(executed) == experiment.report.language:
            return as_ours(executed)
    return notebook_of(record, metric=experiment.compare.metric)


def as_ours(notebook: NotebookNode) -> NotebookNode:
    """Leave out of a notebook's outputs what would stand in a page as it is and is not of the forms that ours have.

    Such a file comes with a folder of runs, which may be somebody else's: what it says in Markdown, pictures and plain
    text is shown, which cannot do more than that.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            images = [image_name(data[kind], end) for kind, end in SVG.items() if isinstance(data.get(kind), str)]
            if not is_plain_html(str(data.get("text/html", ""))):
                del data["text/html"]
                data.setdefault("text/markdown", _as_typed(str(data.get("text/plain", ""))))
            if "text/x-typst" in data and not is_plain_typst(images, str(data["text/x-typst"])):
                del data["text/x-typst"]
    return notebook


def _as_typed(text: str) -> str:
    """Return Markdown that shows a text as it is: what somebody's own table says, in letters of one width."""
    fence = "`" * (2 + max(map(len, re.findall("`+", text)), default=1))
    return f"{fence}\n{text}\n{fence}"


TAGS = frozenset((
    "a", "b", "br", "caption", "circle", "clippath", "code", "defs", "details", "div", "ellipse", "em", "figcaption",
    "figure", "g", "h4", "h5", "h6", "i", "li", "line", "lineargradient", "ol", "p", "path", "pattern", "polygon",
    "polyline", "pre", "rect", "small", "span", "stop", "strong", "summary", "sup", "svg", "table", "tbody", "td",
    "text", "th", "thead", "tr", "tspan", "ul", "use",
))  # fmt: skip
"""Elements of tables, figures and paragraphs: none that asks for anything, runs, or is of the page's head."""
LEADING = frozenset({"action", "background", "formaction", "href", "poster", "src", "srcset", "xlink:href"})
OUT_OF_PLACE = re.compile(r"position|z-index|@|\\|expression|content|url\((?!#)", re.IGNORECASE)


class _Plain(HTMLParser):
    """Whether HTML is closed in itself, and nothing but what tables, figures and paragraphs are made of."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags = 0
        self.good = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        self.good &= tag in TAGS and not any(map(_leads, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.tags += 1
        self.good &= bool(self.open) and self.open.pop() == tag

    def handle_comment(self, data: str) -> None:  # noqa: ARG002
        self.good = False

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002
        self.good = False

    def handle_pi(self, data: str) -> None:  # noqa: ARG002
        self.good = False

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002
        self.good = False


def _leads(attribute: tuple[str, str | None]) -> bool:
    """Return whether an attribute runs something, leads out of the page or takes its element out of its place."""
    name, value = attribute[0], attribute[1] or ""
    if name in LEADING:
        return not value.startswith("#")
    return name.startswith("on") or (name == "style" and OUT_OF_PLACE.search(value) is not None)


def is_plain_html(html: str) -> bool:
    """Return whether HTML is of the forms that tables, figures and paragraphs of a report have."""
    page = _Plain()
    page.feed(html)
    page.close()
    # One that is cut off, or that the parser and a browser take for different things, begins with a sign of its own.
    return page.good and not page.open and page.tags == html.count("<")


STRING = re.compile(r'"((?:[^"\\]|\\[\\"])*)"')
SAID, CELL = '""', r'\[(?:#""|#linebreak\(\)|#text\(size: 0\.85em, ""\))*\]'
FIGURE = r'#report-figure\("", alt: "", width: (?:100%|\d+\.\dpt), caption: ""\)'
WORDS = r'(?:""|\d+pt|\((?:(?:""|left|right|auto|\d+fr), ?)+\))'
TABLE = rf"#report-table\((?:[a-z]+: {WORDS},\s)+(?:  {CELL}(?:, {CELL})*,\n)*\)"
PLAIN = re.compile(rf"{FIGURE}|{TABLE}|#page\(flipped: true\)\[\n?{TABLE}\n?\]\n?")
"""Calls that figures and tables are in Typst, without what stands in their strings."""


def is_plain_typst(images: Sequence[str], source: str) -> bool:
    """Return whether Typst is of the forms that tables and figures of a report have. images: files it may show."""
    shown = re.findall(r'#report-figure\("([^"]*)"', source)
    return set(shown) <= set(images) and PLAIN.fullmatch(STRING.sub(SAID, source)) is not None


def notebook_of(record: Record, *, metric: str) -> NotebookNode:
    """Make a notebook of a run's results from its record; metric: that the comparison declares.

    For a run that was trained by hand and so left none, and for one whose notebook speaks another language.
    """
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    shown: list[Table | Figure | Prose | None] = [
        Prose(tr("What follows is drawn from the record of this run, `{run}`.", run=record.run_id)),
        learning_curves(record.training.history if record.training else (), method=record.method, metric=metric),
    ]
    if record.validation or record.test:
        shown += [quality_table(record), confusion_figure(record)]
    cells = [
        new_code_cell(
            "", metadata={"tags": ["result"]}, outputs=[new_output("display_data", data=item._repr_mimebundle_())]
        )
        for item in shown
        if item is not None
    ]
    notebook: NotebookNode = new_notebook(cells=cells)
    return notebook
