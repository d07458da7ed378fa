"""Many executed notebooks into one: the comparison, then each method's training, then the appendix.

A pure stage in the manner of nbconvert's preprocessors: notebooks in, a notebook out, nothing read or written. The same
inputs give identical bytes.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Sequence

from nbformat import NotebookNode, v4

from bakeoff.report.pages.markdown import shift_headings
from bakeoff.report.text.escape import escape_markdown
from bakeoff.report.text.language import ENGLISH, language, tr

__all__ = ["Section", "messages_of", "speaks", "stitch"]


Section = tuple[str, str, NotebookNode]
"""Title, run id and executed `train.ipynb` of a method."""

# nbformat's own are not annotated
new_code_cell: Callable[..., NotebookNode] = v4.new_code_cell
new_markdown_cell: Callable[..., NotebookNode] = v4.new_markdown_cell
new_notebook: Callable[..., NotebookNode] = v4.new_notebook
new_output: Callable[..., NotebookNode] = v4.new_output

_SHOWN_OF_TRAINING = {"train", "result"}
_MACHINERY = {"data", "injected-parameters", "parameters", "setup"}
_DEPTH = 3  # a method's section is a heading of this level; what its notebook holds goes below
_WIDGET = "application/vnd.jupyter.widget-view+json"
_RICH = ("image/jpeg", "image/png", "image/svg+xml", "text/html", "text/markdown", "text/x-typst")
_BETWEEN = re.compile(r"(\n\s*\n|\n(?=- ))")
_LANGUAGE = re.compile(r'^<(?:div|figure) class="[^"]*" lang="([^"]+)"')
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def stitch(compare: NotebookNode, sections: Sequence[Section], *, heading: str = "Methods, one by one") -> NotebookNode:
    """Return the report's notebook.

    compare: the executed `compare.ipynb`; its cells tagged `appendix` go to the end, those tagged `front` make the
        first screen, before the contents; a heading tagged `fold` opens a section that is folded
    sections: one per method, in order
    heading: title of the part that holds the sections; left out without sections
    The text of the notebooks is put into the language being spoken, as far as its catalogue has it.
    """
    cells = [cell for cell in compare.cells if "appendix" not in _tags(cell)]
    appendix = [cell for cell in compare.cells if "appendix" in _tags(cell)]
    stitched = _over_something([*_comparison(cells), *_methods(sections, heading), *_comparison(appendix)])
    for place, cell in enumerate(stitched):
        cell["id"] = f"cell-{place:04d}"
    return new_notebook(cells=stitched, metadata={"language_info": {"name": "python"}})


def _over_something(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Leave out headings over nothing, as of searches where nothing was searched; those that links lead to stay."""
    kept: list[NotebookNode] = []
    for cell in reversed(cells):
        level, bare = _level(cell), "\n" not in cell.source.strip() and "anchor" not in cell.metadata.get("bakeoff", {})
        if level and bare and (not kept or 0 < _level(kept[-1]) <= level):
            continue
        kept.append(cell)
    return kept[::-1]


def _level(cell: NotebookNode) -> int:
    """Return the level of the heading that a cell begins with, 0 for none."""
    return len(cell.source) - len(cell.source.lstrip("#")) if cell.cell_type == "markdown" else 0


def _tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def _comparison(cells: Sequence[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield the text and the outputs of the comparison; a cell without either is machinery."""
    for cell in cells:
        marks = {mark: True for mark in ("fold", "front") if mark in _tags(cell)}
        about = {"bakeoff": marks} if marks else {}
        if cell.cell_type == "markdown" and not _tags(cell) & _MACHINERY:
            yield new_markdown_cell(_translated(cell.source), metadata=about)
        elif cell.cell_type == "code" and (outputs := _outputs(cell)):
            yield new_code_cell(cell.source, outputs=outputs, metadata={"jupyter": {"source_hidden": True}, **about})


def _methods(sections: Sequence[Section], heading: str) -> Iterator[NotebookNode]:
    if sections:
        yield new_markdown_cell(f"## {escape_markdown(heading)}")
    for title, run_id, notebook in sections:
        anchored = {"bakeoff": {"anchor": run_id, "fold": True}}
        yield new_markdown_cell(f"{'#' * _DEPTH} {escape_markdown(title)}", metadata=anchored)
        for cell in notebook.cells:
            if _tags(cell) & _SHOWN_OF_TRAINING:
                yield from _training(cell)


def _training(cell: NotebookNode) -> Iterator[NotebookNode]:
    """Yield a cell of a training notebook: its headings below the method's, its code kept for the curious."""
    if cell.cell_type == "markdown":
        yield new_markdown_cell(shift_headings(_translated(cell.source), _DEPTH - 1))
    elif cell.cell_type == "code":
        outputs = _outputs(cell)
        for output in outputs:
            if "text/markdown" in output.get("data", {}):
                output.data["text/markdown"] = shift_headings(output.data["text/markdown"], _DEPTH - 1)
        yield new_code_cell(cell.source, outputs=outputs)


def messages_of(markdown: str) -> list[str]:
    """Return the messages of a notebook's text: its paragraphs, headings and list items, each on one line."""
    return [" ".join(piece.split()) for piece in _BETWEEN.split(markdown)[::2] if piece.strip()]


def _translated(markdown: str) -> str:
    """Put the text of a notebook into the language being spoken; what its catalogue lacks stays as it is."""
    if language().code == ENGLISH:
        return markdown
    pieces = _BETWEEN.split(markdown)
    for place in range(0, len(pieces), 2):
        text = " ".join(pieces[place].split())
        if text and (said := tr(text)) != text:
            pieces[place] = said
    return "".join(pieces)


def speaks(notebook: NotebookNode) -> str:
    """Return the language of what a notebook shows: a report in another one cannot show it."""
    shown = (
        str(output.get("data", {}).get("text/html", ""))
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    found = (_LANGUAGE.search(html) for html in shown)
    return next((one[1] for one in found if one), ENGLISH)


def _outputs(cell: NotebookNode) -> list[NotebookNode]:
    """Return what a reader wants of a cell's outputs: no streams, progress bars, widgets or bare text."""
    return [kept for output in cell.outputs if (kept := _kept(output)) is not None]


def _kept(output: NotebookNode) -> NotebookNode | None:
    if output.output_type == "error":  # its traceback names temporary files: not the same twice
        return new_output("error", ename=output.ename, evalue=output.evalue, traceback=[])
    data = copy.deepcopy(dict(output.get("data", {})))
    progress = "<progress" in str(data.get("text/html", ""))
    if _WIDGET in data or progress or not any(form in data for form in _RICH):
        return None
    if "text/plain" in data:
        data["text/plain"] = _ADDRESS.sub("", str(data["text/plain"]))
    return new_output("display_data", data=data)
