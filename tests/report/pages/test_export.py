from __future__ import annotations

import functools
import hashlib
import io
import re

import pytest
import typst
from bs4 import BeautifulSoup
from matplotlib import pyplot as plt
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import expect
from pypdf import PdfReader

from bakeoff.report.build import export
from bakeoff.report.pages import pdf
from bakeoff.report.pages.display import Figure, Prose
from bakeoff.report.pages.html import HtmlReport
from bakeoff.report.pages.pdf import PdfReport
from bakeoff.report.pages.stitch import stitch
from bakeoff.report.pages.table import Table
from bakeoff.report.text.numbers import Number, whole

METHODS = ["majority", "tfidf", "untrained", "linear_probe", "full", "prefix", "lora", "mamba"]
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="


def cell(*shown, source: str = "show()", tag: str | None = None):
    outputs = [new_output("display_data", data=each._repr_mimebundle_()) for each in shown]
    return new_code_cell(source, outputs=outputs, metadata={"tags": [tag] if tag else []})


def figure() -> Figure:
    drawn, ax = plt.subplots(figsize=(5, 3))
    ax.plot([1, 2, 3], [0.7, 0.8, 0.85])
    return Figure(drawn, caption="Learning curve.", alt="Accuracy rises with every epoch.")


def summary() -> Table:
    accuracy = [0.502, 0.741, 0.498, 0.782, 0.853, 0.829, 0.848, 0.701]
    shown = {
        "Accuracy": [Number(f"{mean:.3f}\n{mean - 0.005:.3f}-{mean + 0.005:.3f}", mean) for mean in accuracy],
        "Difference to full, pp": [
            None if mean == 0.853 else Number(f"{100 * (mean - 0.853):+.1f}", mean) for mean in accuracy
        ],
        "Trainable parameters": [whole(n) for n in [1538] * 4 + [22713986] + [1538] * 3],
    }
    links = {method: f"{method}-s41-0123abcd" for method in METHODS}
    return Table(shown, labels=("Method", METHODS), caption="Summary.", links=links, sortable=True)


def report(hostile: str = "plain"):
    compare = new_notebook(
        cells=[
            new_markdown_cell("# The title\n\nAn introduction.\n\n## Summary"),
            cell(summary()),
            new_markdown_cell("## Conclusions"),
            cell(Prose("- `full` was **highest**, see [lora](#lora-s41-0123abcd) and [elsewhere](#nowhere).")),
            cell(Table({"text": [hostile]}, caption="Texts.")),
            new_markdown_cell("## Приложение\n\nБез таблиц.", metadata={"tags": ["appendix"]}),
        ]
    )
    train = new_notebook(
        cells=[
            new_markdown_cell("## Training", metadata={"tags": ["train"]}),
            cell(figure(), source="learning_curve(run)", tag="train"),
        ]
    )
    return stitch(compare, [(method, f"{method}-s41-0123abcd", train) for method in METHODS])


@pytest.fixture(scope="module")
def written(tmp_path_factory, hostile):
    """A report as a user gets it: where its HTML and its PDF are."""
    return export(
        report(hostile), tmp_path_factory.mktemp("report"), title=hostile, facts={"Data": hostile, "Runs": "24 of 24"}
    )


@pytest.fixture(scope="module")
def html(written) -> BeautifulSoup:
    return BeautifulSoup(written[0].read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def pages(written) -> list[str]:
    return [page.extract_text() for page in PdfReader(written[1]).pages]


def pdf_of(*cells) -> PdfReader:
    document, _ = PdfReport().from_notebook_node(new_notebook(cells=list(cells)))
    return PdfReader(io.BytesIO(document))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


# HTML


def test_html_refers_to_nothing_outside(written, html):
    loads = [element[name] for name in ("src", "srcset", "data", "action") for element in html.select(f"[{name}]")]
    loads += [element["href"] for element in html.select("link[href], base[href]")]
    assert loads
    assert all(target.startswith(("data:", "#")) for target in loads)
    text = written[0].read_text(encoding="utf-8")
    assert "@import" not in text
    assert not re.search(r"url\((?!['\"]?(data:|#))", text)
    assert not html.select("script[src], iframe, object, embed, meta[http-equiv=refresh]")


def test_html_policy_allows_our_script_only(html):
    policy = html.select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    assert "default-src 'none'" in policy
    assert len(html.select("script")) == 1
    assert "unsafe-inline" not in re.search(r"script-src[^;]*", policy)[0]


def test_html_has_landmarks_language_and_contents(html, hostile):
    assert html.html["lang"] == "en"
    assert html.title.get_text() == hostile
    assert [len(html.select(name)) for name in ("h1", "main", "header", "nav", "footer")] == [1] * 5
    assert html.select_one("a.skip")["href"] == "#content"
    entries = [link.get_text() for link in html.select("nav a")]
    assert entries == ["Summary", "Conclusions", "Methods, one by one", *METHODS, "Приложение"]


def test_html_links_inside_lead_somewhere_and_ids_are_unique(html):
    ids = [element["id"] for element in html.select("[id]")]
    assert len(ids) == len(set(ids))
    targets = {link["href"][1:] for link in html.select('a[href^="#"]')}
    assert targets - {"nowhere"} <= set(ids)


def test_html_folds_code_of_training_and_hides_that_of_the_comparison(html):
    assert [block.pre.get_text().strip() for block in html.select("details.code")] == ["learning_curve(run)"] * 8


def test_html_figures_have_alternative_texts(html):
    assert {image["aria-label"] for image in html.select("figure svg")} == {"Accuracy rises with every epoch."}


def test_html_shows_outputs_of_every_kind():
    outputs = [
        new_output("stream", text="\x1b[31mred\x1b[0m <b>"),
        new_output("error", ename="ValueError", evalue="<i>", traceback=[]),
        new_output("display_data", data={"image/png": PNG, "text/plain": "a picture"}),
        new_output("display_data", data={"image/svg+xml": "<svg/>"}),
        new_output("display_data", data={"text/plain": "a < b"}),
    ]
    text, _ = HtmlReport().from_notebook_node(new_notebook(cells=[new_code_cell("", outputs=outputs)]))
    main = BeautifulSoup(text, "html.parser").main
    assert [block.get_text() for block in main.select("pre")] == ["red <b>", "a < b"]
    assert main.select_one(".error").get_text() == "ValueError: <i>"
    assert [image["src"].split(",")[0] for image in main.select("img")] == [
        "data:image/png;base64",
        "data:image/svg+xml;base64",
    ]


@pytest.mark.parametrize(("language", "word"), [("ru", "Содержание"), ("fr", "Contents")])
def test_html_speaks_the_language_of_the_report(tmp_path, language, word):
    page, _ = export(report(), tmp_path, title="T", language=language)
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert soup.html["lang"] == language
    assert soup.summary.get_text() == word


# HTML in a browser


@pytest.fixture
def opened(browser, written):
    """The report in a fresh browser context, and what went wrong or left the machine."""
    context = browser.new_context()
    page = context.new_page()
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("dialog", lambda dialog: (seen.append("dialog"), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith(("data:", "file:")) else seen.append(request.url))
    page.goto(written[0].as_uri())
    yield page, seen
    context.close()


def test_browser_runs_nothing_foreign_and_requests_nothing(opened, hostile):
    page, seen = opened
    page.wait_for_timeout(100)
    assert seen == []
    assert page.title() == hostile
    assert page.locator("td", has_text="#panic").first.inner_text() == hostile


def test_browser_shows_every_figure(opened):
    page, _ = opened
    widths = page.eval_on_selector_all(
        "figure svg", "drawn => drawn.map((one) => { one.closest('details').open = true; return one.clientWidth; })"
    )
    assert len(widths) == 8
    assert min(widths) > 0


@pytest.mark.parametrize("width", [390, 1400])
def test_browser_page_never_scrolls_sideways(opened, width):
    page, _ = opened
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_browser_sorts_up_down_and_as_written(opened):
    page, seen = opened
    names = "rows => rows.map((row) => row.cells[0].textContent)"
    rows = "table.sortable tbody tr"
    button = page.locator("table.sortable thead th").nth(1).locator("button")
    assert page.eval_on_selector_all(rows, names) == METHODS
    button.click()
    assert page.eval_on_selector_all(rows, names)[0] == "untrained"
    button.click()
    assert page.eval_on_selector_all(rows, names)[0] == "full"
    button.click()
    assert page.eval_on_selector_all(rows, names) == METHODS
    assert seen == []


def test_browser_folds_contents_on_narrow_screens(opened):
    page, _ = opened
    contents = expect(page.locator(".contents details"))
    for width, shown in [(1400, True), (390, False), (1400, True), (390, False)]:
        page.set_viewport_size({"width": width, "height": 800})
        contents.to_have_js_property("open", shown)  # the browser tells the page of its new width a frame later


def test_browser_turns_figures_with_the_page(opened):
    page, _ = opened
    ink = "text => getComputedStyle(text).fill"
    page.emulate_media(color_scheme="light")
    light = page.eval_on_selector("figure svg text", ink)
    page.emulate_media(color_scheme="dark")
    assert page.eval_on_selector("figure svg text", ink) == page.eval_on_selector(
        "body", "body => getComputedStyle(body).color"
    )
    assert page.eval_on_selector("figure svg text", ink) != light


def test_browser_text_of_figures_can_be_read_on_a_phone(opened):
    page, _ = opened
    page.set_viewport_size({"width": 360, "height": 800})
    page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
    least = """texts => Math.min(...texts.map((text) => {
        const box = text.ownerSVGElement;
        return parseFloat(getComputedStyle(text).fontSize) * box.clientWidth / box.viewBox.baseVal.width;
    }))"""
    assert page.eval_on_selector_all("figure svg text", least) >= 11
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_browser_keeps_the_picture_of_a_figure(opened):
    page, seen = opened
    page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
    for kind in ("SVG", "PNG"):
        with page.expect_download() as kept:
            page.locator("figure .take button", has_text=kind).first.click()
        assert kept.value.suggested_filename.endswith(f".{kind.lower()}")
    assert seen == []


def test_browser_opens_the_section_that_a_link_leads_to(opened):
    page, _ = opened
    section = page.locator("details.fold").first
    assert section.evaluate("one => one.open") is False
    page.locator("table.sortable tbody a").first.click()
    assert section.evaluate("one => one.open") is True


# PDF


def test_pdf_text_can_be_extracted(pages):
    text = "\n".join(pages)
    for word in ["Summary", "Conclusions", "Methods, one by one", "linear_probe", "0.853", "22,713,986"]:
        assert word in text
    assert "Приложение" in text


def test_pdf_numbers_its_pages_and_runs_a_header(pages):
    assert len(pages) > 2
    assert f"2 / {len(pages)}" in pages[1]
    assert "Methods, one by one" in pages[-1]


def test_pdf_shows_hostile_texts_literally(pages, hostile):
    assert squeezed("\n".join(pages)).count(squeezed(hostile)) >= 3  # title, fact, cell


def test_pdf_metadata_names_title_author_language_and_no_date(written, hostile):
    document = PdfReader(written[1])
    assert document.metadata.title == hostile
    assert document.metadata.author == "bakeoff"
    assert document.metadata.creation_date is None
    assert document.trailer["/Root"]["/Lang"] == "en"


def test_pdf_has_no_code(pages):
    assert "learning_curve" not in "\n".join(pages)


def test_pdf_uses_no_system_font(written):
    own = {"LibertinusSerif", "DejaVuSansMono", "DejaVuSans", "NewComputerModern"}
    fonts = set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([A-Za-z]+)", written[1].read_bytes()))
    found = {font.decode() for font in fonts}
    assert found
    assert found <= own


def test_pdf_is_accessible(monkeypatch, hostile):
    strict = functools.partial(typst.compile, pdf_standards=["ua-1"])
    monkeypatch.setattr(pdf.typst, "compile", strict)
    assert PdfReport().from_notebook_node(report(hostile))[0].startswith(b"%PDF")


def test_pdf_breaks_words_too_long_for_the_page():
    page = pdf_of(new_markdown_cell("x" * 500)).pages[0]
    assert squeezed(page.extract_text()).count("x" * 500) == 1
    assert len(page.extract_text().splitlines()) > 4


def test_pdf_long_table_repeats_its_header():
    long = {"A heading": [f"row {place}" for place in range(150)], "Value": range(150)}
    texts = [page.extract_text() for page in pdf_of(cell(Table(long, caption="Long."))).pages]
    assert len(texts) >= 3
    assert all("A heading" in text for text in texts)
    assert "row 0" in texts[0]
    assert "row 149" in texts[-1]


@pytest.mark.parametrize(
    ("columns", "cell_text", "turned"),
    [(3, "a", False), (8, "value of the run", False), (8, "an_unbreakable_value_here", True)],
)
def test_pdf_wide_tables_fit_the_page(columns, cell_text, turned):
    wide = {f"Setting {place}": [cell_text] * 12 for place in range(columns)}
    nb = [new_markdown_cell("## Before\n\nText.\n\n## Settings"), cell(Table(wide, caption="Wide."))]
    document = pdf_of(*nb)
    page = document.pages[-1]
    assert (page.mediabox.width > page.mediabox.height) is turned
    assert "Settings" in page.extract_text()  # the heading is on the table's page
    places: list[float] = []
    page.extract_text(visitor_text=lambda text, cm, tm, *_: places.append(tm[4] + cm[4]) if text.strip() else None)
    assert max(places) < page.mediabox.width
    assert squeezed(page.extract_text()).count(squeezed(cell_text)) >= 12 * columns


def test_pdf_takes_pictures_and_other_outputs():
    outputs = [
        new_output("display_data", data={"image/png": PNG, "text/plain": "a picture"}),
        new_output(
            "display_data", data={"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'}
        ),
        new_output("stream", text="printed #x"),
        new_output("error", ename="ValueError", evalue="no #such", traceback=[]),
        new_output("display_data", data={"text/html": "<b>", "text/plain": "bare"}),
        new_output("display_data", data={"application/x-unknown": "?"}),
    ]
    text = pdf_of(new_code_cell("", outputs=outputs)).pages[0].extract_text()
    for word in ["printed #x", "ValueError", "no #such", "bare"]:
        assert word in text


def test_pdf_draws_figures(written):
    empty, _ = PdfReport().from_notebook_node(new_notebook())
    drawn, _ = PdfReport().from_notebook_node(new_notebook(cells=[cell(figure())]))
    assert len(drawn) > len(empty) + 2000
    assert "Learning curve." in PdfReader(io.BytesIO(drawn)).pages[0].extract_text()


def test_first_heading_is_the_title_where_none_is_given():
    assert pdf_of(new_markdown_cell("# My *title*\n\nText.")).metadata.title == "My title"


# both


def test_same_notebook_same_bytes(written, hostile, tmp_path):
    again = export(report(hostile), tmp_path, title=hostile, facts={"Data": hostile, "Runs": "24 of 24"})
    for first, second in zip(written, again, strict=True):
        assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()


def test_both_files_or_none(tmp_path, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no PDF today")

    old = tmp_path / "report.html"
    old.write_text("old")
    monkeypatch.setattr(PdfReport, "files", broken)
    with pytest.raises(RuntimeError, match="no PDF today"):
        export(report(), tmp_path, title="T")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert old.read_text() == "old"


def test_export_leaves_its_notebook_alone(tmp_path):
    nb = report()
    before = str(nb)
    export(nb, tmp_path, title="T")
    assert str(nb) == before
