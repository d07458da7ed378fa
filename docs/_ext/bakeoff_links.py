"""Check the built pages: every link to another page or place leads there, and nothing is loaded from elsewhere.

A broken link is a warning, and the build takes warnings for errors.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.util import logging

__all__ = ["faults", "setup"]

LOADED = {
    "audio": "src",
    "iframe": "src",
    "img": "src",
    "link": "href",
    "script": "src",
    "source": "src",
    "video": "src",
}
NOT_LOADED = {"author", "canonical", "index", "next", "prev", "search"}


class Page(HTMLParser):
    """What a page offers and wants. ids: its places; links: where it leads; loaded: what a browser fetches with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = {"", "top"}
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down what one element offers and wants."""
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        address = given.get(LOADED.get(tag, ""), "")
        if address and not (tag == "link" and set(given.get("rel", "").split()) <= NOT_LOADED):
            self.loaded.append(address)


def faults(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield page and complaint for every link that leads nowhere and everything that is loaded from elsewhere."""
    pages = {path.resolve(): Page(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))}
    for path, page in pages.items():
        name = path.relative_to(folder.resolve()).as_posix()
        for address in page.loaded:
            if urlsplit(address).netloc:
                yield name, f"loads {address}: the pages have to work without the internet"
        for address in (*page.links, *page.loaded):
            told = urlsplit(address)
            if told.scheme or told.netloc:
                continue
            target = (path.parent / unquote(told.path)).resolve() if told.path else path
            if not target.is_file():
                yield name, f"leads to {address}: there is no such file"
            elif target in pages and unquote(told.fragment) not in pages[target].ids:
                yield name, f"leads to {address}: there is no such place on that page"


def _check(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        for page, complaint in faults(Path(app.outdir)):
            logging.getLogger(__name__).warning("%s %s", page, complaint)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("build-finished", _check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
