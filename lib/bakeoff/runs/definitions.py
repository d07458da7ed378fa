"""Hashes of the definitions in source files, without what cannot change a number; computed once for each content.

They are kept in the user's cache folder under the hash of the source, this module's own and the version of Python, so
that nothing there is ever out of date; what is lost or cannot be read is computed anew.
"""

from __future__ import annotations

import ast
import atexit
import hashlib
import json
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from bakeoff.system.atomic import atomic_path
from bakeoff.system.digests import bytes_of, canonical_sha256, from_json
from bakeoff.system.workspace import cache_folder

__all__ = ["Kept", "definitions_sha256"]


MOST = 2_000
"""Sources whose hashes are kept; when there are more, those of the process at hand alone."""


@lru_cache
def definitions_sha256(path: Path, *mark: int) -> tuple[str, ...]:
    """Hash each top-level statement of a source file without what cannot change a number.

    mark: of a file of the user's own, when and how large it was written; what it imports of bakeoff counts, too
    """
    return _kept().hashes(path.read_bytes(), own_imports=bool(mark))


class Kept:
    """Hashes by content: those that earlier processes left in a file, and new ones, which are written at the end."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._known, self._used, self._new = _read(file), dict[str, tuple[str, ...]](), False

    def hashes(self, source: bytes, *, own_imports: bool) -> tuple[str, ...]:
        """Return the hashes of a source, of its imports of bakeoff as well where `own_imports`."""
        key = f"{hashlib.sha256(source).hexdigest()}{'+' if own_imports else ''}"
        if key not in self._known:
            self._known[key] = _hashes(source, own_imports=own_imports)
            if not self._new:
                self._new = True
                atexit.register(self.write)
        self._used[key] = self._known[key]
        return self._known[key]

    def write(self) -> None:
        """Write what is known, with what other processes have written meanwhile; where nobody may, nothing is."""
        known = {**_read(self.file), **self._known}
        kept = known if len(known) <= MOST else self._used
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(self.file) as scratch:
                sealed = {"sha256": canonical_sha256(kept), "hashes": kept}
                scratch.write_text(json.dumps(sealed), encoding="utf-8", newline="\n")


@lru_cache
def _kept() -> Kept:
    me = hashlib.sha256(Path(__file__).read_bytes() + sys.version.encode()).hexdigest()[:16]
    return Kept(cache_folder() / "definitions" / f"{me}.json")


def _read(file: Path) -> dict[str, tuple[str, ...]]:
    """Return the hashes in a file, none where it is damaged: by one bit of it all runs would be taken for stale."""
    try:
        sealed = from_json(bytes_of(file))
        whole = sealed["sha256"] == canonical_sha256(sealed["hashes"])
        return {key: tuple(value) for key, value in sealed["hashes"].items()} if whole else {}
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return {}


def _hashes(source: bytes, *, own_imports: bool) -> tuple[str, ...]:
    tree = ast.parse(source)
    _bare(tree, own_imports=own_imports)
    # unparsed rather than dumped: the names of tree nodes change from one Python to the next
    return tuple(hashlib.sha256(ast.unparse(node).encode()).hexdigest() for node in tree.body if not _is_face(node))


def _bare(node: ast.AST, *, own_imports: bool) -> None:
    """Take texts, and unless `own_imports` what is imported of bakeoff, out of a block and of the blocks inside it."""
    for field in ("body", "orelse", "finalbody"):
        if isinstance(body := getattr(node, field, None), list):
            kept = [item for item in body if not _is_text(item) and (own_imports or not _is_own_import(item))]
            setattr(node, field, kept or ([ast.Pass()] if body and field == "body" else []))
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):  # expressions have no blocks
        if isinstance(inner := getattr(node, field, None), list):
            for item in inner:
                _bare(item, own_imports=own_imports)


def _is_own_import(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "bakeoff"


def _is_face(node: ast.AST) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
