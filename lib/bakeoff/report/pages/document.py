"""What both exporters share: templates, the title of a notebook, images."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from bakeoff.report.pages.markdown import split_title
from bakeoff.system.workspace import PACKAGE

__all__ = ["IMAGES", "image_bytes"]


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
    return str((resources or {}).get("metadata", {}).get("name") or "report")


IMAGES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}


def image_bytes(image: str) -> bytes:
    """Return an image's bytes: nbformat keeps SVG as text and the rest in base64."""
    return image.encode("utf-8") if image.lstrip().startswith("<") else base64.b64decode(image)
