"""The shape of the project: which way imports point, what modules offer, what stands at the top level."""

import ast
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "lib" / "bakeoff"
MODULES = sorted(PACKAGE.rglob("*.py"))
ROOMS = ("tuning", "running", "reporting")

# What each module of the base may import; the rooms stand on the whole base, the top on everything.
BASE = {
    "atomic": set(),
    "digests": set(),
    "errors": set(),
    "inputs": set(),
    "threads": set(),
    "workspace": {"errors"},
    "yamlfile": {"errors"},
    "changes": {"errors", "yamlfile"},
    "method": {"errors"},
    "complaints": {"errors"},
    "entry": {"complaints", "errors", "method"},
    "sections": {"complaints", "entry", "errors", "method", "yamlfile"},
    "experiment": {"changes", "complaints", "entry", "errors", "method", "sections", "yamlfile"},
    "bases": {"digests", "errors", "workspace"},
    "corpus": {"digests", "errors", "workspace"},
    "hubdata": {"errors"},
    "sources": {"corpus", "digests", "errors", "hubdata", "workspace"},
    "run": {"bases", "entry", "errors", "experiment", "method", "sources", "workspace"},
    "commands": {"experiment", "run"},
    "record": {"atomic", "errors", "inputs", "run", "workspace"},
}
TOP = {
    "__init__",
    "__main__",
    "assemble",
    "cli",
    "handover",
    "notebook",
    "parameters",
    "preflight",
    "report",
    "schema",
    "starting",
}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")


def imports_of(path: Path) -> set[str]:
    """Return the modules of bakeoff a file imports anywhere, without the leading "bakeoff."."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "bakeoff":
                found |= {alias.name for alias in node.names}
            elif node.module and node.module.startswith("bakeoff."):
                found.add(node.module.removeprefix("bakeoff."))
        elif isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("bakeoff.") for alias in node.names if alias.name.startswith("bakeoff.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    name, imported = name_of(path), imports_of(path)
    room = name.partition(".")[0]
    if room in ROOMS:
        for other in imported:
            assert other.partition(".")[0] in {room, *BASE}, f"{name} imports {other}"
    elif name in BASE:
        assert imported <= BASE[name], f"{name} imports {imported - BASE[name]}"
    else:
        assert room in TOP, f"{name} stands in no room"


@pytest.mark.parametrize("path", sorted((PACKAGE / "tuning" / "methods").glob("*.py")), ids=name_of)
def test_methods_do_not_import_each_other(path: Path) -> None:
    methods = {name for name in imports_of(path) if name.startswith("tuning.methods.")}
    assert not methods


@pytest.mark.parametrize("path", sorted((PACKAGE / "reporting").rglob("*.py")), ids=name_of)
def test_reporting_needs_no_torch(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("from ", "import ")
    for library in ("torch", "transformers", "peft"):
        assert f"import {library}" not in text


def test_planning_imports_no_heavy_library() -> None:
    """A repeated `make report` has to answer at once."""
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from bakeoff.experiment import load_experiment;"
        "import bakeoff.cli, bakeoff.running.plan; load_experiment(Path('params/demo.yaml'));"
        "print([n for n in ('torch', 'transformers', 'peft', 'papermill', 'matplotlib') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_face_is_sorted_and_true(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    faces = [n for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "__all__"]
    if not tree.body:
        return
    assert ast.get_docstring(tree), "a module says what it is for"
    if path.name in ("__init__.py", "__main__.py") and not faces:
        return
    (face,) = faces
    names = ast.literal_eval(face.value)
    assert names == sorted(names, key=lambda n: (not n.isupper(), not n[:1].isupper(), n))
    defined = {n.name for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef)}
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        defined |= {target.id for target in targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.ImportFrom):
            defined |= {alias.asname or alias.name for alias in node.names}
    assert set(names) <= defined


def functions_of(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250
    for function in functions_of(path):
        assert (function.end_lineno or 0) - function.lineno < 50, function.name


def test_nothing_of_the_package_is_ignored_by_git() -> None:
    import subprocess

    paths = [str(path.relative_to(ROOT)) for path in MODULES]
    done = subprocess.run(["git", "check-ignore", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == ""


def requirements(entries: list[str]) -> dict[str, str]:
    return {Requirement(entry).name.lower(): str(Requirement(entry).specifier) for entry in entries}


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_environment_file_has_the_packages_of_the_project() -> None:
    environment = YAML(typ="safe").load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    options = [entry for entry in pip if entry.startswith("-")]
    assert options == ["--constraint constraints.txt", "--editable ."]
    assert requirements([e for e in pip if not e.startswith("-")]) == requirements(project()["dependencies"])
    assert "python=3.11" in environment["dependencies"]
    assert "pip" in environment["dependencies"]


def test_constraints_pin_every_requirement_within_its_range() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    pins = {name.lower().replace("_", "-"): version for name, version in pins.items()}
    extras = project()["optional-dependencies"].values()
    wanted = [*project()["dependencies"], *(entry for extra in extras for entry in extra)]
    for entry in wanted:
        requirement = Requirement(entry)
        pin = pins[requirement.name.lower().replace("_", "-")]
        assert requirement.specifier.contains(pin), f"{requirement} is pinned to {pin}"


def test_the_users_packages_are_direct_requirements() -> None:
    fixed = {
        "torch",
        "transformers",
        "datasets",
        "peft",
        "evaluate",
        "papermill",
        "nbconvert",
        "jupyter",
        "pandas",
        "seaborn",
    }
    assert fixed <= set(requirements(project()["dependencies"]))
