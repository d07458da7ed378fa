"""Code of the user's own: modules of the workspace by name, and what installed packages offer by entry point.

A module is looked for in the root of the workspace and nowhere else, and what it imports from there is read from its
source beforehand: that can be imported, and no other file of the workspace. So all that runs is in `Own.sources`, which
fingerprints hash, and no file of the workspace is taken for an installed package.
"""

from __future__ import annotations

import importlib
import re
import sys
import traceback
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

from bakeoff.errors import BadValue, UnknownName
from bakeoff.system.imports import Source, follow, place_of, printing_aside
from bakeoff.system.workspace import find_workspace

__all__ = [
    "Own",
    "at_fault",
    "blame",
    "is_reference",
    "load",
    "look_in",
    "looked_in",
    "offered",
    "read_so_far",
    "staying",
    "written_in",
]


REFERENCE = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):([^\W\d]\w*)")
Mark = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Own:
    """Something of the user's own.

    module: where it was asked for; sources: the files that run with it; modules: their names; imports: the modules of
    bakeoff that they import; distribution: what brought it, None for a module of the workspace
    """

    value: Any
    module: str
    sources: tuple[Path, ...]
    modules: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    distribution: str | None = None


class _Loader(SourceFileLoader):
    """Compiles a source each time: compiled files would miss an edit within a second, and lie about."""

    def path_stats(self, path: str) -> NoReturn:  # noqa: ARG002
        raise OSError

    def source_to_code(self, data: Any, path: Any = "<string>") -> CodeType:  # type: ignore[override]
        """Keep docstrings, which describe methods, and assertions where Python leaves its own out (`-OO`)."""
        made: CodeType = compile(data, path, "exec", dont_inherit=True, optimize=0)
        return made


class _Finder(MetaPathFinder):
    """Finds the modules it has been told of, and no others."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[Path, Mark]] = {}
        self.loaded: dict[tuple[Path, str], Own] = {}
        self.start: Path | None = None

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002
        if fullname not in self.places:
            return None
        place, _ = self.places[fullname]
        package = place.is_dir() or place.name == "__init__.py"
        if place.is_dir():
            found: ModuleSpec | None = ModuleSpec(fullname, None, is_package=True)
        else:
            found = spec_from_file_location(fullname, place, loader=_Loader(fullname, str(place)))
        if found and package:
            found.submodule_search_locations = []  # what is in it is found here as well, or not at all
        return found

    def make_room(self, places: dict[str, Path]) -> None:
        """Forget everything where one of these modules has changed, and take them in."""
        marks = {name: (place, _mark(place)) for name, place in places.items()}
        if any(self.places.get(name, known) != known for name, known in marks.items()):
            for name in self.places:
                sys.modules.pop(name, None)
            self.places, self.loaded = {}, {}
        self.places |= marks
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def current(self, key: tuple[Path, str]) -> Own | None:
        """Return what was loaded, unless one of its files has changed since."""
        found = self.loaded.get(key)
        same = found and all(self.places.get(name) == (place, _mark(place)) for name, place in _named(found, self))
        return found if same else None


_FINDER = _Finder()


def _named(own: Own, finder: _Finder) -> Iterator[tuple[str, Path]]:
    return ((name, finder.places[name][0]) for name in own.modules if name in finder.places)


def _mark(place: Path) -> Mark:
    try:
        status = place.stat()
    except OSError:
        return 0, 0
    return (0, 0) if place.is_dir() else (status.st_mtime_ns, status.st_size)


def look_in(folder: Path) -> None:
    """Look for modules in the workspace that a folder lies in from now on; before, in that of the current folder."""
    _FINDER.start = folder


def looked_in() -> Path | None:
    """Return the folder that `look_in` was last given, for a process that is started to do the same."""
    return _FINDER.start


def read_so_far() -> tuple[Path, ...]:
    """Return the files of the workspace that code of the user's own has been read from by now."""
    return tuple(sorted({place for place, _ in _FINDER.places.values() if place.is_file()}))


def is_reference(name: str) -> bool:
    """Tell `my_module:MyMethod` from a plain name."""
    return ":" in name


def load(reference: str, *, kind: str, what: str, where: str | None) -> Own:
    """Import `module:Name` from the root of the workspace.

    kind: what it should be, in a word; what, where: the key that asks for it and its place
    Raises BadValue or UnknownName where there is no such module or name, or where it cannot be imported.
    """
    parts = REFERENCE.fullmatch(reference)
    if not parts:
        hint = f"a {kind} of your own is written my_module:Name, for Name in my_module.py in the workspace"
        raise BadValue(what, f"{reference!r} cannot be used", where=where, hint=hint)
    module, name = parts.groups()
    root = find_workspace(_FINDER.start).root
    if kept := _FINDER.current((root, reference)):
        return kept
    read = Source()
    _check_module(module, root, what=what, where=where)
    follow(module, root, read, ours=lambda top: not _elsewhere(top, root))
    _FINDER.make_room(read.places)
    value = _imported(module, name, what=what, where=where)
    found = Own(value, module, read.files, frozenset(read.places), frozenset(read.library))
    _FINDER.loaded[root, reference] = found
    return found


def _check_module(module: str, root: Path, *, what: str, where: str | None) -> None:
    top = module.partition(".")[0]
    place, taken = place_of(root, module), place_of(root, top)
    if _elsewhere(top, root):
        hint = f"give {taken.name} in the workspace another name" if taken else "name a module of the workspace"
        raise BadValue(what, f"{top!r} is the name of an installed package", where=where, hint=hint)
    if place is None or place.is_dir():
        there = [path.stem for path in root.glob("*.py") if path.is_file()]
        if there:
            raise UnknownName(what, module, there, kind="module of the workspace", where=where)
        raise BadValue(what, f"there is no {module.replace('.', '/')}.py in {root}", where=where)


def _imported(module: str, name: str, *, what: str, where: str | None) -> Any:
    try:
        with printing_aside():
            found = importlib.import_module(module)
            if hasattr(found, name):
                return getattr(found, name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise BadValue(what, f"{module} cannot be imported: {blame(error)}", where=where) from error
    held = getattr(found, "__dict__", {})  # a module may put anything in its place
    there = [one for one, value in held.items() if one[:1] != "_" and _is_here(value, module)]
    raise UnknownName(what, name, there, kind=f"name in {module}:", where=where)


def _is_here(value: Any, module: str) -> bool:
    """Tell what a module may offer from what it has imported."""
    imported = isinstance(value, type | FunctionType) and value.__module__ != module
    return not imported and not isinstance(value, ModuleType)


def blame(error: BaseException) -> str:
    """Return what went wrong in code of the user's own and where: the innermost line of it."""
    files = {str(place): place.name for place, _ in _FINDER.places.values()}
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, SyntaxError) and error.lineno:
        return f"{type(error).__name__}: {error.msg} ({Path(error.filename or '').name}, line {error.lineno})"
    place, trace = "", error.__traceback__
    while trace is not None:
        if (file := trace.tb_frame.f_code.co_filename) in files:
            place = f" ({files[file]}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return said + place


def at_fault(error: BaseException) -> str | None:
    """Return what `blame` says where code of the user's own raised an error, None where it had no part in it."""
    files, traces = {str(place) for place in read_so_far()}, traceback.walk_tb(error.__traceback__)
    return blame(error) if any(frame.f_code.co_filename in files for frame, _ in traces) else None


@contextmanager
def staying(name: str) -> Iterator[None]:
    """Raise BadValue where code of the user's own, called `name`, ends the program instead of returning."""
    try:
        yield
    except SystemExit as error:
        raise BadValue(name, f"ends the program: {blame(error)}", hint="raise another error instead") from error


def _elsewhere(top: str, root: Path) -> bool:
    """Tell whether a name without dots is that of an installed module, or of one that is loaded already."""
    own = {str(root / top), str(root / top / "__init__.py"), str(root / f"{top}.py")}
    loaded = sys.modules.get(top)
    if loaded is not None:
        ours = top in _FINDER.places or getattr(loaded, "__file__", None) in own
        return not ours
    if top in sys.stdlib_module_names:
        return True
    for finder in sys.meta_path:
        spec = finder.find_spec(top, None) if finder is not _FINDER and hasattr(finder, "find_spec") else None
        if spec is not None:
            return spec.origin not in own and not own.intersection(spec.submodule_search_locations or ())
    return False


# what packages offer -------------------------------------------------------------------------------------------------


@cache
def offered(group: str, taken: Collection[str]) -> dict[str, EntryPoint]:
    """Return what installed packages offer in a group of entry points, by name.

    taken: names of bakeoff's own. Raises BadValue for a name that is taken or not to be told apart.
    """
    found: dict[str, EntryPoint] = {}
    for one in entry_points(group=group):
        brought = one.dist.name if one.dist else one.value
        other = found.get(one.name)
        if one.name in taken or (other and other.value != one.value):
            by = "bakeoff" if one.name in taken else other.dist.name if other and other.dist else "another package"
            hint = f"change it under [project.entry-points.{group!r}] of {brought}, or uninstall that"
            raise BadValue(f"entry point {one.name!r} of {brought}", f"the name is taken by {by}", hint=hint)
        found[one.name] = one
    return found


@cache
def written_in(offer: EntryPoint, *, what: str, where: str | None) -> Own:
    """Import what a package offers; raises BadValue where that cannot be done."""
    brought = offer.dist.name if offer.dist else offer.module
    try:
        with printing_aside():
            value = offer.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason = f"{offer.value} of {brought} cannot be imported: {blame(error)}"
        raise BadValue(what, reason, where=where) from error
    top, read = offer.module.partition(".")[0], Source()
    spec = find_spec(top)
    roots = [Path(place).parent for place in (spec.submodule_search_locations or []) if spec] if spec else []
    if spec and spec.origin and not roots:
        roots = [Path(spec.origin).parent]
    for root in roots:
        follow(offer.module, root, read, ours=top.__eq__)
    return Own(value, offer.module, read.files, frozenset(read.places), frozenset(read.library), brought)
