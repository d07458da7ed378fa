"""What a module of the user's own imports from beside it, read without running it, and where it prints when run."""

from __future__ import annotations

import ast
import atexit
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

__all__ = ["Source", "follow", "place_of", "printing_aside"]


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
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # importing it says more
        return
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*filter(None, above), *([node.module] if node.module else [])])
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names)) if base else ()


_ASIDE: list[TextIO] = []
"""What stands for standard output and error while code of the user's own is imported, which may keep or close it."""


@contextmanager
def printing_aside() -> Iterator[None]:
    """Let what code of the user's own prints go to standard error: a schema, or answers, may be on standard output.

    Afterwards both streams are as they were, whatever it did with them. Nothing changes where they are no files, as in
    a notebook.
    """
    kept = sys.stdout, sys.stderr
    with suppress(AttributeError, OSError, ValueError):
        number, encoding, errors = kept[1].fileno(), kept[1].encoding, kept[1].errors
        kept[0].fileno()
        _ASIDE[:] = [one for one in _ASIDE if not one.closed]
        while len(_ASIDE) < len(kept):
            _ASIDE.append(os.fdopen(os.dup(number), "w", buffering=1, encoding=encoding, errors=errors))
            atexit.register(_ASIDE[-1].close)
        sys.stdout, sys.stderr = _ASIDE
    try:
        yield
    finally:
        for one in _ASIDE:
            with suppress(OSError, ValueError):
                one.flush()
        sys.stdout, sys.stderr = kept
