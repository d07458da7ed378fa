"""What the notebooks show: tables, figures and prose, each in every form a report needs.

Each object carries its forms in one MIME bundle, so that Jupyter, the HTML report and the PDF report show the same
content.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from typing import TYPE_CHECKING, Any

from bakeoff.report.text.escape import clean, escape_html, typst_string
from bakeoff.report.text.language import language, language_attribute

if TYPE_CHECKING:
    import matplotlib.figure

__all__ = ["Figure", "Prose", "image_name"]


_DETERMINISTIC: dict[Any, Any] = {"svg.hashsalt": "bakeoff", "svg.fonttype": "path"}
_PRINT_SCALE, _TEXT_WIDTH = 0.85, 470.0  # the latter in points
_UNDATED = {"Date": None, "Creator": None}


def image_name(content: str | bytes, suffix: str) -> str:
    """Return the file name under which a Typst document refers to an image: it is made of the content."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    return f"image-{hashlib.sha256(data).hexdigest()[:16]}.{suffix}"


class Prose:
    """Markdown text; slots filled with foreign text go through `escape_markdown` first."""

    def __init__(self, markdown: str) -> None:
        self.markdown = clean(markdown)

    def __str__(self) -> str:
        """Return the Markdown."""
        return self.markdown

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/markdown": self.markdown, "text/plain": self.markdown}


class Figure:
    """A matplotlib figure, drawn at once and closed: same data, same bytes.

    figure: a `matplotlib.figure.Figure`
    caption: one sentence shown with it
    alt: what it shows, for those who cannot see it
    """

    def __init__(self, figure: matplotlib.figure.Figure, *, caption: str, alt: str) -> None:
        if not alt.strip():
            raise ValueError("a figure needs an alternative text")
        self.caption, self.alt, self.language = caption, alt, language().code
        self.svg = _draw(figure)

    def to_html(self) -> str:
        """Return a `<figure>` that holds its image, so that nothing is fetched and ids do not clash."""
        data = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        return (
            f'<figure class="report"{language_attribute(self.language)}>'
            f'<img alt="{escape_html(self.alt)}" src="data:image/svg+xml;base64,{data}">'
            f"<figcaption>{escape_html(self.caption)}</figcaption></figure>"
        )

    def to_typst(self) -> str:
        """Return a Typst figure that refers to the SVG by its content's name (see `image_name`)."""
        name, alt = image_name(self.svg, "svg"), typst_string(self.alt)
        return (
            f'#report-figure("{name}", alt: {alt}, width: {self._print_width():.1f}pt, '
            f"caption: {typst_string(self.caption)})"
        )

    def _print_width(self) -> float:
        """Return the width on paper in points: small enough that its lettering is a little below the text's size."""
        drawn = re.search(r'<svg[^>]*? width="([\d.]+)pt"', self.svg)
        return min(_PRINT_SCALE * float(drawn[1]) if drawn else _TEXT_WIDTH, _TEXT_WIDTH)

    def __str__(self) -> str:
        """Return the caption and the alternative text."""
        return f"[{self.caption} {self.alt}]"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {
            "text/html": self.to_html(),
            "image/svg+xml": self.svg,
            "text/x-typst": self.to_typst(),
            "text/plain": str(self),
        }


def _draw(figure: matplotlib.figure.Figure) -> str:
    """Return the figure as SVG without a date; close it, or Jupyter shows it a second time as a picture."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    drawn = io.StringIO()
    with mpl.rc_context(_DETERMINISTIC):
        figure.savefig(drawn, format="svg", metadata=_UNDATED, bbox_inches="tight", pad_inches=0.08)
    plt.close(figure)
    return re.sub(r"\s*<metadata>.*?</metadata>", "", drawn.getvalue(), flags=re.DOTALL).rstrip()
