"""Figures as SVG with real text: one form that stands alone, and one that takes colours and letters from its page."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from bakeoff.report.pages.fonts import OWN_FAMILY
from bakeoff.report.pages.lettering import any_script, letter
from bakeoff.report.text.escape import escape_html

if TYPE_CHECKING:
    import matplotlib.figure

__all__ = ["COLOURS", "METHOD", "draw", "inline", "key_of", "narrow_page", "page_width", "width_of"]


COLOURS: Mapping[str, str] = {
    "#1a1a1a": "currentColor",
    "#6b6b6b": "var(--muted, #6b6b6b)",
    "#d9d9d9": "var(--line, #d9d9d9)",
    "#e4e4e4": "var(--line, #e4e4e4)",
    "#e8eef4": "var(--tint, #e8eef4)",
    "#ffffff": "var(--paper, #ffffff)",
}
"""Colours of ink, lines and ground -> what takes their place within a page, so that they turn with it."""

METHOD = "method:"
"""What the name of a part of a figure begins with that shows one method; in the SVG, the attribute `data-method`."""

_PAGE, _NARROW = 6.3, 2.95
"""Inches: the text width of the PDF, so that type keeps its size there, and that of a telephone held upright."""

_SETTINGS: dict[Any, Any] = {"svg.hashsalt": "bakeoff", "svg.fonttype": "none", "svg.id": None}
_UNDATED = {"Date": None, "Creator": None}
_FONT = re.compile(r"font: (?:(italic|oblique) )?(?:(bold|\d{3}) )?([\d.]+)px ('[^;\"]*)")
_TURNING = re.compile(r"\b(fill|stroke): (#[0-9a-f]{6})")
_PLACES = re.compile(r'( (?:d|x|y|width|height|transform|points|cx|cy|r)=")([^"]*)')
_DIGITS = re.compile(r"(?<=\.\d\d)\d+")
_BROWSER_UNIT = 1.6  # pixels to the point: type of 7.5 points is 12 pixels high
_LEAST_UNIT = 1.47  # below it, type of 7.5 points would have less than 11 pixels


_width: ContextVar[float] = ContextVar("width", default=_PAGE)


def page_width() -> float:
    """Return the inches that a figure may be wide."""
    return _width.get()


@contextmanager
def narrow_page() -> Iterator[None]:
    """Let figures be drawn for a narrow screen."""
    before = _width.set(_NARROW)
    try:
        yield
    finally:
        _width.reset(before)


def draw(figure: matplotlib.figure.Figure) -> str:
    """Return a figure as SVG that stands alone: text as text, no date, no ground; close it.

    A figure left open would be shown a second time by Jupyter, as a picture.
    """
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    letter(figure)
    drawn = io.StringIO()
    with mpl.rc_context(_SETTINGS), any_script():
        figure.savefig(drawn, format="svg", metadata=_UNDATED, bbox_inches="tight", pad_inches=0.04, transparent=True)
    plt.close(figure)
    svg = _PLACES.sub(lambda found: found[1] + _DIGITS.sub("", found[2]), drawn.getvalue())  # a hundredth of a point
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL).rstrip()
    svg = _FONT.sub(_spelt, svg).replace(f' id="{METHOD}', ' data-method="')
    ElementTree.fromstring(svg)  # noqa: S314 - our own; a broken one would fail the whole PDF
    return svg


def _spelt(font: re.Match[str]) -> str:
    """Spell out the shorthand of a font; the document's own face is asked first."""
    slant, weight, size, families = font.groups()
    more = "".join(f"{name}: {value}; " for name, value in (("font-style", slant), ("font-weight", weight)) if value)
    families = families.replace(f"'{OWN_FAMILY}'", f"'Libertinus Serif', '{OWN_FAMILY}'", 1)
    return f"{more}font-size: {size}px; font-family: {families}"


def key_of(svg: str) -> str:
    """Return a name made of the content, under which a page can link to a figure."""
    return f"f{hashlib.sha256(svg.encode('utf-8')).hexdigest()[:10]}"


def width_of(svg: str) -> float | None:
    """Return the width in points."""
    found = re.search(r'<svg[^>]*? width="([\d.]+)pt"', svg)
    return float(found[1]) if found else None


def inline(svg: str, *, key: str, alt: str) -> str:
    """Return the SVG as part of a page: its colours and its face, ids that begin with `key`, no style of its own."""
    body = svg[svg.index("<svg") :]
    width = width_of(svg) or 0.0
    body = re.sub(r"\s*<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    used = {*re.findall(r'href="#([^"]+)"', body), *re.findall(r"url\(#([^)]+)\)", body)}
    body = re.sub(r' id="([^"]*)"', lambda found: f' id="{key}-{found[1]}"' if found[1] in used else "", body)
    body = re.sub(r'href="#', f'href="#{key}-', body).replace("url(#", f"url(#{key}-").replace("xlink:href", "href")
    body = re.sub(r"<text[^>]*>|<[^>]*>", _turned, body)
    head = (
        f'<svg role="img" aria-label="{escape_html(alt)}" style="width: {_BROWSER_UNIT * width:.0f}px; '
        f'min-width: {_LEAST_UNIT * width:.0f}px; stroke-linejoin: round; stroke-linecap: butt"'
    )
    body = re.sub(r'<svg\b([^>]*?)(?: width="[^"]*"| height="[^"]*")', r"<svg\1", body, count=1)
    body = re.sub(r'<svg\b([^>]*?)(?: width="[^"]*"| height="[^"]*")', r"<svg\1", body, count=1)
    body = re.sub(r' (?:xmlns(?::\w+)?|version)="[^"]*"| transform="rotate\(-?0 [^"]*\)"', "", body)
    body = _without_bare_groups(body)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"<svg\b", lambda _: head, body, count=1))


def _without_bare_groups(svg: str) -> str:
    """Leave out groups without attributes: a tenth of a figure of many methods."""
    told: list[bool] = []

    def kept(tag: re.Match[str]) -> str:
        if tag[0] != "</g>":
            told.append(tag[0] != "<g>")
            return tag[0] if told[-1] else ""
        return tag[0] if told.pop() else ""

    return re.sub(r"<g\b[^>]*(?<!/)>|</g>", kept, svg)


def _turned(tag: re.Match[str]) -> str:
    """Let an element take the colours and the face of the page; white letters stand on a dark cell and stay white."""
    text = tag[0].startswith("<text")
    found = re.sub(r"font-family: [^;\"]*;? ?", "", tag[0]) if text else tag[0]
    if text and "fill: " not in found:
        found = found.replace('style="', 'style="fill: currentColor; ', 1)
    return _TURNING.sub(
        lambda one: one[0] if text and one[2] == "#ffffff" else f"{one[1]}: {COLOURS.get(one[2], one[2])}", found
    )
