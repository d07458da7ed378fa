"""A whole report in each language with a catalogue: no English is left in it, its numbers are its own, figures too."""

from __future__ import annotations

import dataclasses
import itertools
import re
import string
import unicodedata
from collections.abc import Iterable

import pytest
from babel.numbers import get_decimal_symbol, get_group_symbol
from bs4 import BeautifulSoup
from pypdf import PdfReader

import messages
import sample
import views
from bakeoff.experiment.model import Constraints, Report
from bakeoff.methods.registry import TABLE
from bakeoff.report.pages.stitch import speaks
from bakeoff.report.sections import notebook_of
from bakeoff.report.text.language import ENGLISH, LANGUAGES, language, speaking, tr
from bakeoff.report.view import ComparisonView
from bakeoff.study.collect import Collection, Excluded
from bakeoff.system.message import Message
from prose import long_sentences

# Names that are the same in every language, and letters of groups; settings, entries of the environment, classes and
# commands come below.
ALLOWED = {
    "accuracy", "macro-F1", "F1", "MCC", "AUROC", "ECE", "Brier", "log", "loss", "precision", "recall", "p", "seed",
    "demo", "Python", "GPU", "MIT", "SHA-256", "Hutto", "Gilbert", "ICWSM", "vaderSentiment", "bundled", "icwsm2014",
    "movies", "QWK", "MAE", "Spearman",
    "minilm-l6", "mamba2-small", "BertModel", "Mamba2Model", "Intel", "R", "Xeon", "Platinum", "8481C", "score", "abs",
    "pooler", "last", "bfloat16", "LoRA", "weighted_f1", "macro_f1", "mcc", "auroc", "average_precision",
    "log_loss", "ece", "brier",
    *sample.FACTS, *TABLE, *"abcdefgh", "negative", "positive", "rank", "RuntimeError", "is", "not", "finite", "train",
}  # fmt: skip
WORD = re.compile(r"[0-9A-Za-z]*[A-Za-z][\w-]*")
RUN = re.compile(r"\w+-s\d+-[0-9a-f]{8}|\b[0-9a-f]{40,64}\b")


OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})
NUMBER = re.compile(r"(?<![\w.])\d[\d.,]*\d")


def translated(code: str) -> Collection:
    """Return a collection whose report is in a language, and whose methods have a summary."""
    found = sample.collection(failing={"prefix": (42,)})
    summary = "LoRA: low-rank updates of some linear layers, and a new head, are trained."
    rows = [
        dataclasses.replace(
            row,
            records=tuple(run.model_copy(update={"summary": summary}) for run in row.records),
            failures=tuple(run.model_copy(update={"summary": summary}) for run in row.failures),
        )
        for row in found.rows
    ]
    limits = Constraints(train_minutes=1.5, peak_memory_gb=1, trainable_share=0.01)
    experiment = found.experiment.model_copy(update={"report": Report(language=code), "constraints": limits})
    left = Excluded("full-s41-00000000", Message("superseded by {run}", run="full-s41-00b7bcec"))
    return dataclasses.replace(found, experiment=experiment, rows=tuple(rows), excluded=(left,))


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return text if isinstance(text, tuple | list) else (text,)


def vocabulary(texts: Iterable[str]) -> set[str]:
    """Return the words of messages, gaps left out."""
    literal = (part for text in texts for part, *_ in string.Formatter().parse(text))
    return {word for part in literal for word in WORD.findall(part)}


def english_in(text: str, code: str) -> set[str]:
    """Return the words of a text that are English and not of the language.

    In a language with letters of its own: those in Latin letters. In another one: those of the messages that no
    translation has.
    """
    found = {word for word in WORD.findall(RUN.sub(" ", text)) if not word[0].isdigit()}
    known = {name.lower() for name in ALLOWED}
    found = {word for word in found if word.lower() not in known}
    with speaking(code):
        if not unicodedata.name(tr("method")[0]).startswith("LATIN"):
            return found
    catalogue = [message for message in messages.read(code) if message.id]
    english = {word.lower() for word in vocabulary(text for message in catalogue for text in forms(message.id))}
    own = vocabulary(text for message in catalogue for text in forms(message.string))
    own |= {word[0].upper() + word[1:] for word in own}
    return {word for word in found if word.lower() in english and word not in own}


def foreign_numbers(text: str, code: str) -> set[str]:
    """Return the numbers of a text that have another decimal or group sign than the language has."""
    with speaking(code) as spoken:
        group, decimal = (re.escape(sign(spoken.locale)) for sign in (get_group_symbol, get_decimal_symbol))
    own = re.compile(rf"(\d+|[1-9]\d{{0,2}}({group}\d{{3}})+)({decimal}\d+)?")
    return {found for found in NUMBER.findall(text) if not own.fullmatch(found.rstrip(".,"))}


@pytest.fixture(scope="module", params=OTHERS)
def shown(request, tmp_path_factory) -> ComparisonView:
    return views.view(translated(request.param), tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def written(shown, tmp_path_factory):
    """Where HTML and PDF of the report are."""
    return views.whole(shown, tmp_path_factory.mktemp("written"), short=False)


@pytest.fixture(scope="module")
def html(written) -> BeautifulSoup:
    return BeautifulSoup(written[0].read_text(encoding="utf-8"), "html.parser")


def prose(html: BeautifulSoup, code: str) -> str:
    """Return all a reader sees but commands and code, and the texts that stand for figures."""
    copy = BeautifulSoup(str(html), "html.parser")
    alternatives = [image["alt"] for image in copy.select("img")]
    labels = [region["aria-label"] for region in copy.select("[aria-label]")]
    with speaking(code):
        foreign = (tr("The command behind each row."), tr("Where the runs were made."))
        settings = tr("Settings of the methods.")
    for table in copy.select("table"):
        caption = table.caption.get_text()
        if caption.startswith(foreign):
            table.tbody.decompose()
        if caption.startswith(settings):
            for name in table.select("tbody th"):
                name.decompose()
    for element in copy.select("script, style, code, pre"):
        element.decompose()
    return "\n".join([copy.get_text("\n"), *alternatives, *labels])


def test_a_sentence_has_one_idea(written) -> None:
    assert not long_sentences(written[0].read_text(encoding="utf-8"))


def test_no_english_word_is_left(shown, html) -> None:
    assert english_in(prose(html, shown.language), shown.language) == set()


@pytest.mark.parametrize("code", OTHERS)
def test_english_words_are_found(code: str) -> None:
    """Nothing would be left of English if nothing were ever found."""
    told = "The methods compared, on the test texts."
    assert {"The", "the", "texts", "compared"} <= english_in(told, code)
    with speaking(code):
        assert english_in(tr(told), code) == set()


def test_the_page_and_its_pieces_say_their_language(shown, html) -> None:
    code = shown.language
    assert html.html["lang"] == code
    assert {piece.get("lang") for piece in html.select("figure.report, div.scroll[role]")} == {code}
    with speaking(code):
        assert html.h1.get_text() == tr("Comparison of fine-tuning methods: {name}", name="demo")
        assert html.select_one("nav summary").get_text() == tr("Contents")
        assert tr("Methods, one by one") in [heading.get_text().lstrip("#") for heading in html.select("h2")]


def test_numbers_have_the_signs_of_the_language(shown, html) -> None:
    cells = [cell.get_text("\n") for cell in html.select("td[style*=right]")]
    with speaking(shown.language) as spoken:
        sign = re.escape(get_decimal_symbol(spoken.locale))
    assert any(re.search(rf"0{sign}\d\d\d", cell) for cell in cells)
    cells = [cell for cell in cells if "learning" not in cell and cell != "0.001"]
    assert {number for cell in cells for number in foreign_numbers(cell, shown.language)} == set()
    summary = html.select_one("table.sortable")
    assert summary.select("thead th")[1]["style"] == summary.select("thead th")[6]["style"] == "text-align:right"


def test_signs_of_other_languages_are_found() -> None:
    assert foreign_numbers("0,870 1 312 12 2024", "ru") == set()
    assert foreign_numbers("0.870 1,312.5", "ru") == {"0.870", "1,312.5"}
    assert foreign_numbers("0,870 1.312 1.312,5 12", "de") == set()
    assert foreign_numbers("0.870 1,312.5", "de") == {"0.870", "1,312.5"}


def test_figures_are_drawn_with_its_words_and_numbers(shown, monkeypatch) -> None:
    from matplotlib.text import Text

    drawn: list[str] = []
    draw = Text.draw
    monkeypatch.setattr(
        Text, "draw", lambda self, *args, **kwargs: (drawn.append(self.get_text()), draw(self, *args, **kwargs))[1]
    )
    shown.differences(), shown.learning_curves(), shown.search(), shown.costs(), shown.confusion_matrices()
    text = "\n".join(drawn)
    with speaking(shown.language):
        sign = re.escape(get_decimal_symbol(language().locale))
        axes = {tr("share of training, %"), tr("test texts that were given another class, %")}
        axes |= {tr("{metric} on validation", metric=tr("accuracy"))}
    assert axes <= set(drawn)
    assert re.search(rf"^0{sign}\d+$", text, re.MULTILINE)
    assert foreign_numbers(text, shown.language) == set()
    assert english_in(text, shown.language) == set()


def test_the_pdf_is_in_it_too(shown, written) -> None:
    document = PdfReader(written[1])
    text = "\n".join(page.extract_text() for page in document.pages)
    assert document.trailer["/Root"]["/Lang"].startswith(shown.language)
    with speaking(shown.language) as spoken:
        heads = (
            f"{tr('Contents')}\n",
            tr("### How to read this").lstrip("# "),
            f"{tr('Table')} 1",
            f"{tr('Figure')} 1",
            tr("MiB"),
        )
        number = f"0{get_decimal_symbol(spoken.locale)}870"
    for word in (*heads, number):
        assert word in text, word


def test_files_of_the_summary_are_in_it_but_the_raw_values_are_not(shown) -> None:
    files = shown.summary_files()
    with speaking(shown.language) as spoken:
        word, unit, sign = tr("method"), tr("pp"), re.escape(get_decimal_symbol(spoken.locale))
    for end in ("md", "tex", "txt"):
        assert word in files[f"summary.{end}"]
        assert re.search(rf"8\d{sign}\d", files[f"summary.{end}"])
    assert unit not in files["summary.csv"]
    assert files["summary.csv"].startswith("method,kind,model,")
    assert "1 failed" in files["summary.csv"] or "1 diverged" in files["summary.csv"]


def test_a_notebook_speaks_the_language_of_what_it_shows(shown) -> None:
    run = next(itertools.chain.from_iterable(row.records for row in shown.collection.rows))
    with speaking(shown.language):
        assert speaks(notebook_of(run, metric="accuracy")) == shown.language
    assert speaks(notebook_of(run, metric="accuracy")) == ENGLISH
