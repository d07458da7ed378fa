"""The recipes of lib/bakeoff/README.md, done in a copy of the library: few files each, named there, and they work."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tiny import make_texts, save_tiny

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "lib" / "bakeoff" / "README.md"
MOST = 4
pytestmark = pytest.mark.slow

METHOD = '''\
"""First layers: the lowest layers are trained, those above stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from typing_extensions import override

from bakeoff.methods.base import SubsetMethod
from bakeoff.methods.config import TrainingConfig

if TYPE_CHECKING:
    from bakeoff.models.base import Base

__all__ = ["FirstLayers", "FirstLayersConfig"]


class FirstLayersConfig(TrainingConfig):
    """Hyperparameters of training the bottom of the base model."""

    lowest: int = Field(1, ge=1, description="how many of the first layers are trained")


class FirstLayers(SubsetMethod):
    """Trains the first layers and the head."""

    kind: ClassVar[str] = "first_layers"
    summary: ClassVar[str] = "First layers: the lowest layers of the base model and a new head are trained."
    Config: ClassVar[type[FirstLayersConfig]] = FirstLayersConfig

    @override
    def names(self, base: Base, config: FirstLayersConfig) -> list[str]:
        """Return the weights of the first layers."""
        from bakeoff.models.layers import blocks
        from bakeoff.models.weights import used

        where, _ = blocks(base)
        return [name for name in used(base) if name.startswith(tuple(f"{where}.{n}." for n in range(config.lowest)))]
'''
METRIC = '''\
@_metric(msg("lowest recall"), msg("Lowest recall: that of one class."), items=of_items.any_metric)
def lowest_recall(gold: Ints, predicted: Ints) -> float:
    """Return the least recall of a gold class."""
    return float(min((predicted[gold == one] == one).mean() for one in np.unique(gold)))


METRICS: '''
FORMAT = '''\
def _list(path: Path, data: Data, _every: bool) -> pd.DataFrame:
    """Read a list of objects."""
    return pd.DataFrame(json.loads(decode(path, data.encoding)))


LAYOUTS: '''
SECTION = '''\
"""The class that each method finds worst."""

from __future__ import annotations

from bakeoff.report.pages.table import Table
from bakeoff.report.text.language import tr
from bakeoff.study.collect import Collection

__all__ = ["worst_table"]


def worst_table(collection: Collection) -> Table | None:
    """Name the class of which each method found the smallest share; None without a result."""
    found = {row.name: row.any.test.per_class for row in collection.rows if row.records and row.any.test}
    worst = [min(classes, key=lambda one: classes[one]["recall"]) for classes in found.values()]
    names, caption = (tr("method"), [*found]), tr("The class each method finds worst.")
    return Table({tr("class"): worst}, labels=names, caption=caption) if found else None
'''
VIEW = '''\
    def worst(self) -> Table | None:
        """Show the class that each method finds worst."""
        return worst_table(self.collection)

    def flips(self)'''
LANGUAGE = """\
msgid ""
msgstr ""
"Language: eo\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

msgid "Contents"
msgstr "Enhavo"

msgid "### Worst classes"
msgstr "### Plej malbonaj klasoj"

msgid "lowest recall"
msgstr "plej malalta trovokvoto"

msgid "First layers: the lowest layers of the base model and a new head are trained."
msgstr "Unuaj tavoloj: trejnataj estas la plej malaltaj tavoloj kaj nova kapo."
"""
CATALOGUES = re.compile(r"report/text/[a-z]+/LC_MESSAGES/bakeoff\.po$")
EXPERIMENT = """\
data: {source: texts.list, split: {train: 60, validation: 30, test: 30}, max_length: 32}
model: models/tiny
seeds: [1]
defaults: {epochs: 1, batch_size: 8, threads: 1}
methods: {majority: {}, tfidf: {}, first_layers: {lowest: 1}}
compare: {reference: tfidf, metric: lowest_recall}
report: {language: eo}
"""


class Copy:
    """A scratch copy of library and notebooks, in which a workspace lies."""

    def __init__(self, root: Path) -> None:
        self.root = root
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "lib", root / "lib", ignore=leave)
        shutil.copytree(ROOT / "notebooks", root / "notebooks", ignore=leave)
        (root / "params").mkdir()

    def hashes(self) -> dict[str, str]:
        """Return a hash of each file, by its path."""
        files = [path for folder in ("lib", "notebooks") for path in (self.root / folder).rglob("*") if path.is_file()]
        return {
            path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
            if path.suffix != ".pyc"
        }

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, (name, old)
        (self.root / name).write_text(text.replace(old, new), encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def translate(self, *messages: tuple[str, str]) -> None:
        """Put messages at the end of every catalogue."""
        for file in (self.root / "lib").rglob("bakeoff.po"):
            with file.open("a", encoding="utf-8") as stream:
                stream.writelines(f'\nmsgid "{english}"\nmsgstr "{other}"\n' for english, other in messages)

    def cells(self, notebook: str, change: Callable[[list[dict[str, object]]], None]) -> None:
        """Change the cells of a notebook."""
        file = self.root / "notebooks" / notebook
        tree = json.loads(file.read_text(encoding="utf-8"))
        change(tree["cells"])
        file.write_text(json.dumps(tree, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def call(self, *words: str) -> str:
        """Run a command of the copy; return what it printed."""
        environment = {**os.environ, "PYTHONPATH": str(self.root / "lib"), "HF_HUB_OFFLINE": "1", "COLUMNS": "200"}
        done = subprocess.run(
            [sys.executable, *words], cwd=self.root, env=environment, capture_output=True, text=True, timeout=600,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def add_a_method(copy: Copy) -> None:
    copy.write("lib/bakeoff/methods/weights/first_layers.py", METHOD)
    line = "lowest: int = None  # first_layers: how many of the first layers are trained"

    def declare(cells: list[dict[str, object]]) -> None:
        source = cells[1]["source"]
        source[-1] += "\n"
        source.append(line)

    copy.cells("train.ipynb", declare)
    copy.translate(("First layers: the lowest layers of the base model and a new head are trained.", "Первые слои."))


def add_a_metric(copy: Copy) -> None:
    name = "lib/bakeoff/metrics/classification.py"
    copy.replace(name, "METRICS: ", METRIC)
    copy.replace(name, "        brier,\n", "        brier,\n        lowest_recall,\n")
    copy.translate(
        ("lowest recall", "наименьшая полнота"), ("Lowest recall: that of one class.", "Наименьшая полнота.")
    )


def add_a_data_format(copy: Copy) -> None:
    name = "lib/bakeoff/data/readers.py"
    copy.replace(name, "LAYOUTS: ", FORMAT)
    copy.replace(name, '    ".jsonl": _jsonl,\n', '    ".list": _list,\n    ".jsonl": _jsonl,\n')
    copy.replace("lib/bakeoff/data/sources.py", 'READABLE = (".csv", ', 'READABLE = (".csv", ".list", ')


def add_a_language(copy: Copy) -> None:
    copy.write("lib/bakeoff/report/text/eo/LC_MESSAGES/bakeoff.po", LANGUAGE)


def add_a_section_to_the_report(copy: Copy) -> None:
    copy.write("lib/bakeoff/report/tables/worst.py", SECTION)
    name = "lib/bakeoff/report/view.py"
    copy.replace(name, "    def flips(self)", VIEW)
    after = "from bakeoff.report.tables.summary import"
    copy.replace(name, after, f"from bakeoff.report.tables.worst import worst_table\n{after}")

    def show(cells: list[dict[str, object]]) -> None:
        (place,) = [n for n, cell in enumerate(cells) if cell["id"] == "flips"]
        heading = {"cell_type": "markdown", "id": "worst-text", "metadata": {}, "source": ["### Worst classes"]}
        code = {"cell_type": "code", "id": "worst", "metadata": {"tags": ["result"]}, "execution_count": None}
        cells[place + 1 : place + 1] = [heading, {**code, "outputs": [], "source": ["comparison.worst()"]}]

    copy.cells("compare.ipynb", show)
    copy.translate(("### Worst classes", "### Худшие классы"), ("The class each method finds worst.", "Худший класс."))


RECIPES = (add_a_method, add_a_metric, add_a_data_format, add_a_language, add_a_section_to_the_report)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Copy, dict[str, set[str]]]:
    """Return a copy in which every recipe was done, and the files that each of them edited."""
    copy, edited = Copy(tmp_path_factory.mktemp("recipes")), {}
    for recipe in RECIPES:
        before = copy.hashes()
        recipe(copy)
        after = copy.hashes()
        edited[recipe.__name__] = {name for name in after if after[name] != before.get(name)}
    return copy, edited


@pytest.fixture(scope="module")
def reported(done: tuple[Copy, dict[str, set[str]]]) -> tuple[Copy, BeautifulSoup, str]:
    """Return the copy, the report of an experiment that uses all of the additions, and what `bakeoff new` said."""
    copy, _ = done
    save_tiny(copy.root / "models" / "tiny")
    rows = [{"text": text, "label": label} for text, label in make_texts(120)]
    (copy.root / "texts.list").write_text(json.dumps(rows), encoding="utf-8")
    said = copy.call("-m", "bakeoff", "new", "drafted", "--data", "texts.list", "--no-calibration")
    (copy.root / "params" / "toy.yaml").write_text(EXPERIMENT, encoding="utf-8")
    copy.call("-m", "bakeoff", "run", "params/toy.yaml")
    html = (copy.root / "reports" / "toy" / "report.html").read_text(encoding="utf-8")
    return copy, BeautifulSoup(html, "html.parser"), said


def steps(title: str) -> list[str]:
    """Return the steps of a recipe, as the page has them."""
    text = README.read_text(encoding="utf-8")
    (body,) = re.findall(rf"^### {title}\n\n(.*?)(?=\n##|\Z)", text, re.DOTALL | re.MULTILINE)
    return re.findall(r"^\d\. (.*?)(?=\n\d\. |\Z)", body, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda one: one.__name__)
def test_a_recipe_edits_few_files_and_those_it_names(recipe, done: tuple[Copy, dict[str, set[str]]]) -> None:
    _, edited = done
    files = edited[recipe.__name__]
    said = steps(recipe.__name__.replace("_", " ").capitalize())
    edits = {CATALOGUES.sub("report/text/", name) for name in files}  # of the catalogues, each gets the same
    assert 0 < len(edits) <= MOST
    assert len(said) == len(edits)
    for step in said:
        first = re.findall(r"`([^`]+)`", step.partition(":")[0].partition(", ")[0])
        places = [name if name.startswith("notebooks/") else f"lib/bakeoff/{name}" for name in first]
        assert any(file.startswith(place) for file in files for place in places), step


def summary(copy: Copy) -> dict[str, dict[str, str]]:
    with (copy.root / "reports" / "toy" / "summary.csv").open(encoding="utf-8-sig", newline="") as stream:
        return {row["method"]: row for row in csv.DictReader(stream)}


def test_the_method_trains_a_tiny_model(reported: tuple[Copy, BeautifulSoup, str]) -> None:
    copy, page, _ = reported
    row = summary(copy)["first_layers"]
    assert (row["kind"], row["runs"]) == ("first_layers", "1")
    assert 0 < float(row["params_trainable"]) < 20_000
    assert "trejnataj estas la plej malaltaj tavoloj" in page.get_text()


def test_the_metric_compares_methods(reported: tuple[Copy, BeautifulSoup, str]) -> None:
    copy, page, _ = reported
    rows = summary(copy)
    assert rows["majority"]["compared_by"] == "lowest_recall"
    assert float(rows["majority"]["lowest_recall_test_mean"]) == 0
    assert float(rows["tfidf"]["lowest_recall_test_mean"]) > 0
    assert float(rows["majority"]["difference_to_reference_pp"]) < 0
    assert "plej malalta trovokvoto" in page.get_text()


def test_the_format_is_read_by_new_and_by_run(reported: tuple[Copy, BeautifulSoup, str]) -> None:
    copy, page, said = reported
    assert "text: column text" in said
    assert (copy.root / "params" / "drafted.yaml").is_file()
    assert "texts.list" in page.get_text()


def test_the_language_renders_a_report(reported: tuple[Copy, BeautifulSoup, str]) -> None:
    copy, page, _ = reported
    assert page.html["lang"] == "eo"
    assert page.select_one("nav summary").get_text() == "Enhavo"
    assert (copy.root / "reports" / "toy" / "report.pdf").stat().st_size > 0


def test_the_section_appears_in_the_report(reported: tuple[Copy, BeautifulSoup, str]) -> None:
    _, page, _ = reported
    (heading,) = [one for one in page.find_all("h3") if "Plej malbonaj klasoj" in one.get_text()]
    table = heading.find_next("table")
    assert table.caption.get_text() == "Худший класс."  # as the recipe translates it, the same in every catalogue
    assert "majority" in table.get_text()
