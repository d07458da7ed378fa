"""The shape of the project: which way imports point, what modules offer, what stands at the top level."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "lib" / "bakeoff"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A module imports from its own room and from rooms to its left; within `report` its rooms stand in a row too.
ORDER = [
    "errors",
    "system",
    "metrics",
    "stats",
    "data",
    "models",
    "methods",
    "experiment",
    "runs",
    "storage",
    "training",
    "execution",
    "study",
    "report.text",
    "report.pages",
    "report.claims",
    "report.tables",
    "report.figures",
    "report.mistakes",
    "report.cells",
    "report.subsets",
    "report.introduction",
    "report.view",
    "report.study",
    "report.inputs",
    "report.outputs",
    "report.state",
    "report.sections",
    "report.build",
    "draft",
    "export",
    "verify",
    "diff",
    "share",
    "doctor",
    "notebook",
    "cli",
]
IN_STRING = re.compile(r"^(bakeoff\.[a-z_]+(?=\.)[a-z0-9_.]*?)\.?(?::\w+)?$")
# These name what a kernel will import, to have it imported beforehand.
AHEAD = {"draft.calibrate", "execution.warm", "notebook.ready"}
# the last two: names of an earlier version
ON_TOP = ("", "__init__", "__main__", "report", "tuning", "tuning.artifacts")
FACES = {"bakeoff", *ON_TOP} - {""}  # nothing in a room imports these: they import rooms
HEAVY = ("torch", "transformers", "peft")  # at import time in these rooms only:
HEAVY_ROOMS = {"training", "models", "export"}
HEAVY_KIT = {  # what method files import inside their functions
    "methods.adapters",
    "methods.compatibility",
    "methods.heads",
}
LONGEST = {"report.text.english": 600}  # the catalogue of sentences


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")


def place(name: str) -> int | None:
    """Return how far right a module stands; None for what stands on top of everything."""
    found = [n for n, room in enumerate(ORDER) if name == room or name.startswith(f"{room}.")]
    return found[0] if found else None


def imports_of(path: Path, *, at_import: bool = False) -> set[str]:
    """Return what a file imports anywhere, or only when it is imported itself; modules of bakeoff without its name.

    Names of bakeoff's modules in strings count as well: `import_module` takes them.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in run_at_import(tree.body) if at_import else ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            inside = module == "bakeoff" or (PACKAGE.parent / module.replace(".", "/")).is_dir()
            found |= {f"{module}.{alias.name}" for alias in node.names} if inside else {module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and name_of(path) not in AHEAD:
            found |= {*IN_STRING.findall(node.value)}
    return {resolved(name) for name in found}


def run_at_import(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield what runs when a file is imported: all but functions and what only type checkers read."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from run_at_import(node.orelse)
            continue
        yield node
        parts = [getattr(node, field, []) for field in ("body", "orelse", "finalbody")]
        handlers = [handler.body for handler in getattr(node, "handlers", [])]
        for part in [*parts, *handlers]:
            yield from run_at_import(part)


def resolved(name: str) -> str:
    """Return a module of bakeoff without `bakeoff.`, for a name that a package offers the package itself."""
    if name.partition(".")[0] != "bakeoff":
        return name
    inner = name.removeprefix("bakeoff").removeprefix(".")
    if not inner:
        return name
    parent = inner.rpartition(".")[0]
    there = any((PACKAGE / f"{inner.replace('.', '/')}{end}").exists() for end in (".py", "/"))
    return inner if there or not (PACKAGE / parent.replace(".", "/")).is_dir() else parent or "bakeoff"


def test_imports_point_one_way() -> None:
    """One order of rooms: what stands to the right of a module is not imported by it, not even inside a function."""
    wrong = []
    for path in MODULES:
        name = name_of(path)
        here = place(name)
        if here is None:
            assert name in ON_TOP, f"{name} stands in no room"
            continue
        others = imports_of(path)
        wrong += [f"{name} imports {other}" for other in others if (place(other) or 0) > here or other in FACES]
    assert not wrong, "\n".join(wrong)


def test_the_readme_has_the_rooms_in_their_order() -> None:
    text = (PACKAGE / "README.md").read_text(encoding="utf-8")
    parts = text.split("has rooms of its own")
    rooms, inside = (re.findall(r"^\| `(\w+)` \| .+ \|$", part, re.MULTILINE) for part in parts)
    assert rooms == list(dict.fromkeys(room.partition(".")[0] for room in ORDER))
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name not in ("__pycache__", "tuning")}
    assert {*rooms} == folders | {"errors"}
    below = [path.parent.name for path in (PACKAGE / "report").glob("*/__init__.py")]
    assert inside == [room.partition(".")[2] for room in ORDER if room.partition(".")[2] in below]
    assert {*inside} == {*below}


def test_no_module_is_imported_by_what_it_imports() -> None:
    """No circle, not even one through a function or for names of types alone."""
    graph = {name_of(path): {name for name in imports_of(path) if place(name) is not None} for path in MODULES}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join([*above[above.index(name) :], name])
        if name not in done:
            for other in sorted(graph.get(name, ())):
                visit(other, (*above, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


def test_rooms_modules_and_functions_stay_small() -> None:
    rooms = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {str(room): count for room, count in rooms.items() if count > 13} == {}
    inner = {room.parent.name for room in rooms if room.parent not in (PACKAGE, PACKAGE.parent)}
    assert inner == {"execution", "methods", "report", "stats", "study", "training"}, "rooms within a room"
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LONGEST.get(name_of(path), 300), path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 50, f"{path}: {node.name}"


def test_methods_do_not_import_each_other() -> None:
    from bakeoff.methods.registry import TABLE

    single = {entry.partition(":")[0].removeprefix("bakeoff.") for entry in TABLE.values()}
    assert len(single) == len(TABLE) == len(list((PACKAGE / "methods").glob("*/[!_]*.py")))
    for name in single:
        others = imports_of(PACKAGE / f"{name.replace('.', '/')}.py") & single
        assert not others, f"{name} imports {others}"


def test_torch_is_imported_where_it_is_at_home() -> None:
    for path in MODULES:
        if name_of(path).partition(".")[0] not in HEAVY_ROOMS and name_of(path) not in HEAVY_KIT:
            heavy = {name.partition(".")[0] for name in imports_of(path, at_import=True)}.intersection(HEAVY)
            assert not heavy, f"{path} imports {heavy}"


def test_planning_imports_no_heavy_library() -> None:
    """A repeated `make report` has to answer at once."""
    code = (
        "import sys; from pathlib import Path; from bakeoff.experiment.load import load_experiment;"
        "import bakeoff.cli, bakeoff.execution.plan; load_experiment(Path('params/demo.yaml'));"
        "import bakeoff.cli.interim, bakeoff.report.build;"  # which looks whether a report is up to date
        "heavy = ('torch', 'transformers', 'peft', 'papermill', 'matplotlib', 'nbformat', 'pandas', 'scipy');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_faces_are_sorted_and_true() -> None:
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not tree.body:
            continue
        assert ast.get_docstring(tree), f"{path} says not what it is for"
        faces = [n for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "__all__"]
        if path.name in ("__init__.py", "__main__.py"):
            continue
        (face,) = faces
        names = ast.literal_eval(face.value)
        assert names == sorted(names, key=lambda n: (not n.isupper(), not n[:1].isupper(), n)), path
        defined = {n.name for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef)}
        for node in tree.body:
            single = [node.target] if isinstance(node, ast.AnnAssign) else []
            targets = node.targets if isinstance(node, ast.Assign) else single
            defined |= {target.id for target in targets if isinstance(target, ast.Name)}
            if isinstance(node, ast.ImportFrom):
                defined |= {alias.asname or alias.name for alias in node.names}
        assert set(names) <= defined, path


def test_nothing_of_the_package_is_ignored_by_git() -> None:
    paths = [str(path.relative_to(ROOT)) for path in MODULES]
    done = subprocess.run(["git", "check-ignore", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == ""


def requirements(entries: list[str]) -> dict[str, str]:
    return {Requirement(entry).name.lower(): str(Requirement(entry).specifier) for entry in entries}


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def needed_for_training() -> list[str]:
    return [*project()["dependencies"], *project()["optional-dependencies"]["train"]]


def test_environment_file_has_the_packages_of_the_project() -> None:
    environment = YAML(typ="safe").load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    options = [entry for entry in pip if entry.startswith("-")]
    assert options == ["--constraint constraints.txt", "--editable ."]
    assert requirements([e for e in pip if not e.startswith("-")]) == requirements(needed_for_training())
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
    assert fixed <= set(requirements(needed_for_training()))
