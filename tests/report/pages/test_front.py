"""The first screen of a report in a browser: the answer, the sorted table, and limits that a reader tries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

import sample
import tuned
from bakeoff.report.build import export
from bakeoff.report.pages.stitch import stitch
from bakeoff.report.tables.summary import overview
from bakeoff.report.text.language import speaking
from bakeoff.report.view import ComparisonView
from views import NOTEBOOK, view

FRONT = ("answer", "summary")


@pytest.fixture(scope="module")
def comparison(tmp_path_factory) -> ComparisonView:
    return view(sample.collection(), tmp_path_factory.mktemp("front"))


@pytest.fixture(scope="module")
def written(comparison, tmp_path_factory):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.id in FRONT:
            shown = getattr(comparison, cell.id)()
            cell.outputs = [new_output("display_data", data=shown._repr_mimebundle_())]
    folder = tmp_path_factory.mktemp("front-report")
    return export(stitch(notebook, []), folder, title=comparison.title(), facts=comparison.facts())


@pytest.fixture
def page(browser, written):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    seen: list[str] = []
    opened.on("console", lambda message: seen.append(message.text) if message.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: seen.append(str(error)))
    opened.goto(written[0].as_uri())
    yield opened
    assert seen == []
    context.close()


def rows(page) -> list[str]:
    return page.eval_on_selector_all(
        ".front tbody tr:not(.beyond)", "rows => rows.map((row) => row.cells[0].textContent)"
    )


def test_answer_and_table_stand_on_the_first_screen_whole(page, comparison) -> None:
    table = page.locator(".front table").bounding_box()
    assert table["y"] + table["height"] <= 900
    assert page.eval_on_selector(".front .scroll", "box => box.scrollWidth <= box.clientWidth")
    assert page.locator(".answer .lead").first.inner_text().startswith("full scored highest, ")
    assert rows(page) == [row[0] for row in comparison.summary().rows]
    assert page.locator(".front tbody svg").count() == len(comparison.summary().rows)


def test_on_a_telephone_the_answer_and_the_best_rows_come_first(page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    best = page.locator(".front tbody tr").nth(2)
    page.locator(".scroll + .tools + .limits").wait_for()
    box = best.bounding_box()
    assert box["y"] + box["height"] <= 800
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".limits + .scroll").wait_for()


def test_a_limit_fades_rows_and_answers_with_the_best_of_the_others(page, comparison) -> None:
    told = comparison.summary().looks.script
    place = [limit["name"] for limit in told["limits"]].index("saved")
    limit = told["limits"][place]
    slider = page.get_by_role("slider").nth(place)
    assert slider.get_attribute("aria-valuetext") == "any"
    slider.focus()
    page.keyboard.press("ArrowLeft")  # the largest step, which all keep
    assert len(rows(page)) == len(told["names"])
    page.keyboard.press("ArrowLeft")
    most, shown = limit["steps"][-2]
    within = [
        name for name, value in zip(told["names"], limit["values"], strict=True) if value is not None and value <= most
    ]
    assert [name.removesuffix(" (from scratch)") for name in rows(page)] == within
    score = told["scores"][told["names"].index(within[0])]
    line = page.locator(".answer .limit").inner_text()
    assert line.startswith(f"Within these limits: {within[0]}, {score}. Next: {within[1]}, ")
    assert slider.get_attribute("aria-valuetext") == f"up to {shown}"
    assert f"limit{place}={len(limit['steps']) - 2}" in page.url
    page.reload()
    assert [name.removesuffix(" (from scratch)") for name in rows(page)] == within
    slider.focus()
    page.keyboard.press("End")
    assert "limit" not in page.url
    assert page.locator(".answer .limit").is_hidden()


def test_nothing_within_the_limits_is_said(page, comparison) -> None:
    limits = comparison.summary().looks.script["limits"]
    least = [min(value for value in limit["values"] if value is not None) for limit in limits]
    keepers = [
        {place for place, value in enumerate(limit["values"]) if value == low}
        for limit, low in zip(limits, least, strict=True)
    ]
    assert not set.intersection(*keepers), "a row that takes the least of everything would stay"
    for place in range(len(limits)):
        page.get_by_role("slider").nth(place).focus()
        page.keyboard.press("Home")
    assert page.locator(".answer .limit").inner_text() == "Nothing stays within these limits."


def test_sorting_leaves_limits_at_their_rows(page, comparison) -> None:
    told = comparison.summary().looks.script
    page.locator(".front thead button").nth(1).click()
    slider = page.get_by_role("slider").nth(2)
    slider.focus()
    page.keyboard.press("Home")
    low = told["limits"][2]["steps"][0][0]
    kept = [name for name, value in zip(told["names"], told["limits"][2]["values"], strict=True) if value == low]
    assert [name.removesuffix(" (from scratch)") for name in rows(page)] == kept


def test_on_paper_the_answer_comes_before_the_contents(written) -> None:
    from pypdf import PdfReader

    first = PdfReader(written[1]).pages[0].extract_text()
    assert first.index("scored highest") < first.index("Contents")
    assert "not settled" in first


# many columns and rows ----------------------------------------------------------------------------------------------


MANY = (
    "full", "linear_probe", "top_layers", "prefix", "prompt", "ptuning", "lora", "dora", "adalora", "vera", "ia3",
    "bitfit",
)  # fmt: skip


def crowded(folder: Path, language: str) -> Path:
    """Write a page with twelve methods, each tuned and as declared, of which one has a run without a result."""
    found, comparison = tuned.study({name: (0.86 - 0.004 * k, 0.85 - 0.005 * k) for k, name in enumerate(MANY)})
    fewer = [
        replace(pair, scope="models", declared=5) if pair.first == "top_layers" else pair
        for pair in comparison.against_reference
    ]  # "worse, as trained, 3 of 5 seeds"
    comparison = replace(comparison, against_reference=tuple(fewer))
    costs = [sample.cost(name, 41) for name in ("full", "linear_probe", "lora", "prefix")]
    rows = [
        replace(row, records=tuple(run.model_copy(update={"cost": costs[place % 4]}) for run in row.records))
        for place, row in enumerate(found.rows)
    ]
    lost = (
        rows[4]
        .records[-1]
        .model_copy(update={"status": "failed", "error": sample.failed("lora", 41).error, "test": None, "cost": None})
    )
    rows[4] = replace(rows[4], records=rows[4].records[:-1], failures=(lost,))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with speaking(language):
        (cell,) = [cell for cell in notebook.cells if cell.id == "summary"]
        shown = overview(replace(found, rows=tuple(rows)), comparison)
        cell.outputs = [new_output("display_data", data=shown._repr_mimebundle_())]
        stitched = stitch(notebook, [])
    return export(stitched, folder, title="Many", facts={}, language=language, formats=("html",))[0]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_column_is_cut_off_at_1024_and_wider(browser, language: str, tmp_path) -> None:
    address = crowded(tmp_path, language).as_uri()
    for width in (1024, 1280, 1440):
        opened = browser.new_page(viewport={"width": width, "height": 900})
        opened.goto(address)
        assert opened.locator(".front thead th").count() == 11
        assert opened.locator(".front tbody tr").count() == 2 * len(MANY)
        within = opened.eval_on_selector(".front .scroll", "box => [box.scrollWidth, box.clientWidth]")
        assert within[0] <= within[1], width
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        opened.close()
