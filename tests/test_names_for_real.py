"""Names and figures that once left no report, through the command line: notebooks, papermill, HTML and PDF."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from tiny import make_texts

ROOT = Path(__file__).resolve().parents[1]
BAKEOFF = os.fspath(Path(sys.executable).parent / "bakeoff")
EXPERIMENT = """
data:
  source: texts.csv
  label: mood
  split: {train: 60, validation: 30, test: 40}
model: bundled:minilm-l6
seeds: [1]
methods:
  majority: {}
  tfidf: {}
compare: {reference: tfidf}
"""
pytestmark = pytest.mark.slow


def lay_out(root: Path, names: tuple[str, str]) -> None:
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "params").mkdir()
    (root / "params" / "names.yaml").write_text(EXPERIMENT, encoding="utf-8")
    with (root / "texts.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "mood"])
        rows.writerows(
            (f"{text} {place}", names[label == "positive"]) for place, (text, label) in enumerate(make_texts(140))
        )


def bakeoff(root: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [BAKEOFF, *words, "params/names.yaml"], cwd=root, capture_output=True, text=True, timeout=600, check=False
    )


def read(root: Path) -> tuple[BeautifulSoup, str]:
    """Return the page, and the text of the PDF."""
    folder = root / "reports" / "names"
    page = BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")
    return page, " ".join("".join(leaf.extract_text() for leaf in PdfReader(folder / "report.pdf").pages).split())


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("strongly recommended film", "not recommended to anyone"),) * 2,
        (("$10-$20", "\x1b[31mred"), ("$10-$20", "\N{REPLACEMENT CHARACTER}[31mred")),
        ((r"$\frac{1}$", "a" * 100), (r"$\frac{1}$", "a" * 100)),
    ],
    ids=["long", "control", "formula"],
)
def test_names_that_left_no_report(names: tuple[str, str], shown: tuple[str, str], tmp_path: Path) -> None:
    lay_out(tmp_path, names)
    done = bakeoff(tmp_path, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not drawn" not in done.stdout
    page, paper = read(tmp_path)
    pictures = page.select("figure .drawn:not(.narrow) svg")
    matrices = [drawn for drawn in pictures if all(name in drawn["aria-label"] for name in shown)]
    assert len(matrices) == 2, "one of each run"
    (bars,) = [drawn for drawn in pictures if drawn["aria-label"].startswith("Bars of the errors")]
    assert "taken for" in bars.get_text()
    assert "not drawn" not in paper
    assert not {name for name in shown if name not in page.get_text()}
    assert "\x1b" not in str(page)


def test_a_figure_that_cannot_be_drawn_costs_itself_only(tmp_path: Path) -> None:
    lay_out(tmp_path, ("good", "bad"))
    file = tmp_path / "notebooks" / "compare.ipynb"
    notebook = json.loads(file.read_text(encoding="utf-8"))
    (setup,) = [cell for cell in notebook["cells"] if cell["id"] == "setup"]
    setup["source"] = [*setup["source"], "\nfrom bakeoff.report.mistakes import matrices as f\nf._error_bars = None"]
    file.write_text(json.dumps(notebook), encoding="utf-8")
    sentence = "Figure not drawn (confusion matrices): TypeError: 'NoneType' object is not callable"
    done = bakeoff(tmp_path, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(sentence) == 1
    again = bakeoff(tmp_path, "report")
    assert again.stdout.count(sentence) == 1
    assert "up to date" in again.stdout
    page, paper = read(tmp_path)
    assert sentence in page.get_text()
    assert sentence in paper.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    assert len(page.select("figure svg")) >= 3
