from __future__ import annotations

import io

import numpy as np
import pytest
import typst
from bs4 import BeautifulSoup
from matplotlib import pyplot as plt
from pypdf import PdfReader

from bakeoff.report.pages.display import Figure, Prose, image_name
from bakeoff.report.pages.document import TEMPLATES
from bakeoff.report.pages.markdown import Outline, shift_headings, split_title, to_html, to_typst
from bakeoff.report.pages.table import Anchors, Table
from bakeoff.report.text.escape import MISSING, escape_html, escape_latex, escape_markdown, plain, typst_string
from bakeoff.report.text.numbers import Number, duration, extended, fraction, points, whole


def table(**settings) -> Table:
    columns = {
        "Accuracy": [Number("0.853\n0.847-0.858", 0.853), Number("0.848\n0.842-0.853", 0.848)],
        "Parameters": [Number("22,713,986", 22713986), None],
        "Note": ["a b", None],
    }
    return Table(columns, labels=("Method", ["full", "lora"]), caption="A caption.", **settings)


def soup(shown: Table) -> BeautifulSoup:
    return BeautifulSoup(shown._repr_mimebundle_()["text/html"], "html.parser")


def draw(scale: float = 1.0) -> plt.Figure:
    figure, ax = plt.subplots(figsize=(4, 3))
    ax.plot([1, 2, 3], np.array([1, 4, 9]) * scale)
    ax.set_xlabel("epoch")
    return figure


def compiled(body: str) -> str:
    """Return the text of the PDF that Typst makes of a body."""
    pdf = typst.compile(body.encode(), ignore_system_fonts=True)
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


# tables


def test_a_table_and_its_rows_can_be_linked_to():
    shown = table(anchors=Anchors("all <of> them", ["row:1", "row:2"]))
    page = soup(shown)
    assert page.div["id"] == "all <of> them"
    assert [row["id"] for row in page.select("tbody tr")] == ["row:1", "row:2"]
    assert not soup(table()).select("[id]")
    typst_form = shown._repr_mimebundle_()["text/x-typst"]
    links = "".join(f'#link(label("{name}"))[to {name}]' for name in ("all <of> them", "row:1", "row:2"))
    drawn = "#let report-table(caption: none, align: (), header: (), words: (), longest: (), wrapped: (), ..cells) = "
    drawn += "block(table(columns: align.len(), ..cells))"
    assert "to row:2" in compiled(f"{drawn}\n{typst_form}\n{links}")  # Typst refuses a link to nowhere


def test_words_of_a_table_with_long_headings_stay_in_their_columns():
    """Headings of numbers on one line took what the columns of text needed for single words."""
    numbers = {f"{n} of many short words in a heading": [Number("1.000", 1)] for n in "abcde"}
    data = {
        "against": ["untrained"],
        **numbers,
        "verdict": ["worse, as trained, with two of the three seeds that were declared before any run of it"],
    }
    shown = Table(data, labels=("method", ["linear_probe (from scratch)"]), caption="Wide.")
    design = TEMPLATES.joinpath("typst", "report.typ").read_text(encoding="utf-8")
    body = f'{design}\n#set page(paper: "a4", margin: 1.9cm)\n#set par(justify: false)\n'
    pdf = typst.compile((body + shown._repr_mimebundle_()["text/x-typst"]).encode(), ignore_system_fonts=True)
    starts: dict[str, float] = {}
    PdfReader(io.BytesIO(pdf)).pages[0].extract_text(
        visitor_text=lambda text, at, *more: starts.setdefault(text.split()[0] if text.split() else "", at[4])
    )
    letter = 6.5 * 0.45  # in the least type
    assert starts["untrained"] > starts["linear_probe"] + letter * len("linear_probe")
    assert starts["1.000"] > starts["untrained"] + letter * len("untrained")


def test_html_table_is_semantic():
    page = soup(table())
    assert page.caption.get_text() == "A caption."
    assert [head["scope"] for head in page.select("thead th")] == ["col"] * 4
    assert [head.get_text() for head in page.select("tbody th[scope=row]")] == ["full", "lora"]
    assert page.select_one(".scroll")["tabindex"] == "0"


def test_numbers_stand_right_and_texts_left():
    sides = [head["style"].split(":")[1] for head in soup(table()).select("thead th")]
    assert sides == ["left", "right", "right", "left"]


@pytest.mark.parametrize(
    ("cells", "numeric"),
    [
        ([fraction(0.853), duration(65), None, MISSING], True),
        ([41, 7], True),
        ([extended(points(-0.005), "-0.5 [-1.9, +0.9]")], True),
        ([extended(MISSING, f"{MISSING}\nout of memory"), whole(3)], True),
        ([whole(3), "any"], False),
        (["5", "12"], False),
        ([None, None], False),
    ],
)
def test_numeric_columns_are_told_by_their_cells(cells, numeric):
    assert Table({"x": cells}, caption="c").numeric == [numeric]


def test_missing_is_a_dash():
    cells = [cell.get_text() for cell in soup(table()).select("tbody tr")[1].select("td")]
    assert cells == ["0.8480.842-0.853", MISSING, MISSING]
    assert soup(table()).select("tbody td")[1].get_text() == "22,713,986"


def test_second_line_of_a_numeric_cell_is_small():
    assert soup(table()).select_one("tbody td small").get_text() == "0.847-0.858"


def test_sorting_uses_raw_values_and_leaves_missing_without_a_key():
    rows = soup(table(sortable=True)).select("tbody tr")
    assert [row.td["data-key"] for row in rows] == ["0.853", "0.848"]
    assert not rows[1].select("td")[1].has_attr("data-key")
    assert "sortable" not in str(soup(table()))


def test_links_lead_from_a_row_to_its_section():
    page = soup(table(links={"lora": "lora-s41-0123abcd"}))
    assert [link["href"] for link in page.select("tbody a")] == ["#lora-s41-0123abcd"]


def test_rows_need_no_labels():
    assert Table({"a": [1]}, caption="c").header == ["a"]


def test_markdown_and_latex_hold_the_same_cells():
    assert table().to_markdown().splitlines()[1] == "| :-- | --: | --: | :-- |"
    assert "22,713,986" in table().to_markdown()
    latex = table().to_latex()
    assert r"\begin{tabular}{lrrl}" in latex
    assert r"full & 0.853 (0.847-0.858) & 22,713,986 & a b \\" in latex


def test_plain_text_lines_up():
    lines = str(table()).splitlines()
    assert lines[0] == "A caption."
    assert len({line.index("0.8") for line in lines[3:]}) == 1


def test_hostile_cells_show_literally_in_html(hostile):
    shown = Table({hostile: [hostile]}, labels=(hostile, [hostile]), caption=hostile, note=hostile)
    page = soup(shown)
    assert not page.select("script, img")
    texts = [page.caption, *page.select("th, td"), page.select_one(".note")]
    assert [element.get_text().removeprefix("How to read it ") for element in texts] == [hostile] * 6


def test_hostile_cells_stay_cells_in_markdown_and_latex(hostile):
    shown = Table({"x": [hostile]}, caption=hostile)
    body = to_html(shown.to_markdown(), Outline())
    assert BeautifulSoup(body, "html.parser").td.get_text() == " ".join(hostile.split())
    assert r"\textbackslash{}" in shown.to_latex()
    assert r"\#panic" in shown.to_latex()


def test_latex_has_columns_of_one_name_and_no_rows() -> None:
    twice = Table({"a": [2]}, labels=("a", ["1"]), caption="c").to_latex()
    assert "a & a \\\\\n\\midrule\n1 & 2 \\\\\n\\bottomrule" in twice
    assert "a & b" in Table({"a": [], "b": []}, caption="c").to_latex()


# prose


def test_prose_carries_markdown():
    assert Prose("a *b*")._repr_mimebundle_() == {"text/markdown": "a *b*", "text/plain": "a *b*"}


def test_markdown_shows_raw_html_scripts_and_images_as_text(hostile):
    page = BeautifulSoup(to_html(f"{hostile}\n\n![alt](https://e.org/x.png)", Outline()), "html.parser")
    assert not page.select("script, img")
    assert not page.select("a[href^=javascript]")
    assert page.select("p")[-1].get_text() == "alt"


def test_escaped_text_shows_literally_in_both(hostile):
    escaped = escape_markdown(hostile)
    assert BeautifulSoup(to_html(escaped, Outline()), "html.parser").get_text().strip() == hostile
    assert "".join(compiled("\n".join(to_typst(escaped, Outline()))).split()) == "".join(hostile.split())


def test_markdown_means_the_same_in_typst():
    source = (
        "## H\n\na **b** *c* `d` ~~e~~ [f](https://e.org) [g](#nowhere)\n\n- one\n- two\n\n3. three\n\n> quoted\n\n"
        "```\ncode\n```\n\n| x | y |\n|--:|:-:|\n| 1 | 2 |\n\n---\n\nend  \nafter"
    )
    text = compiled("\n\n".join(to_typst(source, Outline())))
    for word in ["H", "b", "c", "d", "e", "f", "g", "one", "two", "3.", "three", "quoted", "code", "x", "2", "after"]:
        assert word in text


def test_headings_get_anchors_of_their_own():
    outline = Outline()
    page = to_html("## Same\n\n## Same\n\n# Заголовок", outline, anchor="first")
    assert [heading.anchor for heading in outline.headings] == ["first", "same", "заголовок"]
    assert [heading.level for heading in outline.headings] == [2, 2, 2]
    assert 'id="заголовок"' in page
    to_html("## Same", outline)
    assert outline.headings[-1].anchor == "same-2"


def test_headings_shift_but_code_does_not():
    assert shift_headings("# a\n\n```\n# comment\n```\n\n##### b\n\nc\n===", 2) == (
        "### a\n\n```\n# comment\n```\n\n###### b\n\n### c\n"
    )


def test_title_splits_off():
    assert split_title("# A *b*\n\ntext") == ("A b", "text")
    assert split_title("text\n\n# A") == (None, "text\n\n# A")


# figures


def test_figure_is_deterministic_and_undated():
    first, second = (Figure(draw(), caption="c", alt="a") for _ in range(2))
    assert first._repr_mimebundle_() == second._repr_mimebundle_()
    assert "<dc:date>" not in first.svg


def test_figure_closes_so_that_jupyter_does_not_show_it_twice():
    before = plt.get_fignums()
    Figure(draw(), caption="c", alt="a")
    assert plt.get_fignums() == before


def test_figure_html_names_what_it_shows(hostile):
    page = BeautifulSoup(Figure(draw(), caption=hostile, alt=hostile).to_html(), "html.parser")
    assert page.svg["aria-label"] == hostile
    assert page.figcaption.get_text() == hostile
    assert not page.select("script")


def test_figure_typst_refers_to_its_image():
    figure = Figure(draw(), caption="c", alt="a")
    assert image_name(figure.svg, "svg") in figure.to_typst()


def test_figure_needs_an_alternative_text():
    with pytest.raises(ValueError, match="alternative text"):
        Figure(draw(), caption="c", alt=" ")


# escapes


def test_controls_and_lone_surrogates_are_replaced():
    assert escape_html("a\x00\x1b\ud800\u202eb") == "a\ufffd\ufffd?\ufffdb"
    assert typst_string("\ud800").encode() == b'"?"'


def test_typst_string_is_one_literal():
    assert typst_string('a"b\\c') == '"a\\"b\\\\c"'


def test_latex_escapes():
    assert escape_latex("50 % & #1_a \N{MINUS SIGN}2") == r"50 \% \& \#1\_a $-$2"


def test_plain_drops_terminal_colours():
    assert plain("\x1b[31mred\x1b[0m") == "red"
