"""What a reader can do with a report in a browser: sort, filter and copy tables; methods by name; another reference."""

from __future__ import annotations

import csv
import io

import nbformat
import pytest
from nbformat.v4 import new_output

import sample
from bakeoff.report.build import export
from bakeoff.report.pages.stitch import stitch
from bakeoff.report.view import ComparisonView
from pages import opened, unfold
from views import NOTEBOOK, view

CALLED = {"tradeoffs": "costs", "sweeps": "trials"}
CELLS = ("answer", "summary", "costs", "flips", "trials", "pairs", "commands", "runs")


@pytest.fixture(scope="module")
def comparison(tmp_path_factory) -> ComparisonView:
    return view(sample.collection(), tmp_path_factory.mktemp("explore"))


@pytest.fixture(scope="module")
def written(comparison, tmp_path_factory) -> str:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if (name := CALLED.get(cell.id, cell.id)) in CELLS:
            shown = getattr(comparison, name)()
            several = shown if isinstance(shown, list) else [shown]
            cell.outputs = [new_output("display_data", data=one._repr_mimebundle_()) for one in several]
    folder = tmp_path_factory.mktemp("explore-report")
    about = {"title": comparison.title(), "facts": comparison.facts()}
    return export(stitch(notebook, []), folder, formats=("html",), **about)[0].as_uri()


@pytest.fixture
def page(browser, written):
    with opened(browser, written) as shown:
        yield shown


def names(page, table: str = ".front table") -> list[str]:
    rows = f"{table} tbody tr"
    return page.eval_on_selector_all(
        rows, "rows => rows.filter((row) => row.getClientRects().length).map((row) => row.cells[0].textContent)"
    )


def runs_table(page):
    return page.locator("table", has=page.locator("caption", has_text="Every run"))


def tools_of(table):
    return table.locator("xpath=ancestor::div[@class='scroll']/following-sibling::div[@class='tools'][1]")


def copied(page, table, form: str) -> str:
    tools_of(table).locator("select").select_option(form)
    page.wait_for_function("window.copied !== undefined")
    return page.evaluate("window.copied")


def best_two(comparison: ComparisonView) -> tuple[str, str]:
    one, two, *_ = sorted(comparison.comparison.methods, key=lambda method: -method.mean)
    return one.name, two.name


def test_every_table_is_sorted_by_any_column_and_the_address_keeps_it(page) -> None:
    tables = page.locator("table.report")
    assert tables.count() >= 5
    for place in range(tables.count()):
        if tables.nth(place).locator("tbody tr").count() > 1:
            assert tables.nth(place).locator("thead button").count() == tables.nth(place).locator("thead th").count()
    unfold(page)
    table = page.locator("main table.report").first
    table.locator("thead button").nth(2).click()
    keys = table.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.cells[2].dataset.key)")
    known = [float(key) for key in keys if key is not None]
    assert known == sorted(known)
    assert "sort1=2.ascending" in page.url
    first = table.locator("tbody tr").first.inner_text()
    page.reload()
    unfold(page)
    assert page.locator("main table.report").first.locator("tbody tr").first.inner_text() == first


def test_headings_are_one_stop_of_the_keyboard_and_arrows_go_through_them(page) -> None:
    table = page.locator(".front table")
    assert table.locator("thead button[tabindex='0']").count() == 1
    table.locator("thead button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert table.locator("thead th").nth(1).get_attribute("aria-sort") == "ascending"


def test_a_box_that_has_nothing_to_scroll_is_no_stop_of_the_keyboard(page) -> None:
    told = page.eval_on_selector_all(
        ".scroll", "boxes => boxes.map((box) => [box.scrollWidth > box.clientWidth + 1, box.hasAttribute('tabindex')])"
    )
    assert told
    assert all(scrolls == stop for scrolls, stop in told)


def test_rows_are_filtered_by_words(page) -> None:
    unfold(page)
    tools_of(runs_table(page)).get_by_role("searchbox").fill("lora 42")
    kept = runs_table(page).locator("tbody tr:not(.unmatched)")
    assert kept.count() > 0
    assert all("lora" in text and "42" in text for text in kept.all_inner_texts())
    assert "filter" in page.url
    page.reload()
    unfold(page)
    assert tools_of(runs_table(page)).get_by_role("searchbox").input_value() == "lora 42"


def test_a_table_is_copied_as_it_is_shown_in_three_forms(page, comparison) -> None:
    table = page.locator(".front table")
    table.locator("thead button").first.click()
    shown = names(page)
    rows = [*csv.reader(io.StringIO(copied(page, table, "CSV")))]
    assert [row[0] for row in rows[1:]] == shown
    assert len({len(row) for row in rows}) == 1
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    markdown = copied(page, table, "Markdown").splitlines()
    assert markdown[1].startswith("| :-- | --: |")
    assert len(markdown) == len(shown) + 2
    latex = copied(page, table, "LaTeX")
    assert latex.startswith("\\begin{tabular}{lr")
    assert "linear\\_probe" in latex
    assert latex.count(" \\\\\n") == len(shown) + 1


def test_a_command_is_copied_whole(page, comparison) -> None:
    unfold(page)
    commands = [row[1] for row in comparison.commands().rows]
    page.get_by_role("button", name="Copy the command").first.click()
    assert page.evaluate("window.copied") == commands[0]


def test_a_method_is_hidden_highlighted_and_renamed_everywhere(page) -> None:
    page.locator(".methods summary").click()
    page.get_by_label("show: prefix").uncheck()
    page.get_by_label("highlight: lora").check()
    page.get_by_label("name: full").fill("All of it")
    assert "prefix" not in names(page)
    assert page.locator("main tr[data-method='prefix']:visible").count() == 0
    assert page.locator("main tr[data-method='lora'].marked").count() > 0
    assert "All of it" in names(page)
    assert "All of it" in page.locator(".answer .lead").first.inner_text()
    page.reload()
    assert "prefix" not in names(page)
    assert "All of it" in names(page)
    page.get_by_label("show: prefix").check()
    page.get_by_label("highlight: lora").uncheck()
    page.get_by_label("name: full").fill("")
    assert "?" not in page.url


def test_methods_are_held_against_another_reference(page, comparison) -> None:
    table = page.locator(".front table")
    before = table.inner_text()
    page.locator(".methods summary").click()
    page.get_by_label("Held against").select_option("lora")
    assert "difference to lora" in table.locator("thead th").nth(2).inner_text()
    found = dict(zip(names(page), table.locator("tbody tr td:nth-child(4)").all_inner_texts(), strict=True))
    assert found["lora"] == "reference"
    for pair in comparison.comparison.pairs:
        if pair.difference and "lora" in (pair.first, pair.second):
            mine = pair if pair.second == "lora" else pair.flipped()
            shown = found.get(mine.first, found.get(f"{mine.first} (from scratch)"))
            assert shown.partition(",")[0] == mine.finding.partition(",")[0]
    page.reload()
    assert "difference to lora" in table.locator("thead th").nth(2).inner_text()
    page.get_by_label("Held against").select_option("")
    assert table.inner_text() == before


def test_no_text_keeps_the_old_name_of_a_renamed_method(page) -> None:
    unfold(page)
    page.get_by_label("name: mamba").fill("Snake")
    left = """(name) => {
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found = [];
        for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            const place = node.parentElement.closest("script, style, .methods, p.note");
            if (!place && new RegExp(`(?<![-\\\\w])${name}(?![-\\\\w])`).test(node.data)) found.push(node.data);
        }
        return found;
    }"""
    kept = [text for text in page.evaluate(left, "mamba") if not text.startswith("papermill ")]
    assert kept == []
    box = page.locator("[data-texts]")
    box.get_by_label("second method", exact=True).select_option("mamba")
    assert "Snake says" in box.locator("small").first.inner_text()
    page.get_by_label("name: mamba").fill("")
    assert len(page.evaluate(left, "mamba")) > 20
    assert page.evaluate(left, "Snake") == []


def test_what_is_added_later_is_hidden_and_renamed_too(page) -> None:
    unfold(page)
    page.get_by_label("show: tfidf", exact=True).uncheck()
    page.get_by_label("name: full").fill("All of it")
    box = page.locator("[data-threshold]")
    box.get_by_role("slider").press("PageUp")
    rows = box.locator("tbody tr:visible th").all_inner_texts()
    assert "tfidf" not in rows
    assert "All of it" in rows
    assert "full" not in rows


def test_a_highlighted_method_stands_out_in_figures(page) -> None:
    unfold(page)
    page.get_by_label("highlight: lora", exact=True).check()
    faint = "parts => [...new Set(parts.map((one) => getComputedStyle(one).opacity))]"
    drawing = "figure.report > .drawn:not(.narrow) svg:has([data-method='tfidf'])"
    assert page.eval_on_selector_all(f"{drawing} [data-method='lora']", faint) == ["1"]
    assert page.eval_on_selector_all(f"{drawing} [data-method='tfidf']", faint) == ["0.25"]


def test_columns_are_chosen_and_the_address_keeps_them(page) -> None:
    table = page.locator(".front table")
    before = table.locator("thead th:visible").count()
    menu = tools_of(table).locator(".columns")
    menu.locator("summary").click()
    menu.get_by_label("finding").uncheck()
    assert table.locator("thead th:visible").count() == before - 1
    assert table.locator("tbody tr").first.locator(":is(th, td):visible").count() == before - 1
    assert "finding" not in copied(page, table, "CSV").splitlines()[0]
    menu.get_by_label("finding").press("Escape")
    assert menu.get_attribute("open") is None
    assert menu.locator("summary").evaluate("one => one === document.activeElement")
    page.reload()
    assert "columns0=3" in page.url
    assert table.locator("thead th:visible").count() == before - 1
    menu.locator("summary").click()
    menu.get_by_label("finding").check()
    assert "?" not in page.url
    assert table.locator("thead th:visible").count() == before


def test_what_is_offered_has_a_name_and_stays_off_paper(page) -> None:
    unnamed = page.eval_on_selector_all(
        ".tools :is(input, select, button), .methods input, button.copy",
        "all => all.filter((one) => !(one.getAttribute('aria-label') || one.closest('label'))).length",
    )
    assert unnamed == 0
    page.emulate_media(media="print")
    assert page.locator(".tools:visible, .methods:visible, button.copy:visible").count() == 0


# texts and thresholds ------------------------------------------------------------------------------------------------


def test_texts_on_which_any_two_methods_part_are_shown_and_kept_in_the_address(page, comparison) -> None:
    unfold(page)
    box = page.locator("[data-texts]")
    first, second = (box.get_by_label(name, exact=True) for name in ("first method", "second method"))
    assert (first.input_value(), second.input_value()) == best_two(comparison)
    first.select_option("tfidf")
    second.select_option("lora")
    entries = box.locator("ol.parted > li")
    assert entries.count() > 0
    said = entries.first.locator("small").inner_text()
    assert "tfidf says" in said
    assert "lora says" in said
    one, two = (part.split(": ")[1].split(",")[0] for part in said.split(" \u00b7 ")[1:])
    assert one != two
    before = entries.count()
    box.get_by_label("labelled").select_option("1")
    assert box.get_by_role("status").inner_text()
    box.get_by_role("searchbox").fill("no text has these words")
    assert entries.count() == 0 < before
    page.reload()
    unfold(page)
    assert page.locator("[data-texts]").get_by_label("second method", exact=True).input_value() == "lora"
    assert "search=no" in page.url


def test_a_threshold_trades_precision_for_recall(page) -> None:
    unfold(page)
    box = page.locator("[data-threshold]")
    slider = box.get_by_role("slider")
    rows = "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"

    def recall() -> list[float]:
        found = box.locator("tbody tr").evaluate_all(rows)
        return [float(cells[3].split()[0]) for cells in found]

    middle = recall()
    slider.focus()
    for _ in range(3):
        page.keyboard.press("End")
    assert all(high <= before for high, before in zip(recall(), middle, strict=True))
    assert page.url.endswith("threshold=100") or "threshold=100&" in page.url
    page.keyboard.press("Home")
    assert recall() == [100.0] * len(middle)
    assert "chosen on the test texts" in box.inner_text()


def test_a_method_under_the_pointer_stands_out_everywhere(page) -> None:
    page.locator(".front tbody tr", has_text="tfidf").first.hover()
    near = page.eval_on_selector_all(".near", "parts => [...new Set(parts.map((one) => one.dataset.method))]")
    assert near == ["tfidf"]
    assert page.locator("svg.nearby [data-method].near").count() > 0
    page.locator("h1").hover()
    assert page.locator(".near").count() == 0


def test_hidden_methods_leave_the_figures_too(page) -> None:
    unfold(page)
    marks = page.locator("figure.report > .drawn:not(.narrow) svg [data-method='tfidf']")
    assert marks.count() > 0
    page.get_by_label("show: tfidf", exact=True).uncheck()
    assert not any(one.is_visible() for one in marks.all())


def test_nothing_that_is_unfolded_is_wider_than_the_narrowest_screen(page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
    assert page.locator('.methods input[type="text"]').first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
