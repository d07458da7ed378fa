"""What a module of the user's own imports from beside it, read from its source without running it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Source", "follow", "place_of"]


@dataclass
class Source:
    """What runs with a module. places: name -> file, or folder of a package without one; library: bakeoff's modules."""

    places: dict[str, Path] = field(default_factory=dict)
    library: set[str] = field(default_factory=set)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, sorted."""
        return tuple(sorted({place for place in self.places.values() if place.is_file()}))


def place_of(root: Path, module: str) -> Path | None:
    """Return the file of a module below a folder, or the folder of a package without one; None where there is none."""
    path = root.joinpath(*module.split("."))
    for file in (path / "__init__.py", path.with_name(f"{path.name}.py")):
        if file.is_file():
            return file
    return path if path.is_dir() else None


def follow(module: str, root: Path, read: Source, *, ours: Callable[[str], bool]) -> None:
    """Read a module, the packages it lies in and what they import from below a folder.

    ours: tells names without dots that are followed from those of other packages
    """
    head, _, last = module.rpartition(".")
    place = place_of(root, module)
    if module in read.places or place is None or not last:
        return
    read.places[module] = place
    if head:
        follow(head, root, read, ours=ours)
    if not place.is_file():
        return
    for name in _imports(place, module):
        top = name.partition(".")[0]
        if top == "bakeoff":
            read.library.add(name)
        elif ours(top):
            follow(name, root, read, ours=ours)


def _imports(file: Path, module: str) -> Iterator[str]:
    """Yield the modules that a source may import, wherever in it; names that are none among them."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):  # importing it says more
        return
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*filter(None, above), *([node.module] if node.module else [])])
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names)) if base else ()
