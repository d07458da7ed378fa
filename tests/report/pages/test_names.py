"""Methods may be called anything: a page finds each by its name, renames it everywhere, and keeps it in the address."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_output

import sample
from bakeoff.report.build import export
from bakeoff.report.pages.stitch import stitch
from pages import opened, unfold
from studies import of_methods
from views import NOTEBOOK, view

NAMES = (
    "full", '<b>bold</b> & "quoted"', "it's a~b, c: d (e)",
    "a_method_with_a_very_long_name_that_no_column_has_room_for",
    "\u0645\u0631\u062d\u0628\u0627", "$x^2$ {{7*7}} [l](javascript:alert(1))", "constructor", "-1e5",
)  # fmt: skip
CELLS = {"answer": "answer", "summary": "summary", "tradeoffs": "costs", "flips": "flips", "words": "words"}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> str:
    with pytest.MonkeyPatch.context() as patch:
        for place, name in enumerate(NAMES):
            score, *facts = sample.FACTS["full"]
            patch.setitem(sample.FACTS, name, (score - 0.02 * place, *facts))
        patch.setattr(sample, "NEURAL", tuple(sample.FACTS))
        folder = tmp_path_factory.mktemp("names")
        comparison = view(of_methods(NAMES, seeds=(41, 42, 43)), folder / "records")
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        for cell in notebook.cells:
            if cell.id in CELLS:
                shown = getattr(comparison, CELLS[cell.id])()
                several = shown if isinstance(shown, list) else [shown]
                cell.outputs = [new_output("display_data", data=one._repr_mimebundle_()) for one in several]
        return export(stitch(notebook, []), folder, formats=("html",), title=comparison.title())[0].as_uri()


LEFT = """(names) => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        if (node.parentElement.closest("script, style, .methods, p.note")) continue;
        if (names.some((name) => node.data.includes(name))) found.push(node.data);
    }
    return found;
}"""
STATE = """() => JSON.stringify([document.body.innerText, document.querySelectorAll(".off").length,
    document.querySelectorAll(".marked").length, [...document.querySelectorAll("input, select")].map((one) =>
    (one.type === "checkbox" ? one.checked : one.value))])"""


def test_whatever_a_method_is_called_it_is_renamed_hidden_and_kept(browser, written) -> None:
    with opened(browser, written) as page:
        unfold(page)
        for place, name in enumerate(NAMES):
            page.get_by_label(f"name: {name}", exact=True).fill(f"Z{place}")
        assert page.evaluate(LEFT, NAMES[1:]) == []
        assert "Z0 scored highest" in page.locator(".answer .lead").first.inner_text()
        for name in NAMES[1:4]:
            page.get_by_label(f"show: {name}", exact=True).uncheck()
        page.get_by_label(f"highlight: {NAMES[4]}", exact=True).check()
        assert page.locator(".front tbody tr:visible").count() == len(NAMES) - 3
        page.locator(".front thead button").nth(4).click()
        page.locator("[data-texts]").get_by_label("second method", exact=True).select_option(NAMES[5])
        page.locator("[data-texts]").get_by_role("searchbox").fill("0")
        set_ = page.evaluate(STATE)
        page.reload()
        unfold(page)
        assert page.evaluate(STATE) == set_


def test_numbers_with_exponents_are_sorted_as_numbers(browser, written) -> None:
    with opened(browser, written) as page:
        page.evaluate("""() => [...document.querySelector(".front tbody").rows].forEach((row, place) => {
            row.cells[3].textContent = ["2.8e-3", "9e-5", "16", "1.6e-4", "\u22123", "0.5", "5e-4", "12"][place];
        })""")
        page.locator(".front thead button").nth(3).click()
        found = page.locator(".front tbody tr td:nth-child(4)").all_inner_texts()
        assert found == ["\u22123", "9e-5", "1.6e-4", "5e-4", "2.8e-3", "0.5", "12", "16"]
