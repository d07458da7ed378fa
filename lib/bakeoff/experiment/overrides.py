"""Changes to an experiment file from the command line: `data.split.train=4000`, `methods.prefix=null`.

A change is applied to what was read from the file, before anything is validated, so a changed file is held to the same
rules as a written one; an error names the change as its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment.yaml_file import YamlFile, read_value

__all__ = ["apply_changes", "option", "place_of"]


MOST_DIGITS = 30
"""Digits of a key that is a number, such as a code of a label."""


@dataclass(frozen=True)
class ChangedFile(YamlFile):
    """A file with changes. changed: (keys, the change), in the order they were given."""

    changed: tuple[tuple[tuple[object, ...], str], ...] = ()

    def where(self, path: Sequence[object] = ()) -> str:
        """Return the change that decides what stands at a path, else the line in the file."""
        return _decided_by(self.changed, path) or super().where(path)


def option(change: str) -> str:
    """Spell a change the way it stands on the command line."""
    return f"--set {change}"


def place_of(changes: Sequence[str], key: str) -> str | None:
    """Return the change that sets what stands at a dotted key, or None: it is as the file has it."""
    path = tuple(key.split("."))
    return _decided_by([(tuple(change.partition("=")[0].strip().split(".")), change) for change in changes], path)


def apply_changes(source: YamlFile, changes: Sequence[str]) -> YamlFile:
    """Return a file with changes of the form `key=value` made, one after another.

    A key is dotted; a value is read as YAML, and null removes its key. Keys nobody knows are left to validation.
    Raises BadValue or UnknownName for a change that cannot be made.
    """
    found = source
    for change in changes:
        path, value = _parse(change)
        content, keys = _set(found.content, path, value, change=change)
        changed = (*(found.changed if isinstance(found, ChangedFile) else ()), (keys, change))
        found = ChangedFile(source.shown, content, source.nodes, source.text, changed)
    return found


def _parse(change: str) -> tuple[list[str], Any]:
    name, equals, value = change.partition("=")
    path = name.strip().split(".")
    if not equals or not all(path):
        hint = "write for example data.split.train=4000"
        raise BadValue(option(change), "a change is a dotted key, an equals sign and a value", hint=hint)
    if not value.strip():
        raise BadValue(option(change), "no value", hint="null removes the key")
    return path, read_value(value, shown=option(change))


def _set(
    tree: Mapping[Any, Any], path: Sequence[str], value: Any, *, change: str, above: tuple[object, ...] = ()
) -> tuple[dict[Any, Any], tuple[object, ...]]:
    """Return a copy of a mapping with the value at `path` set or removed, and the keys that lead there."""
    key, rest = _step(tree, path)
    keys, place = (*above, key), option(change)
    name = ".".join(map(str, keys))
    if not rest:
        if value is None and key not in tree:
            raise UnknownName(name, key, map(str, tree), kind="key", where=place)
        others = {other: item for other, item in tree.items() if value is not None or other != key}
        return (others if value is None else {**others, key: value}), keys
    inner = tree.get(key)
    if inner is not None and not isinstance(inner, dict):
        kind = "a list" if isinstance(inner, list) else "a single value"
        raise BadValue(name, f"{kind}, which has no key {'.'.join(rest)!r}", where=place)
    below, keys = _set(inner or {}, rest, value, change=change, above=keys)
    return {**tree, key: below}, keys


def _step(tree: Mapping[Any, Any], path: Sequence[str]) -> tuple[object, Sequence[str]]:
    """Take the next key off a path: the longest that is there, since names of methods may hold dots."""
    for end in range(len(path), 0, -1):
        for key in tree:
            if str(key) == ".".join(path[:end]):
                return key, path[end:]
    number = path[0].isdecimal() and len(path[0]) <= MOST_DIGITS
    return (int(path[0]) if number else path[0]), path[1:]


def _decided_by(changed: Sequence[tuple[tuple[object, ...], str]], path: Sequence[object]) -> str | None:
    """Return the last change at or above a path; else those below it, of which each may be at fault."""
    words = tuple(map(str, path))
    spelled = [(tuple(map(str, keys)), change) for keys, change in changed]
    above = [change for keys, change in spelled if words[: len(keys)] == keys]
    below = [change for keys, change in spelled if keys[: len(words)] == words] if words else []
    found = above[-1:] or list(dict.fromkeys(below))
    return " ".join(map(option, found)) or None
