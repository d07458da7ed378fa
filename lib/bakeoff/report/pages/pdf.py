"""A stitched notebook into one PDF, set by Typst."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typst
from nbconvert.exporters import Exporter
from nbformat import NotebookNode, writes
from traitlets import default

from bakeoff.report.pages.display import image_name
from bakeoff.report.pages.document import IMAGES, TEMPLATES, image_bytes, marked, name_of, parts_of, titled
from bakeoff.report.pages.fonts import fallback
from bakeoff.report.pages.markdown import LANDSCAPE, Outline, to_typst
from bakeoff.report.text.escape import plain, typst_string
from bakeoff.report.text.language import words
from bakeoff.system.atomic import scratch_folder

__all__ = ["PdfReport", "TypstSource", "typst_source"]


@dataclass
class TypstSource:
    """Typst markup, that of the first page apart, and by name the image files they refer to."""

    text: str = ""
    front: str = ""
    images: dict[str, bytes] = field(default_factory=dict)


def typst_source(nb: NotebookNode, *, short: bool = False) -> TypstSource:
    """Return the body of the document: Markdown cells and outputs, no code; short: without what the HTML folds."""
    source, outline = TypstSource(), Outline()
    parts: dict[bool, list[str]] = {True: [], False: []}
    for cell in _printed(nb.cells) if short else nb.cells:
        blocks = parts[marked(cell, "front")]
        if cell.cell_type == "markdown":
            blocks += to_typst(cell.source, outline, anchor=cell.metadata.get("bakeoff", {}).get("anchor"))
        elif cell.cell_type == "code":
            for output in cell.outputs:
                _append(blocks, _output(output, source, outline))
    source.front, source.text = ("\n\n".join(parts[front]) + "\n" for front in (True, False))
    return source


def _printed(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return the cells of the short document: no folded section, and no heading that is left with nothing below it."""
    kept = [cell for part in parts_of(cells) if not part.folded for cell in part.cells]
    bare = [cell.cell_type == "markdown" and re.fullmatch(r"#{2,6} .*\s*", cell.source) is not None for cell in kept]
    following = [*bare[1:], True]
    return [cell for cell, empty, after in zip(kept, bare, following, strict=True) if not (empty and after)]


def _left_out(cells: Sequence[NotebookNode], language: str) -> str:
    """Return a paragraph that names the sections left out of the short document, and how to have them."""
    folded = [part.cells[0] for part in parts_of(cells) if part.folded]
    if not folded:
        return ""
    said = words(language)
    runs = [cell for cell in folded if cell.metadata["bakeoff"].get("anchor")]
    names = [plain(cell.source.splitlines()[0].lstrip("# ")) for cell in folded if cell not in runs]
    names = [*([said["methods"]] if runs else []), *names]
    markdown = f"**{said['left_out']}:** {'; '.join(names)}. {said['left_out_how']}"
    return "\n\n".join(to_typst(markdown, Outline()))


def _append(blocks: list[str], block: str) -> None:
    """Append a block; one that turns the page takes the headings above it along."""
    if block.startswith(LANDSCAPE):
        headings: list[str] = []
        while blocks and blocks[-1].startswith("#heading("):
            headings.insert(0, blocks.pop())
        block = "\n\n".join([LANDSCAPE, *headings, block.removeprefix(LANDSCAPE)])
    blocks.append(block)


def _output(output: NotebookNode, source: TypstSource, outline: Outline) -> str:
    if output.output_type == "stream":
        return _raw(plain(output.text))
    if output.output_type == "error":
        return f"#error({typst_string(output.ename)}, {typst_string(output.evalue)})"
    return _data(output.data, source, outline)


def _data(data: Mapping[str, Any], source: TypstSource, outline: Outline) -> str:
    """Return the best form an output has, and keep its image where that form refers to one."""
    images = {
        image_name(image_bytes(data[kind]), end): image_bytes(data[kind])
        for kind, end in IMAGES.items()
        if kind in data
    }
    if "text/x-typst" in data:
        source.images |= images
        return str(data["text/x-typst"])
    if "text/markdown" in data:
        return "\n\n".join(to_typst(data["text/markdown"], outline))
    if images:
        name, content = next(iter(images.items()))
        source.images[name] = content
        return f'#align(center, image("{name}", alt: {typst_string(data.get("text/plain", ""))}))'
    return _raw(str(data["text/plain"])) if "text/plain" in data else ""


def _raw(text: str) -> str:
    return f"#raw({typst_string(text.rstrip())}, block: true)"


class PdfReport(Exporter):
    """One PDF, set by Typst with fonts that come with its packages; the system's only for signs that those lack."""

    export_from_notebook = "bakeoff report (PDF)"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the PDF's bytes and nbconvert's resources."""
        nb, found = super().from_notebook_node(titled(nb, name_of(resources)), resources, **kw)
        more = fallback([writes(nb)])
        with scratch_folder() as folder:  # pictures cannot be handed over in memory
            for name, content in self.files(nb, families=more.families).items():
                (folder / name).write_bytes(content)
            for file in more.files:
                shutil.copy(file, folder)
            paths: list[Any] = [*_fonts(), str(folder)]
            return typst.compile(f"{folder}/main.typ", ignore_system_fonts=True, font_paths=paths), found

    def files(self, nb: NotebookNode, *, families: Sequence[str] = ()) -> dict[str, bytes]:
        """Return the Typst project of a titled notebook: `main.typ`, the template, the images.

        families: of fonts to be asked after the template's own
        """
        fonts = "".join(f"{typst_string(family)}, " for family in families)
        about = nb.metadata["bakeoff"]
        short = bool(about.get("short"))
        source = typst_source(nb, short=short)
        if short:
            source.text += _left_out(nb.cells, about["language"])
        told = words(about["language"])
        named = "".join(f"{name}: {typst_string(told[name])}, " for name in ("contents", "figure", "table"))
        facts = "".join(f"({typst_string(name)}, {typst_string(value)}), " for name, value in about["facts"].items())
        main = (
            '#import "report.typ": *\n'
            f"#show: report.with(title: {typst_string(about['title'])}, language: {typst_string(about['language'])}, "
            f"words: ({named}), facts: ({facts}), more-fonts: ({fonts}), front: [{source.front}])\n\n{source.text}"
        )
        template = (TEMPLATES / "typst" / "report.typ").read_bytes()
        return {"main.typ": main.encode("utf-8"), "report.typ": template, **source.images}


def _fonts() -> list[Any]:
    """Return where matplotlib keeps its fonts: they fill in the signs that Typst's own lack."""
    import matplotlib as mpl

    return [str(Path(mpl.get_data_path()) / "fonts" / "ttf")]
