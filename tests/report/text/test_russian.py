"""A whole report in Russian: no English word is left in it, numbers have decimal commas, figures too."""

from __future__ import annotations

import dataclasses
import itertools
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_output
from pypdf import PdfReader

import sample
import views
from bakeoff.experiment.model import Constraints, Report
from bakeoff.methods.registry import TABLE
from bakeoff.report.build import export
from bakeoff.report.pages.stitch import speaks, stitch
from bakeoff.report.sections import notebook_of
from bakeoff.report.text.language import speaking, tr, words
from bakeoff.report.view import ComparisonView
from bakeoff.study.collect import Excluded

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


def russian() -> tuple[object, dict[str, str]]:
    """Return a collection whose report is Russian, and a summary that a method has."""
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
    experiment = found.experiment.model_copy(update={"report": Report(language="ru"), "constraints": limits})
    with speaking("ru"):
        left = Excluded("full-s41-00000000", tr("superseded by {run}", run="full-s41-00b7bcec"))
    return dataclasses.replace(found, experiment=experiment, rows=tuple(rows), excluded=(left,))


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> ComparisonView:
    return views.view(russian(), tmp_path_factory.mktemp("russian"))


@pytest.fixture(scope="module")
def written(shown, tmp_path_factory):
    """Where HTML and PDF of the report are."""
    notebook = nbformat.read(views.NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and {"result", "appendix"} & set(cell.metadata.tags):
            items: list[object] = []
            last = eval(cell.source, {"comparison": shown, "display": lambda *more, to=items: to.extend(more)})
            items += [last] if last is not None else []
            cell.outputs = [new_output("display_data", data=item._repr_mimebundle_()) for item in items]
    with speaking("ru"):
        sections = [(title, run.run_id, notebook_of(run, metric="macro_f1")) for title, run in shown.section_records()]
        stitched = stitch(notebook, sections, heading=words("ru")["methods"])
    folder = tmp_path_factory.mktemp("written")
    return export(stitched, folder, title=shown.title(), language="ru", facts=shown.facts())


@pytest.fixture(scope="module")
def html(written) -> BeautifulSoup:
    return BeautifulSoup(written[0].read_text(encoding="utf-8"), "html.parser")


def prose(html: BeautifulSoup) -> str:
    """Return all a reader sees but commands and code, and the texts that stand for figures."""
    copy = BeautifulSoup(str(html), "html.parser")
    alternatives = [image["alt"] for image in copy.select("img")]
    labels = [region["aria-label"] for region in copy.select("[aria-label]")]
    for table in copy.select("table"):
        if table.caption.get_text().startswith(("Команда", "Где выполнялись")):
            table.tbody.decompose()
        if table.caption.get_text().startswith("Настройки"):
            for name in table.select("tbody th"):
                name.decompose()
    for element in copy.select("script, style, code, pre"):
        element.decompose()
    return "\n".join([copy.get_text("\n"), *alternatives, *labels])


def test_no_english_word_is_left(html) -> None:
    known = {name.lower() for name in ALLOWED}
    found = {word for word in WORD.findall(RUN.sub(" ", prose(html))) if not word[0].isdigit()}
    assert {word for word in found if word.lower() not in known} == set()


def test_the_page_and_its_pieces_say_their_language(html) -> None:
    assert html.html["lang"] == "ru"
    assert {piece.get("lang") for piece in html.select("figure.report, div.scroll[role]")} == {"ru"}
    assert html.h1.get_text() == "Сравнение методов дообучения: demo"
    assert html.select_one("nav summary").get_text() == "Содержание"
    assert "Методы по отдельности" in [heading.get_text().lstrip("#") for heading in html.select("h2")]


def test_numbers_have_decimal_commas(html) -> None:
    cells = [cell.get_text("\n") for cell in html.select("td[style*=right]")]
    assert any(re.search(r"0,\d\d\d", cell) for cell in cells)
    assert not [cell for cell in cells if re.search(r"\d\.\d", cell) and "learning" not in cell and cell != "0.001"]
    summary = html.select_one("table.sortable")
    assert summary.select("thead th")[1]["style"] == summary.select("thead th")[6]["style"] == "text-align:right"


def test_figures_are_drawn_with_russian_numbers(shown, monkeypatch) -> None:
    from matplotlib.text import Text

    drawn: list[str] = []
    draw = Text.draw
    monkeypatch.setattr(
        Text, "draw", lambda self, *args, **kwargs: (drawn.append(self.get_text()), draw(self, *args, **kwargs))[1]
    )
    shown.differences(), shown.learning_curves(), shown.search(), shown.costs(), shown.confusion_matrices()
    text = "\n".join(drawn)
    assert {"доля обучения, %", "тестовые тексты, отнесённые к другому классу, %", "accuracy на валидации"} <= set(
        drawn
    )
    assert re.search(r"^0,\d+$", text, re.MULTILINE)
    assert not re.search(r"\d\.\d", text)
    assert set(WORD.findall(text)) <= ALLOWED


def test_the_pdf_is_russian_too(written) -> None:
    document = PdfReader(written[1])
    text = "\n".join(page.extract_text() for page in document.pages)
    assert document.trailer["/Root"]["/Lang"].startswith("ru")
    for word in ("Содержание", "Таблица 1", "Рис. 1", "Как это читать", "МиБ", "0,870"):
        assert word in text, word


def test_files_of_the_summary_are_russian_but_the_raw_values_are_not(shown) -> None:
    files = shown.summary_files()
    for end in ("md", "tex", "txt"):
        assert "метод" in files[f"summary.{end}"]
        assert re.search(r"8\d,\d", files[f"summary.{end}"])
    assert "п.\N{NARROW NO-BREAK SPACE}п." not in files["summary.csv"]
    assert files["summary.csv"].startswith("method,kind,model,")
    assert "1 failed" in files["summary.csv"] or "1 diverged" in files["summary.csv"]


def test_a_notebook_speaks_the_language_of_what_it_shows(shown) -> None:
    run = next(itertools.chain.from_iterable(row.records for row in shown.collection.rows))
    with speaking("ru"):
        assert speaks(notebook_of(run, metric="accuracy")) == "ru"
    assert speaks(notebook_of(run, metric="accuracy")) == "en"
