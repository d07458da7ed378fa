"""A YAML file that remembers where in it everything stands, so that an error can name the line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from bakeoff.errors import MissingFile, Unparsable
from bakeoff.system.digests import bytes_of
from bakeoff.system.workspace import text_of

__all__ = ["YamlFile", "read_value", "read_yaml"]


@dataclass(frozen=True)
class YamlFile:
    """A parsed file: shown is how messages spell its name, content is plain Python, nodes know their lines."""

    shown: str
    content: dict[Any, Any]
    nodes: Any
    text: str = ""

    def where(self, path: Sequence[object] = ()) -> str:
        """Return "file, line n" of the last part of a path of keys and list positions that is in the file."""
        node, line = self.nodes, None
        for part in path:
            found = _child(node, part)
            if found is None:
                break
            line, node = found
        return f"{self.shown}, line {line}" if line else self.shown


def read_yaml(file: Path, *, shown: str) -> YamlFile:
    """Read a file whose top level is a mapping; raises MissingFile or Unparsable with the line."""
    text, nodes = _parse(file, shown)
    try:
        content = _plain(nodes)
    except ValueError as error:
        raise Unparsable(shown, str(error)) from None
    if not isinstance(content, dict):
        raise Unparsable(shown, "the file is empty" if content is None else "its top level is not a mapping of keys")
    return YamlFile(shown, content, nodes, text)


def read_value(text: str, *, shown: str) -> Any:
    """Read a value typed on a command line the way the same value reads in a file; raises Unparsable.

    Plain text needs no quotes there, whatever YAML would make of a colon or a number sign in it.
    """
    from ruamel.yaml.error import YAMLError

    text = text.strip()
    try:
        _check(text)
    except ValueError as error:
        raise Unparsable(shown, str(error)) from None
    if text.lower() in NULL:
        return None
    marked = text.startswith(MARKS)
    try:
        value = _plain(_load(text))
    except (YAMLError, ValueError) as error:
        if not marked:
            return text
        raise Unparsable(shown, _problem(error)) from None
    return value if marked or isinstance(value, bool | int | float) else text


NULL = ("null", "~")
MARKS = ("[", "{", '"', "'")
"""What opens a value that is more than plain text."""


MOST_CHARACTERS = 1_000_000
TOO_LONG = f"longer than {MOST_CHARACTERS:,} characters"
MOST_ITEMS = 10_000
"""Commas of a file, which the loader takes a second for."""
MOST_VALUES = 100_000
"""Values in a file, each counted as often as aliases repeat it."""
DEEPEST = 100
TOO_DEEP = "nested too deeply, or an alias stands inside what it is an alias of"
MOST_BITS = 128
LINE_END = re.compile("\r\n?")


def _load(text: str) -> Any:
    """Return the loader's nodes; raises YAMLError or ValueError, whatever is wrong with the text."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if text.count(",") > MOST_ITEMS:
        raise ValueError(f"more than {MOST_ITEMS:,} values in lists")
    if len(text) > MOST_CHARACTERS:
        raise ValueError(TOO_LONG)
    if max(accumulate((one in "[{") - (one in "]}") for one in text if one in "[{]}"), default=0) > DEEPEST:
        raise ValueError(TOO_DEEP)  # before the loader takes time for it that grows with the square of the depth
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an anchor that stands for two things, the later one counts
            # YAML 1.2 reads 1e-4 as a number, and the round-trip loader remembers lines and refuses duplicate keys.
            return YAML(typ="rt").load(text)
    except (YAMLError, ValueError):
        raise
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    except Exception as error:  # a list as a key, a list merged with <<: the loader trips over them in many ways
        raise ValueError(f"not YAML that can be read ({type(error).__name__})") from error


def _whole(file: Path) -> str:
    if file.stat().st_size > 4 * MOST_CHARACTERS:  # bytes that a character takes at most
        raise ValueError(TOO_LONG)
    return LINE_END.sub("\n", bytes_of(file).decode("utf-8"))


def _parse(file: Path, shown: str) -> tuple[str, Any]:
    """Return a file's text, as it was when the command began, and the loader's nodes."""
    from ruamel.yaml.error import YAMLError

    try:
        kept = text_of(file)
        text = _whole(file) if kept is None else kept
        return text, _load(text)
    except UnicodeDecodeError as error:
        raise Unparsable(shown, f"not UTF-8 text (byte {error.start})") from None
    except FileNotFoundError:
        raise MissingFile(shown, "no such file") from None
    except OSError as error:
        raise Unparsable(shown, f"cannot be read ({error.strerror})") from None
    except (YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise Unparsable(f"{shown}, line {mark.line + 1}" if mark else shown, _problem(error)) from None


def _problem(error: Exception) -> str:
    problem = getattr(error, "problem", None) or next(iter(str(error).splitlines()), "") or "not YAML"
    said = " ".join(str(problem).split())
    if said == "but found another document":
        said = "a second document begins; one file holds one experiment"
    # the parser appends the values, which may be long
    return said.partition(" with value ")[0]


def _child(node: Any, part: object) -> tuple[int, Any] | None:
    """Return the line (from 1) and the node of a key or list position; None where it is not there."""
    place = getattr(node, "lc", None)
    try:
        if isinstance(node, dict):
            key = next(key for key in node if str(key) == str(part))
            return place.key(key)[0] + 1, node[key]  # type: ignore[union-attr]
        if isinstance(node, list) and isinstance(part, int):
            return place.item(part)[0] + 1, node[part]  # type: ignore[union-attr]
    except (StopIteration, KeyError, IndexError, AttributeError, TypeError):
        pass  # not in the file, or merged from elsewhere with <<
    return None


def _check(value: Any) -> None:
    """Raise ValueError for a number or text that could not be written down again."""
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise ValueError("a number of too many digits")
    try:
        str(value).encode()
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair is no character") from None


def _untagged(value: Any) -> str:
    """Return what stands behind `!!str`; raises ValueError for other tags."""
    if value.tag.value != "tag:yaml.org,2002:str":
        raise ValueError(f"{value.tag.value!r} is a tag, which says nothing here")
    return str(value.value)


def _plain(value: Any, seen: list[int] | None = None, depth: int = 0) -> Any:
    """Strip the loader's own types, which strict validation refuses; seen: how many values there have been.

    Raises ValueError where aliases make a small file an endless one, and for a key that is no single value.
    """
    from ruamel.yaml.comments import TaggedScalar
    from ruamel.yaml.scalarbool import ScalarBoolean

    seen = seen or [0]
    seen[0] += 1
    if seen[0] > MOST_VALUES:
        raise ValueError(f"its aliases make more than {MOST_VALUES:,} values of it")
    if depth > DEEPEST:
        raise ValueError(TOO_DEEP)
    if isinstance(value, dict):
        if any(isinstance(key, dict | list | tuple) for key in value):
            raise ValueError("a key is a list or a mapping")
        return {_plain(key, seen, depth + 1): _plain(item, seen, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, seen, depth + 1) for item in value]
    if isinstance(value, ScalarBoolean):  # an int to Python
        return bool(value)
    if isinstance(value, TaggedScalar):
        value = _untagged(value)
    _check(value)
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
