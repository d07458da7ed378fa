"""A notebook as Typst source: the text of its cells and the forms its outputs carry; only `export` imports this."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from bakeoff.reporting.display import image_name
from bakeoff.reporting.escape import plain, typst_string
from bakeoff.reporting.markdown import Outline
from bakeoff.reporting.markdown_typst import LANDSCAPE, to_typst

__all__ = ["IMAGES", "TypstSource", "image_bytes", "typst_source"]

IMAGES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}


@dataclass
class TypstSource:
    """Typst markup and, by name, the image files it refers to."""

    text: str = ""
    images: dict[str, bytes] = field(default_factory=dict)


def typst_source(nb: NotebookNode) -> TypstSource:
    """Return the body of the document: Markdown cells and outputs, no code."""
    source, outline = TypstSource(), Outline()
    blocks: list[str] = []
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            blocks += to_typst(cell.source, outline, anchor=cell.metadata.get("bakeoff", {}).get("anchor"))
        elif cell.cell_type == "code":
            for output in cell.outputs:
                _append(blocks, _output(output, source, outline))
    source.text = "\n\n".join(blocks) + "\n"
    return source


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


def image_bytes(image: str) -> bytes:
    """Return an image's bytes: nbformat keeps SVG as text and the rest in base64."""
    return image.encode("utf-8") if image.lstrip().startswith("<") else base64.b64decode(image)


def _raw(text: str) -> str:
    return f"#raw({typst_string(text.rstrip())}, block: true)"
