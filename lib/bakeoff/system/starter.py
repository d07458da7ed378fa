"""What a new workspace starts with: the notebooks, the example's experiment file, a .gitignore."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bakeoff.errors import BadValue, MissingFile
from bakeoff.system.atomic import atomic_path
from bakeoff.system.workspace import shipped

__all__ = ["EXAMPLE", "NOTEBOOKS", "make_workspace", "outdated"]


NOTEBOOKS = ("notebooks/compare.ipynb", "notebooks/train.ipynb")
EXAMPLE = "params/demo.yaml"
GITIGNORE = """\
# What runs generate.
/reports/
/*.ipynb
.ipynb_checkpoints/
__pycache__/
"""


def make_workspace(root: Path, *, files: Iterable[str] = (*NOTEBOOKS, EXAMPLE)) -> list[str]:
    """Put what a workspace needs into a folder, which need not be there; what is there already stays as it is.

    files: of those that bakeoff ships; returns the names of what was written. Raises BadValue where the place is taken
    by a file, MissingFile where this installation lacks what it should ship.
    """
    for place in (root, *root.parents):
        if place.exists():
            if not place.is_dir():
                raise BadValue(str(place), "is a file, not a folder", hint="name another folder")
            break
    contents = {name: _shipped(name).read_bytes() for name in files}
    contents[".gitignore"] = GITIGNORE.encode()
    written = []
    for name, content in contents.items():
        if not (root / name).exists():
            with atomic_path(root / name) as scratch:
                scratch.write_bytes(content)
            written.append(name)
    (root / "params").mkdir(exist_ok=True)
    return written


def outdated(root: Path) -> list[str]:
    """Return the notebooks of a workspace that are not those of this version: changed by a person, or older."""
    return [name for name in NOTEBOOKS if (root / name).read_bytes() != _shipped(name).read_bytes()]


def _shipped(name: str) -> Path:
    file = shipped(name)
    if file is None:
        raise MissingFile(name, "this installation of bakeoff lacks it", hint="install bakeoff again")
    return file
