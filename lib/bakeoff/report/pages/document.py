"""What both exporters share: templates, the title of a notebook, images."""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from bakeoff.report.pages.markdown import split_title
from bakeoff.system.workspace import PACKAGE

__all__ = ["IMAGES", "TEMPLATES", "Part", "image_bytes", "marked", "name_of", "parts_of", "titled"]


TEMPLATES = PACKAGE / "report" / "pages" / "templates"


def titled(nb: NotebookNode, name: str) -> NotebookNode:
    """Return a copy whose metadata holds title, language and facts; a leading level-1 heading becomes the title."""
    nb = copy.deepcopy(nb)
    first = next((cell for cell in nb.cells if cell.cell_type == "markdown"), None)
    heading = None
    if first is not None:
        heading, first["source"] = split_title(first.source)
    about = {"language": "en", "facts": {}} | dict(nb.metadata.get("bakeoff", {}))
    nb.metadata["bakeoff"] = about | {"title": nb.metadata.get("title") or heading or name}
    return nb


def name_of(resources: Mapping[str, Any] | None) -> str:
    """Return the name that nbconvert gives a notebook."""
    return str((resources or {}).get("metadata", {}).get("name") or "report")


@dataclass
class Part:
    """Cells that stand together. folded: the first one's heading opens a section that is folded."""

    folded: bool
    cells: list[NotebookNode] = field(default_factory=list)


def marked(cell: NotebookNode, mark: str) -> bool:
    """Return whether stitching has given a cell a mark: `front` or `fold`."""
    return bool(cell.metadata.get("bakeoff", {}).get(mark))


def parts_of(cells: Sequence[NotebookNode]) -> list[Part]:
    """Split cells into folded sections and what stands between them; one ends at a heading of its level or above."""
    parts: list[Part] = []
    depth = 0
    for cell in cells:
        level = _level(cell)
        if marked(cell, "fold"):
            parts.append(Part(folded=True))
            depth = level
        elif not parts or (parts[-1].folded and 0 < level <= depth):
            parts.append(Part(folded=False))
        parts[-1].cells.append(cell)
    return parts


def _level(cell: NotebookNode) -> int:
    """Return the level of the heading that a cell begins with, 0 of a cell without one."""
    found = re.match(r"(#{1,6}) ", cell.source) if cell.cell_type == "markdown" else None
    return len(found[1]) if found else 0


IMAGES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}


def image_bytes(image: str) -> bytes:
    """Return an image's bytes: nbformat keeps SVG as text and the rest in base64."""
    return image.encode("utf-8") if image.lstrip().startswith("<") else base64.b64decode(image)
