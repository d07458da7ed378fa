"""A report for every reader: with a screen reader, a keyboard, a narrow window, at night, on paper."""

from __future__ import annotations

import functools
import io
import unicodedata

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

import sample
from looks import contrast, small_texts, sticking_out
from pages import opened, unfold
from views import view, whole


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> str:
    comparison = view(sample.collection(failing={"prefix": (42,)}), tmp_path_factory.mktemp("records"))
    return whole(comparison, tmp_path_factory.mktemp("report"), formats=("html",))[0].as_uri()


def use_everything(page) -> None:
    """Unfold the page and leave its controls in use: methods, columns, limits, texts, another threshold."""
    unfold(page)
    page.get_by_label("show: tfidf", exact=True).uncheck()
    page.get_by_label("highlight: lora", exact=True).check()
    page.get_by_label("name: full", exact=True).fill("All of it")
    page.get_by_label("Held against").select_option("lora")
    page.locator(".limits input").first.press("ArrowLeft")
    page.locator(".columns > div label").nth(2).click()
    page.locator("[data-texts]").get_by_label("second method", exact=True).select_option("mamba")
    page.locator("[data-threshold]").get_by_role("slider").press("PageUp")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("used", [False, True], ids=["as opened", "in use"])
def test_axe_finds_nothing(browser, written, scheme: str, used: bool) -> None:
    with opened(browser, written, scheme=scheme) as page:
        if used:
            use_everything(page)
        found = Axe().run(page).response["violations"]
        told = [(one["id"], one["impact"], [node["target"] for node in one["nodes"]][:5]) for one in found]
        assert told == []


# the keyboard --------------------------------------------------------------------------------------------------------

STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  if (!window.stops) window.stops = new Map();
  if (!window.stops.has(one)) window.stops.set(one, window.stops.size);
  const control = one.matches("a[href], button, input, select, summary, textarea");
  const scrolls = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
  const target = one.matches("a[href^='#']") ? document.getElementById(decodeURIComponent(one.hash.slice(1))) : one;
  return {
    place: window.stops.get(one), what: one.outerHTML.slice(0, 120), does: (control || scrolls) && Boolean(target),
    seen: one.getClientRects().length > 0, named: Boolean(one.textContent.trim() || one.getAttribute("aria-label")
      || one.closest("label")),
  };
}"""
CONTROLS = """() => [...document.querySelectorAll("a[href], button, input, select, summary")].filter((one) =>
  one.getClientRects().length && !one.closest("details:not([open]) > :not(summary)") && one.tabIndex >= 0
  && !one.matches("th button")).filter((one) => !window.stops.has(one)).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("used", [False, True], ids=["as opened", "in use"])
def test_every_stop_of_the_keyboard_does_something_and_every_control_is_one(browser, written, used: bool) -> None:
    with opened(browser, written) as page:
        if used:
            use_everything(page)
            page.reload()  # what is set stands in the address; the keyboard begins at the top
            unfold(page)
        told = []
        while (stop := page.evaluate(STOP) if told else {"place": -1}) and stop["place"] == len(told) - 1:
            told.append(stop)
            page.keyboard.press("Tab")
        stops = told[1:]
        assert len(stops) > 20
        assert [stop["what"] for stop in stops if not (stop["does"] and stop["seen"] and stop["named"])] == []
        assert page.evaluate(CONTROLS) == []


# widths, colours, paper ----------------------------------------------------------------------------------------------

WIDTHS = (360, 768, 1024, 1100, 1440, 1920)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_and_every_letter_can_be_read(browser, written, width: int) -> None:
    with opened(browser, written, width=width) as page:
        if width >= 1024:
            assert page.eval_on_selector(".front .scroll", "box => box.scrollWidth <= box.clientWidth"), (
                "a column is cut"
            )
        unfold(page)
        page.locator("[data-texts]").get_by_role("button", name="Show more").click()
        assert sticking_out(page) == []
        assert small_texts(page, 11) == []


COVERED = """() => [...document.querySelectorAll(".tools + .note")].filter((note) => {
  const said = document.createRange();
  said.selectNodeContents(note.tagName === "DETAILS" && !note.open ? note.firstElementChild : note);
  return [...note.previousElementSibling.children].some((tool) => {
    const box = tool.getBoundingClientRect();
    return [...said.getClientRects()].some((line) =>
      box.left < line.right && line.left < box.right && box.top < line.bottom - 2 && line.top < box.bottom - 2);
  });
}).map((note) => note.innerText.slice(0, 60))"""


@pytest.mark.parametrize("width", [1440, 1100, 800, 360])
def test_no_note_of_a_table_runs_under_what_can_be_done_with_it(browser, written, width: int) -> None:
    with opened(browser, written, width=width) as page:
        unfold(page)
        assert page.evaluate("document.querySelectorAll('.tools + .note').length") > 3
        assert page.evaluate(COVERED) == []


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_mark_stands_out_from_the_page(browser, written, scheme: str, width: int) -> None:
    with opened(browser, written, width=width, scheme=scheme) as page:
        unfold(page)
        found = contrast(page)
        assert len(found) > 30
        assert [one for one in found if one[2] < 3] == []


def note_place(found: list[float], text: str, cm: list[float], tm: list[float], *_: object) -> None:
    if text.strip():
        found.append(tm[4] * cm[0] + cm[4])


def test_paper_has_all_of_the_table_the_small_print_and_no_dead_link(browser, written) -> None:
    with opened(browser, written) as page:
        printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    targets = {name.lstrip("/") for name in printed.named_destinations}
    links = [
        link.get_object()
        for sheet in printed.pages
        for link in sheet.get("/Annots") or ()
        if link.get_object()["/Subtype"] == "/Link"
    ]
    assert links
    wanted = [str(link.get("/Dest") or link.get("/A", {}).get("/D")).lstrip("/") for link in links]
    assert set(wanted) <= targets
    texts = [" ".join(unicodedata.normalize("NFKC", sheet.extract_text()).split()) for sheet in printed.pages]
    assert all(head in texts[0] for head in ("accuracy", "difference", "peak memory", "saved", "a text"))
    assert "How to read it" not in "".join(texts)
    assert "a failed run counts neither for nor against it" in "".join(texts)
    for sheet in printed.pages:
        places: list[float] = []
        sheet.extract_text(visitor_text=functools.partial(note_place, places))
        assert max(places) < float(sheet.mediabox.width) - 40
