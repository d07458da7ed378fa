"""The wheel alone: what it carries, and that somebody with nothing but pip can make a comparison with it."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from bakeoff.system.starter import EXAMPLE, NOTEBOOKS
from tiny import make_texts

ROOT = Path(__file__).resolve().parents[1]
EXPERIMENT = """
data: {{source: texts.csv, label: mood, split: {{train: 60, validation: 30, test: 40}}, max_length: 32}}
model: {model}
seeds: [1]
defaults: {{epochs: 1, batch_size: 8, threads: 1}}
methods: {{majority: {{}}, tfidf: {{}}, lora: {{rank: 2}}}}
compare: {{reference: tfidf}}
"""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel and the source distribution, built without the network."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return folder


class Home:
    """An environment with the wheel in it and the packages of this one, and an empty folder to work in."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.root = folder / "empty"
        self.root.mkdir()
        venv.create(folder / "venv", symlinks=os.name != "nt")
        scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self.python, self.scripts = scripts / "python", scripts
        (site,) = (folder / "venv").glob("[Ll]ib/**/site-packages")
        others = [path for path in sys.path if Path(path).name == "site-packages"]
        (site / "others.pth").write_text("\n".join(others) + "\n", encoding="utf-8")
        self.call(self.python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)

    def call(self, *words: object, cwd: Path | None = None, status: int = 0) -> str:
        """Run a command as a user would, without a workspace or sources to fall back on; return what it printed."""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [str(word) for word in words],
            cwd=cwd or self.root,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=600,
        )
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        return said

    def bakeoff(self, *words: str, cwd: Path | None = None, status: int = 0) -> str:
        return self.call(self.scripts / "bakeoff", *words, cwd=cwd, status=status)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Home:
    return Home(tmp_path_factory.mktemp("home"), next(built.glob("*.whl")))


def test_both_carry_licence_and_readme(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "constraints.txt", EXAMPLE, *NOTEBOOKS} <= names
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        held = archive.namelist()
        (metadata,) = [name for name in held if name.endswith(".dist-info/METADATA")]
        assert (ROOT / "README.md").read_text(encoding="utf-8") in archive.read(metadata).decode()
        assert any(name.endswith(".dist-info/licenses/LICENSE") for name in held)
        for name in (*NOTEBOOKS, EXAMPLE, "constraints.txt"):
            assert archive.read(f"bakeoff/shipped/{name}") == (ROOT / name).read_bytes()
    assert not [name for name in held if name.endswith(".pyc") or name.startswith(("tests/", "lib/"))]


@pytest.mark.parametrize(
    "words", [("plan",), ("run",), ("status",), ("report",), ("predict", "x"), ("export", "x", "y")]
)
def test_outside_a_workspace_every_command_says_what_to_do(home: Home, words: tuple[str, ...]) -> None:
    said = home.bakeoff(*words, status=2)
    assert said.count("\n") == 1
    assert "no workspace" in said
    assert "`bakeoff init my-study`" in said
    assert list(home.root.iterdir()) == []


def test_from_an_empty_folder_to_a_report(home: Home, tiny_bert: Path) -> None:
    said = home.bakeoff("init", "my-study")
    study = home.root / "my-study"
    assert "bakeoff run params/demo.yaml" in said
    for name in (*NOTEBOOKS, EXAMPLE):
        assert (study / name).read_bytes() == (ROOT / name).read_bytes()
    assert "nothing to write" in home.bakeoff("init", cwd=study)
    rows = [f"{text},{label}" for text, label in make_texts(140)]
    (study / "texts.csv").write_text("\n".join(["text,mood", *rows]) + "\n", encoding="utf-8")
    (study / "params" / "tiny.yaml").write_text(EXPERIMENT.format(model=tiny_bert), encoding="utf-8")
    assert "3 runs: 0 finished, 3 to execute" in home.bakeoff("plan", "params/tiny.yaml", cwd=study)
    home.bakeoff("run", "params/tiny.yaml", "--only", "majority", "--only", "tfidf", cwd=study)
    given = ["-p", "params", "params/tiny.yaml", "-p", "method", "lora"]
    home.call(home.python, "-m", "papermill", "notebooks/train.ipynb", "out.ipynb", *given, cwd=study)
    assert "3 runs: 3 finished" in home.bakeoff("plan", "params/tiny.yaml", cwd=study)
    home.call(home.python, "-m", "bakeoff", "report", "params/tiny.yaml", cwd=study)
    assert "lora" in (study / "reports" / "tiny" / "report.html").read_text(encoding="utf-8")
    assert (study / "reports" / "tiny" / "report.pdf").stat().st_size > 10_000


def test_new_makes_the_workspace_it_needs(home: Home) -> None:
    place = home.root / "with data"
    place.mkdir()
    assert "no such file" in home.bakeoff("new", "few", "--data", "few.csv", cwd=place, status=2)
    assert list(place.iterdir()) == []
    rows = [f'"{text}",{label}' for text, label in make_texts(140)]
    (place / "few.csv").write_text("\n".join(["text,mood", *rows]) + "\n", encoding="utf-8")
    said = home.bakeoff("new", "few", "--data", "few.csv", "--no-calibration", cwd=place)
    assert "this folder is a workspace now" in said
    there = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert there == {"few.csv", ".gitignore", "params/few.yaml", *NOTEBOOKS}
    assert "to execute" in home.bakeoff("plan", "params/few.yaml", cwd=place)
