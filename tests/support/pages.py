"""A report in a browser, as a reader has it: what it says on its console or asks of the network is an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# A page without a window of its own may not write to the clipboard: what it would write is looked at instead.
_CLIPBOARD = """Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => {
  window.copied = text;
}}})"""


@contextmanager
def opened(browser: Any, address: str, *, width: int = 1440, height: int = 900, scheme: str = "light") -> Iterator[Any]:
    """Open a page in a context of its own; width, height: of its window in pixels."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    seen: list[str] = []
    page.on("console", lambda said: seen.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(("data:", "file:")) else seen.append(asked.url))
    page.add_init_script(_CLIPBOARD)
    page.goto(address)
    yield page
    assert seen == []
    context.close()


def unfold(page: Any) -> None:
    """Open every fold, as a reader would."""
    page.eval_on_selector_all("details", "folds => folds.forEach((fold) => { fold.open = true; })")
