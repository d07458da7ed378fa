"""The Dockerfile asks for what the project asks for, and copies what is there; no container is built here."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
ARGUMENTS = dict(line.removeprefix("ARG ").split("=", 1) for line in LINES if line.startswith("ARG "))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COPIED = [word for line in LINES if line.startswith("COPY ") for word in line.split()[1:-1]]


def test_torch_is_the_one_that_the_project_pins() -> None:
    (torch,) = [one for one in map(Requirement, PROJECT["optional-dependencies"]["train"]) if one.name == "torch"]
    assert str(torch.specifier) == f"=={ARGUMENTS['TORCH']}"
    assert ARGUMENTS["TORCH_INDEX"].endswith("/cpu")
    assert any("--build-arg TORCH_INDEX=" in line and "/cu" in line for line in LINES)


def test_python_and_extras_are_those_of_the_project() -> None:
    assert f"python={ARGUMENTS['PYTHON'].rpartition('.')[0]}" in (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert {"train"} <= set(ARGUMENTS["EXTRAS"].split(",")) <= set(PROJECT["optional-dependencies"])
    assert any("--constraint constraints.txt" in line for line in LINES)


def test_everything_that_is_built_from_is_copied_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert kept == set(COPIED)
    assert all((ROOT / name).exists() for name in COPIED)
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    needed = [*build["targets"]["wheel"]["only-include"], *build["targets"]["wheel"]["force-include"]]
    assert {re.split("/", name)[0] for name in needed} <= kept


def test_it_does_not_run_as_root() -> None:
    assert LINES.index("USER bakeoff") < next(n for n, line in enumerate(LINES) if line.startswith("ENTRYPOINT"))
