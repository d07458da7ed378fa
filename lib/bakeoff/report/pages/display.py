"""What the notebooks show: tables, figures and prose, each in every form a report needs.

Each object carries its forms in one MIME bundle, so that Jupyter, the HTML report and the PDF report show the same
content.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from bakeoff.report.pages import svg
from bakeoff.report.text.escape import clean, escape_html, escape_markdown, typst_string
from bakeoff.report.text.language import language, language_attribute, tr
from bakeoff.system.spreadsheets import csv_of

if TYPE_CHECKING:
    import matplotlib.figure
    from nbformat import NotebookNode

__all__ = ["FIGURE", "UNDRAWN", "Figure", "Prose", "Undrawn", "carried", "drawing", "image_name"]


_WIDE = 400.0  # points: a wider figure takes the width of the text
UNDRAWN = "application/vnd.bakeoff.undrawn"
"""Form of the sentence that stands for a figure that cannot be drawn."""
FIGURE = "application/vnd.bakeoff.figure"
"""Form of what a figure is called, for the files that are kept of it."""
_REASON = 200  # characters

Given = ParamSpec("Given")
Made = TypeVar("Made")


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
    data: heading -> column of the numbers drawn, to be downloaded as CSV
    method: the one that all of it shows, empty where it shows several
    narrow: the SVG for a narrow screen, None where one serves all
    """

    def __init__(
        self,
        figure: matplotlib.figure.Figure,
        *,
        caption: str,
        alt: str,
        data: Mapping[str, Sequence[object]] | None = None,
        method: str = "",
    ) -> None:
        if not alt.strip():
            raise ValueError("a figure needs an alternative text")
        self.caption, self.alt, self.language = clean(caption), clean(alt), language().code
        self.data = {clean(name): [_cell(value) for value in values] for name, values in (data or {}).items()}
        self.svg, self.name = svg.draw(figure), "figure"
        self.narrow: str | None = None
        self.method = clean(method)

    @property
    def csv(self) -> str:
        """The numbers drawn, in full precision; empty where none are told."""
        import pandas as pd

        return csv_of(pd.DataFrame(self.data)) if self.data else ""

    def to_html(self) -> str:
        """Return a `<figure>` with the SVG inside: its text can be searched, its colours are the page's."""
        key = svg.key_of(self.svg)
        drawn = svg.inline(self.svg, key=key, alt=self.alt)
        about = f' data-method="{escape_html(self.method)}"' if self.method else ""
        about += f' data-csv="{escape_html(self.csv)}"' if self.data else ""
        narrow = ""
        if self.narrow:
            again = svg.inline(self.narrow, key=f"{key}n", alt=self.alt)
            narrow = f'<div class="drawn narrow">{again}</div>'
        return (
            f'<figure class="report" id="{key}"{language_attribute(self.language)}{about}>'
            f'<div class="drawn">{drawn}</div>{narrow}'
            f"<figcaption>{escape_html(self.caption)}</figcaption></figure>"
        )

    def to_typst(self) -> str:
        """Return a Typst figure that refers to the SVG by its content's name (see `image_name`)."""
        name, alt = image_name(self.svg, "svg"), typst_string(self.alt)
        return (
            f'#report-figure("{name}", alt: {alt}, width: {self._print_width()}, caption: {typst_string(self.caption)})'
        )

    def _print_width(self) -> str:
        """Return the width on paper: that of the text, or as drawn where the figure is narrow."""
        drawn = svg.width_of(self.svg)
        return "100%" if drawn is None or drawn > _WIDE else f"{drawn:.1f}pt"

    def __str__(self) -> str:
        """Return the caption and the alternative text."""
        return f"[{self.caption} {self.alt}]"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {
            "text/html": self.to_html(),
            "image/svg+xml": self.svg,
            "text/x-typst": self.to_typst(),
            "text/plain": str(self),
            FIGURE: self.name,
        }


# figures that cannot be drawn ----------------------------------------------------------------------------------------


class Undrawn(Prose):
    """A sentence in place of a figure. name: of the figure, in the language being spoken; error: what was raised."""

    def __init__(self, name: str, error: Exception) -> None:
        reason = " ".join(clean(f"{type(error).__name__}: {error}").split())
        reason = reason if len(reason) <= _REASON else f"{reason[:_REASON]}\N{HORIZONTAL ELLIPSIS}"
        self.sentence = tr("Figure not drawn ({figure}): {reason}", figure=name, reason=reason)
        super().__init__(escape_markdown(self.sentence))

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {**super()._repr_mimebundle_(), UNDRAWN: self.sentence}


def drawing(name: str) -> Callable[[Callable[Given, Made]], Callable[Given, Made | Undrawn]]:
    """Let a function that makes a figure return a sentence with the reason where it raises.

    name: of the figure, a message that `tr` translates
    """

    def wrap(draw: Callable[Given, Made]) -> Callable[Given, Made | Undrawn]:
        @functools.wraps(draw)
        def attempt(*args: Given.args, **kwargs: Given.kwargs) -> Made | Undrawn:
            try:
                made = draw(*args, **kwargs)
                if isinstance(made, Figure):
                    made.name = re.sub(r"\W+", "-", name).strip("-")
                    made.narrow = _narrow(made, lambda: draw(*args, **kwargs))
                return made
            except Exception as error:  # noqa: BLE001 - whatever it is, the rest of the report can be shown
                return Undrawn(tr(name), error)

        return attempt

    return wrap


def _narrow(made: Figure, draw: Callable[[], object]) -> str | None:
    """Return the SVG of a figure that is drawn again for a narrow screen.

    None where it fits one as it is, and where a narrow page has no room for it: then it scrolls.
    """
    with svg.narrow_page(), suppress(Exception):
        if (svg.width_of(made.svg) or 0.0) > 72 * svg.page_width() and isinstance(again := draw(), Figure):
            return again.svg
    return None


def carried(notebook: NotebookNode, form: str) -> Iterator[Any]:
    """Yield what the outputs of an executed notebook carry in one form (a MIME type), for programs alone."""
    for cell in notebook.cells:
        yield from (one["data"][form] for one in cell.get("outputs", []) if form in one.get("data", {}))


def _cell(value: object) -> object:
    return clean(value) if isinstance(value, str) else value
