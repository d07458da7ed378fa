"""Paragraphs with the runs they rest on: as HTML, as Typst, and without them as Markdown."""

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bakeoff.report.pages.links import RUNS, Basis, Link, Source
from bakeoff.report.pages.paragraphs import Paragraphs
from bakeoff.report.pages.stitch import speaks
from bakeoff.report.text.language import speaking


def source(name: str, *seeds: int) -> Source:
    return Source(name, tuple(Link(f"seed {seed}", f"run:{name}-s{seed}") for seed in seeds))


SOME = Basis("3 runs", every=False, sources=(source("full", 41, 42), source("lora", 41)))
ALL = Basis("9 runs", every=True, sources=(source("full", 41),))


def html(*paragraphs: tuple[str, Basis | None], bullets: bool = True) -> BeautifulSoup:
    bundle = Paragraphs(paragraphs, bullets=bullets)._repr_mimebundle_()
    return BeautifulSoup(bundle["text/html"], "html.parser")


def test_links_are_folded_and_lead_to_each_run() -> None:
    (item,) = html(("**full** is *best*.", SOME)).select("div.said > ul > li")
    assert item.strong.get_text() == "full"
    assert item.details.get_text() == "3 runs full: seed 41, seed 42; lora: seed 41"
    assert item.details.get("open") is None
    assert [link["href"] for link in item.select("a")] == ["#run:full-s41", "#run:full-s42", "#run:lora-s41"]


def test_all_runs_are_one_link_to_their_table() -> None:
    (link,) = html(("A.", ALL)).select("li > a")
    assert (link.get_text(), link["href"]) == ("all 9 runs", f"#{RUNS}")


def test_without_runs_there_is_nothing_to_unfold() -> None:
    assert html(("A.", None)).li.get_text() == "A."


def test_a_paragraph_alone_is_no_list() -> None:
    page = html(("A.", SOME), bullets=False)
    assert not page.select("ul, li, p details")
    assert page.details


def test_a_run_without_an_anchor_is_text(hostile) -> None:
    page = html(("A.", Basis("1 run", every=False, sources=(Source(hostile, (Link(hostile, None),)),))))
    assert hostile in page.details.get_text()
    assert not page.select("a, script, img")


def test_markdown_and_plain_text_leave_the_links_out() -> None:
    bundle = Paragraphs([("A.", SOME), ("B.", ALL)])._repr_mimebundle_()
    assert bundle["text/markdown"] == bundle["text/plain"] == "- A.\n- B."


@pytest.mark.parametrize(
    ("found", "words"), [(SOME, '#"3 runs: "'), (ALL, '#"all 9 runs"')], ids=["some runs", "all runs"]
)
def test_on_paper_a_few_words_lead_to_the_runs(found, words) -> None:
    typst = Paragraphs([("A.", found)])._repr_mimebundle_()["text/x-typst"]
    assert typst.startswith('#list(tight: true)[#"A."#" "#basis[')
    assert words in typst


def test_many_methods_are_not_named_on_paper() -> None:
    many = Basis("5 runs", every=False, sources=tuple(source(name, 1) for name in "abcde"))
    typst = Paragraphs([("A.", many)])._repr_mimebundle_()["text/x-typst"]
    assert '#"5 runs"' in typst
    assert '#"a"' not in typst
    assert RUNS in typst


def test_its_html_says_its_language() -> None:
    with speaking("ru"):
        bundle = Paragraphs([("A.", SOME)])._repr_mimebundle_()
    outputs = [new_output("display_data", data=bundle)]
    assert speaks(new_notebook(cells=[new_code_cell("", outputs=outputs)])) == "ru"
