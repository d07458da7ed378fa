"""What is written in a figure: as its names are spelt, never a formula, and nothing that no document can hold."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bakeoff.report.pages.fonts import OWN_FAMILY, fallback
from bakeoff.report.text.escape import clean

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.ticker import Formatter

__all__ = ["any_script", "drawn_text", "letter"]


@contextmanager
def any_script() -> Iterator[None]:
    """Measure and draw texts without a warning for each sign that the font lacks: it is shown as a box."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font", category=UserWarning)
        yield


def drawn_text(text: object) -> str:
    """Return a text as figures show it: a visible replacement for controls and lone surrogates, no tabs."""
    return clean(text).replace("\t", " ")


def letter(figure: Figure) -> None:
    """Let every text of a figure, its scales' too, be shown as written: no formulas, nothing SVG cannot hold.

    Each figure passes here on its way to a file; whatever measures a text before that calls `drawn_text`.
    """
    from matplotlib.text import Text

    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(_written(axis.get_major_formatter()))
            axis.set_minor_formatter(_written(axis.get_minor_formatter()))
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    for text in texts:
        text.set_parse_math(False)
        text.set_text(drawn_text(text.get_text()))
    ticks = [label for ax in figure.axes for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
    if more := fallback(text.get_text() for text in (*texts, *ticks)).families:
        for text in (*texts, *ticks):
            text.set_fontfamily([OWN_FAMILY, *more])


def _written(inner: Formatter) -> Formatter:
    """Return a formatter that passes on what another one writes, which it does anew each time a figure is drawn."""
    from matplotlib.ticker import Formatter

    class Written(Formatter):
        def __call__(self, x: float, pos: int | None = None) -> str:
            return drawn_text(inner(x, pos))

        def format_ticks(self, values: list[float]) -> list[str]:
            return [drawn_text(text) for text in inner.format_ticks(values)]

        def get_offset(self) -> str:
            return inner.get_offset()

    return Written()
