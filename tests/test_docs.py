"""The documentation builds without a warning, and what its pages say can be done is done here, page by page."""

import ast
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from bakeoff.cli.parser import COMMANDS, parse
from bakeoff.experiment.entries import OWN_KEYS
from bakeoff.experiment.load import load_experiment
from bakeoff.methods.registry import TABLE
from bakeoff.notebook.parameters import declared_names
from docpages import DOCS, ROOT, Block, blocks, name_of, pages

BASE = {
    "data": {"source": "reviews.csv", "text": "review", "label": "verdict"},
    "model": "bundled:minilm-l6",
    "seeds": [41, 42, 43],
    "methods": {"majority": {}, "tfidf": {}, "full": {}, "lora": {}},
}
"""What a part of an experiment file is read with."""
SMALL = {"model": "models/tiny", "seeds": [41]}
SMALL_METHODS = {"tfidf": {}, "full": {}, "lora": {"rank": 4}}
PROGRAMS = (".", "bash", "conda", "cp", "docker", "git", "jupyter", "mamba", "pip", "snakemake")
"""Whose command lines are not ours to parse."""
pytestmark = pytest.mark.slow


class Bench:
    """A scratch workspace in which the blocks of pages are taken one after another."""

    def __init__(self, root: Path) -> None:
        self.root, self.printed, self.names = root, "", {"__name__": "__main__"}

    def take(self, block: Block) -> None:
        """Write, check or run a block, as its marks say."""
        if "file" in block.marks:
            (self.root / block.marks["file"]).write_text(block.text, encoding="utf-8")
        if "small" in block.marks:
            file = self.root / block.marks["small"]
            tree = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
            self.write(file, {**tree, **SMALL, "methods": SMALL_METHODS})
        if block.language == "text":
            if "output" in block.marks:
                self.compare(block)
        elif block.language == "yaml":
            self.read(block)
        elif block.language == "toml":
            tomllib.loads(block.text)
        elif "check" in block.marks:
            assert block.marks["check"], f"{block.place}: say why it is not run"
            self.check(block)
        elif "file" not in block.marks:
            self.run(block)
        else:
            compile(block.text, block.place, "exec")

    def run(self, block: Block) -> None:
        """Run a block and keep what it printed."""
        words = ["bash", "-euo", "pipefail", "-c", f"{block.text.strip()} {block.marks.get('with', '')}"]
        if block.language == "python":
            words = [sys.executable, "-c", block.text]
        folders = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": folders, "PYTHONPATH": os.environ.get("PYTHONPATH", ""), "COLUMNS": "200"}
        done = subprocess.run(
            words, cwd=self.root, env=environment, capture_output=True, text=True, timeout=500, check=False
        )
        self.printed = done.stdout + done.stderr
        assert done.returncode == int(block.marks.get("fails", 0)), f"{block.place}\n{block.text}\n{self.printed}"

    def compare(self, block: Block) -> None:
        """Hold what the page shows against what was printed."""
        shown = [" ".join(line.split()) for line in block.text.splitlines() if line.strip() not in ("", "…")]
        printed = "\n".join(" ".join(line.split()) for line in self.printed.splitlines())
        for line in shown:
            pattern = ".*".join(re.escape(part) for part in line.split("…"))
            assert re.search(rf"^{pattern}$", printed, re.MULTILINE), f"{block.place}: {line}\n\nprinted:\n{printed}"

    def read(self, block: Block) -> None:
        """Read a block of yaml as an experiment; what it lacks is taken from a plain one."""
        tree = YAML(typ="safe").load(block.text)
        for key, value in BASE.items():
            if key != "model" or "models" not in tree:
                tree.setdefault(key, value)
        if isinstance(tree["data"], dict):
            tree["data"].setdefault("source", BASE["data"]["source"])
        tree.setdefault("compare", {}).setdefault("reference", next(iter(tree["methods"])))
        file = self.root / "read.yaml"
        self.write(file, tree)
        load_experiment(file, shown_as=block.place)

    def write(self, file: Path, tree: dict[str, object]) -> None:
        with file.open("w", encoding="utf-8") as stream:
            YAML(typ="safe", pure=True).dump(tree, stream)

    def check(self, block: Block) -> None:
        """Parse a block that is not run."""
        if block.language == "python":
            return check_python(block)
        for line in block.commands:
            words = shlex.split(re.sub(r"^([A-Z_]+=\S* )+| [<>] .*", "", line))
            program = words[0].rpartition("/")[2]
            if program == "bakeoff":
                self.check_command(words[1:], block)
            elif program == "make":
                assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE), line
            elif program == "papermill":
                given = re.findall(r"-p (\w+)|[{ ](\w+):", line)
                assert {name for pair in given for name in pair if name} <= set(declared_names()), line
            else:
                assert program in PROGRAMS, f"{block.place}: {line}"
        return None

    def check_command(self, words: list[str], block: Block) -> None:
        """Parse a command of ours, and read the experiment it names."""
        options = parse(words)
        file = getattr(options, "experiment", None)
        if file and hasattr(options, "changes"):
            assert (self.root / file).is_file(), f"{block.place}: {file} is not there"
            load_experiment(self.root / file, changes=options.changes)


def check_python(block: Block) -> None:
    """Parse a block of python; what it imports from bakeoff is there."""
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "bakeoff":
            module = importlib.import_module(node.module)
            assert all(hasattr(module, alias.name) for alias in node.names), block.place


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Path:
    """Return a workspace as a clone has it, with a tiny model in models/tiny."""
    root = tmp_path_factory.mktemp("docs")
    for name in ("notebooks", "params"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copytree(tiny_bert, root / "models" / "tiny")
    return root


@pytest.fixture(scope="module")
def after_tutorial(start: Path) -> Path:
    """Return the workspace after every block of the tutorial."""
    bench = Bench(start)
    for block in blocks(DOCS / "tutorial.md"):
        bench.take(block)
    return start


OTHERS = [page for page in pages() if blocks(page) and page.stem != "tutorial"]


def test_the_tutorial_does_what_it_says(after_tutorial: Path) -> None:
    assert (after_tutorial / "reports" / "shop" / "report.html").is_file()


@pytest.mark.parametrize("page", OTHERS, ids=name_of)
def test_a_page_does_what_it_says(page: Path, after_tutorial: Path, tmp_path: Path) -> None:
    bench = Bench(shutil.copytree(after_tutorial, tmp_path / "workspace", symlinks=True))
    for block in blocks(page):
        bench.take(block)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built pages; a warning, a broken link among them, fails the build."""
    folder = tmp_path_factory.mktemp("built")
    words = [
        "-q",
        "-W",
        "--keep-going",
        "-n",
        "-b",
        "html",
        "-d",
        str(folder / "trees"),
        str(DOCS),
        str(folder / "html"),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


def test_every_page_is_built(built: Path) -> None:
    for page in pages():
        assert (built / page.relative_to(DOCS)).with_suffix(".html").is_file()


def test_the_reference_names_every_key_command_and_method(built: Path, reference: ModuleType) -> None:
    schema = reference.schema_of()
    places = (built / "reference" / "experiment-file.html").read_text("utf-8")
    for key, _, _ in reference.experiment_keys(schema):
        if key != "methods" and not key.startswith("defaults"):
            assert f'id="{reference.anchor(key)}"' in places, key
    commands = (built / "reference" / "command-line.html").read_text("utf-8")
    assert [name for name in COMMANDS if f'id="bakeoff-{name}"' not in commands] == []
    methods = (built / "reference" / "methods.html").read_text("utf-8")
    assert [kind for kind in TABLE if f'id="{kind.replace("_", "-")}"' not in methods] == []


def test_every_key_has_a_meaning_and_an_example_that_is_valid(reference: ModuleType) -> None:
    schema = reference.schema_of()
    keys = {key: part for key, part, _ in reference.experiment_keys(schema) if key not in ("methods", "defaults")}
    for name, part in schema["$defs"].items():
        if name.startswith("entry."):
            own = {f"{name}.{key}": one for key, one in part["properties"].items()}
            keys |= {key: one for key, one in own.items() if key.rpartition(".")[2] not in OWN_KEYS}
    for key, part in keys.items():
        assert reference.meaning_of(part, schema), f"{key}: say what it is for"
        if not reference.is_section(part, schema) and part.get("type") != "null":
            example = reference.example_of(part)
            assert example is not None, f"{key}: give it examples"
            assert YAML(typ="safe", pure=True).load(f"x: {reference.spelled(example)}")["x"] == example, key
            assert Draft202012Validator({**part, "$defs": schema["$defs"]}).is_valid(example), key


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the extension that writes the reference."""
    monkeypatch.syspath_prepend(DOCS / "_ext")
    return importlib.import_module("bakeoff_reference")


def test_the_link_check_finds_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS / "_ext")
    from bakeoff_links import faults

    (tmp_path / "one.html").write_text(
        '<p id="here"><a href="#here">a</a> <a href="#gone">b</a> <a href="two.html">c</a> <a href="three.html">d</a>'
        '<a href="two.html#there">e</a> <a href="two.html#nowhere">f</a> <a href="https://example.org">g</a>'
        '<script src="https://example.org/x.js"></script> <img src="gone.png">',
        encoding="utf-8",
    )
    (tmp_path / "two.html").write_text('<h1 id="there">', encoding="utf-8")
    told = [complaint.split(":")[0] for _, complaint in faults(tmp_path)]
    assert told == [
        "loads https",
        "leads to #gone",
        "leads to three.html",
        "leads to two.html#nowhere",
        "leads to gone.png",
    ]
