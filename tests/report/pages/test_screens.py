"""The first screen looks as it was kept: its parts stand where they stood, and from afar it is the same picture."""

from __future__ import annotations

import pytest

from screens import SCREENS, compared, first_screen, screen, seen


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    return first_screen(tmp_path_factory.mktemp("screens"))


@pytest.mark.parametrize("name", SCREENS)
def test_the_first_screen_looks_as_it_was_kept(browser, address, name: str) -> None:
    with screen(browser, address, name) as page:
        told = compared(name, *seen(page))
    assert not told, "\n".join([*told, "if this is meant: python tests/support/screens.py --write"])


CHANGES = {
    "the table is hidden": ".front table { visibility: hidden; }",
    "the sentence is twice as large": ".answer .lead { font-size: 2.44rem; }",
    "the table is without colours": ".front .span, .front .bar { opacity: 0; }",
    "rows have fallen out": ".front tbody tr:nth-child(n + 5) { display: none; }",
    "the page is shifted": ".front { padding-top: 40px; }",
    "the ink is pale": ":root { --ink: #9aa; }",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_reader_would_see_is_seen(browser, address, change: str) -> None:
    with screen(browser, address, "1440-light") as page:
        page.add_style_tag(content=CHANGES[change])
        told = compared("1440-light", *seen(page))
    assert len(told) > 1
    assert told[-1].endswith("1440-light.png")
