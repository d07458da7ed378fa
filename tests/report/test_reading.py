"""The whole report as a reader meets it: its order, how little it says, what it folds, and the pages of its PDF."""

from __future__ import annotations

import functools
import re
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from pypdf import PageObject, PdfReader

import prose
import sample
from bakeoff.report.view import ComparisonView
from prose import plain
from studies import of_methods
from views import view, whole

ORDER = ["Costs", "Fairness", "Open questions", "Errors", "Training", "Data", "Other metrics", "Methods, one by one",
         "Appendix"]  # fmt: skip


@pytest.fixture(scope="module")
def comparison(tmp_path_factory) -> ComparisonView:
    return view(sample.collection(failing={"prefix": (42,)}), tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="module")
def files(comparison, tmp_path_factory) -> tuple[Path, Path]:
    return whole(comparison, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def page(files) -> BeautifulSoup:
    return BeautifulSoup(files[0].read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def open_page(page) -> BeautifulSoup:
    """What is seen before anything is unfolded."""
    shown = BeautifulSoup(str(page), "html.parser")
    for folded in shown.select("details, script, style, nav, .skip, .runs"):
        folded.decompose()
    return shown


@pytest.fixture(scope="module")
def pages(files) -> list[PageObject]:
    return list(PdfReader(files[1]).pages)


def sentences(block: Tag) -> list[str]:
    """Return the sentences of a block, of more than a word."""
    return [one for one in prose.sentences(plain(" ".join(block.get_text(" ").split()))) if len(one.split()) > 1]


def said(shown: BeautifulSoup) -> list[str]:
    return [one for block in shown.select(prose.BLOCKS) for one in sentences(block)]


def test_sections_stand_in_their_order(page) -> None:
    assert [re.sub("^#", "", one.get_text()) for one in page.select("main h2")] == ORDER


def test_five_sentences_at_most_stand_before_the_table(open_page) -> None:
    assert 1 <= len([one for block in open_page.select(".answer > :not(.warned)") for one in sentences(block)]) <= 5


def test_a_sentence_has_one_idea(files) -> None:
    assert not prose.long_sentences(files[0].read_text(encoding="utf-8"))


def test_every_fact_stands_once(open_page) -> None:
    found = Counter(one for one in said(open_page) if len(one.split()) > 3)
    assert {one: times for one, times in found.items() if times > 1} == {}
    text = open_page.get_text(" ")
    assert len(re.findall(r"\d\s+comparisons?\b", plain(text))) <= 1


def test_little_is_seen_before_anything_is_unfolded(page, open_page) -> None:
    seen, all_ = (len(one.get_text(" ").split()) for one in (open_page, page))
    assert seen < 0.35 * all_


def test_each_folded_section_has_a_heading_and_something_below_it(page) -> None:
    folds = page.select("details.fold")
    assert len(folds) > len(sample.FACTS)
    for fold in folds:
        assert fold.summary.select("h2, h3, h4"), str(fold)[:200]
        assert len(fold.get_text(" ").split()) > len(fold.summary.get_text(" ").split())


def test_the_result_stands_on_the_first_page_and_the_contents_after_it(pages) -> None:
    text = pages[0].extract_text()
    assert text.index("scored highest") < text.index("accuracy") < text.index("Contents")


def test_the_short_document_says_what_it_leaves_out(comparison, pages, tmp_path) -> None:
    last = " ".join(pages[-1].extract_text().split())
    assert "Left out here: Methods, one by one; " in last
    assert "report: {pdf: full}" in last
    full = PdfReader(whole(comparison, tmp_path, short=False)[1]).pages
    assert len(pages) <= 8 < len(full)
    assert "Left out here" not in full[-1].extract_text()


def lines_of(page: PageObject) -> list[str]:
    """Return the lines of a page, without its running header and its number."""
    lines = [" ".join(line.split()) for line in page.extract_text().splitlines() if line.strip()]
    return [line for line in lines if not re.fullmatch(r"\d+ / \d+", line)]


def test_no_heading_is_left_alone_at_the_end_of_a_page(pages, page) -> None:
    headings = {re.sub("^#", "", one.get_text()) for one in page.select("main h2, main h3")}
    for number, one in enumerate(pages[1:], 2):
        assert lines_of(one)[-1] not in headings, number


def test_nothing_stands_outside_a_page(pages) -> None:
    for number, one in enumerate(pages, 1):
        places: list[float] = []
        one.extract_text(visitor_text=functools.partial(_place, places))
        assert places
        assert all(0 < x < one.mediabox.width for x in places), number


def _place(found: list[float], text: str, cm: list[float], tm: list[float], *_: object) -> None:
    if text.strip():
        found.append(tm[4] * cm[0] + cm[4])


# many methods, many classes, little to show --------------------------------------------------------------------------


CLASSES = {number: tuple(f"class {place:03d}" for place in range(number)) for number in (12, 77, 200)}
OTHERS = tuple(name for name in sample.FACTS if name not in ("full", "lora"))  # each class is tested for each method
SMALL = {
    "one method": {"missing": tuple(name for name in sample.FACTS if name != "full")},
    "half missing": {"missing": ("full", "prefix", "mamba", "tfidf")},
    "all failed": {"failing": dict.fromkeys(sample.FACTS, (41, 42, 43))},
    **{f"{number} classes": {"names": names, "missing": OTHERS} for number, names in CLASSES.items()},
}


@pytest.mark.parametrize("case", SMALL)
def test_reports_of_any_size_are_whole_and_small(case: str, tmp_path: Path) -> None:
    html, pdf = whole(view(sample.collection(**SMALL[case]), tmp_path), tmp_path)
    assert html.stat().st_size < 3 * 1024**2
    assert "Figure not drawn" not in html.read_text(encoding="utf-8")
    assert len(PdfReader(pdf).pages) <= 12


def test_a_report_on_25_methods_is_whole_and_small(tmp_path: Path, monkeypatch) -> None:
    names = ("full", *(f"method_{place:02d}" for place in range(24)))
    for place, name in enumerate(names):
        score, *facts = sample.FACTS["full"]
        monkeypatch.setitem(sample.FACTS, name, (score - 0.004 * place, *facts))
    monkeypatch.setattr(sample, "NEURAL", tuple(sample.FACTS))
    html, pdf = whole(view(of_methods(names, seeds=(41, 42, 43, 44, 45)), tmp_path), tmp_path)
    assert html.stat().st_size < 3 * 1024**2
    assert "Figure not drawn" not in html.read_text(encoding="utf-8")
    assert len(PdfReader(pdf).pages) <= 12
