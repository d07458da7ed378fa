"""Texts without what is private to a machine: paths, names of host and user, tokens."""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bakeoff.errors import redacted, secrets, spellings

__all__ = ["Scrubber", "scrubber"]


SHORTEST_NAME = 4
SHALLOW = 3
"""Parts of a path, its root too, whose folder says nothing of anybody: /data/texts.csv; one of less is a sign."""
COMMON = frozenset(
    {"root", "user", "admin", "runner", "ubuntu", "debian", "jovyan", "test", "guest", "localhost", "home"}
)
"""Names that say nothing of anybody, and stand in texts as words."""
ENDS = ("...", "\N{HORIZONTAL ELLIPSIS}", '"', "'", "\\u2026", "&quot;", "&#x27;", "&#39;", "&#34;")
"""What stands where a text was cut: signs of it, or the end of a string."""
HOMES = re.compile(r"(?:/home/|/Users/|[A-Za-z]:(?:\\{1,2}|/)Users(?:\\{1,2}|/))[^/\\\s\"'<>:]+")
"""Somebody's own folder, on any system, in plain text and in JSON."""


@dataclass(frozen=True)
class Scrubber:
    """What is replaced by what, the longest first. names: of host and user, replaced where they are whole words.

    words: that the files consist of, which stay whatever secret is called so
    """

    paths: Mapping[str, str]
    names: Mapping[str, str]
    secrets: tuple[str, ...]
    words: Collection[str] = ()

    def __call__(self, text: str) -> str:
        """Return a text without them."""
        text = redacted(text, but=self.words)
        for path in self.paths:
            for start, end in reversed(self._cut(path, text)):
                text = f"{text[:start]}(cut){text[end:]}"
        for path, instead in self.paths.items():
            text = _whole(path).sub(instead, text)
        text = HOMES.sub("~", text)
        for name, instead in self.names.items():
            text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", instead, text)
        return text

    def left(self, text: str) -> list[str]:
        """Return what of it is still in a text."""
        words = [name for name in self.names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]
        paths = [path for path in self.paths if _whole(path).search(text) or self._cut(path, text)]
        return [*words, *paths, *(one for one in self.secrets if one in text)]

    def _cut(self, path: str, text: str) -> list[tuple[int, int]]:
        """Return where a text holds the beginning of a path alone, cut by whoever had no room for all of it.

        A beginning that names nobody, of two folders or less, is none; one that goes on otherwise is another path.
        """
        found, separator = list[tuple[int, int]](), "\\" if "\\" in path else "/"
        second = path.find(separator, path.find(separator, 1) + 1)
        if second < 0:
            return found
        start = text.find(path[: second + 1])
        while start >= 0:
            alike = takewhile(lambda pair: pair[0] == pair[1], zip(path, text[start : start + len(path)], strict=False))
            end = start + sum(1 for _ in alike)
            if end - start > second + 1 and text.startswith(ENDS, end) and text[start:end] not in self.paths:
                found.append((start, end))
            start = text.find(path[: second + 1], end)
        return found


@lru_cache
def _whole(path: str) -> re.Pattern[str]:
    """Return what finds a path, but not one whose last name only begins so."""
    return re.compile(re.escape(path) + ("" if path.endswith(("/", "\\")) else r"(?![\w-])"))


def scrubber(root: Path, named: Iterable[str] = (), *, words: Collection[str] = ()) -> Scrubber:
    """Return what knows this machine. root: of the workspace, whose files are called by their paths in it.

    named: what an experiment names, of which paths out of the workspace are hidden but for their last part
    words: that the files consist of, keys and names of methods: a user who is called so is called like many others, and
    a secret that is one is none
    """
    places = {
        sys.prefix: "<python>",
        sys.base_prefix: "<python>",
        tempfile.gettempdir(): "<tmp>",
    }
    with suppress(RuntimeError):  # a user without a home folder
        places[str(Path.home())] = "~"
    spelled: dict[str, str] = {}
    for place in (str(root), str(root.resolve())):
        spelled |= {f"{place}{os.sep}": "", place: "."}
    spelled |= {place: instead for place, instead in places.items() if len(place) >= SHORTEST_NAME}
    for file in _outside(root, named):
        spelled |= {str(file): f"<elsewhere>/{file.name}"}
        spelled |= {str(file.parent): "<elsewhere>"} if len(file.parts) > SHALLOW else {}
    every = {other: instead for path, instead in spelled.items() for other in spellings(path)}
    paths = dict(sorted(every.items(), key=lambda one: -len(one[0])))
    return Scrubber(
        paths,
        _names({*COMMON, *(word.lower() for word in words)}),
        tuple(one for one in secrets() if one not in words),
        words,
    )


def _outside(root: Path, named: Iterable[str]) -> Iterator[Path]:
    """Yield what of the names are paths that lead out of the workspace, as they are written and resolved."""
    for told in named:
        name = unquote(urlsplit(told).path) if told.startswith("file://") else told
        with suppress(OSError, ValueError, RuntimeError):  # too long, not of a file system, links in a circle
            there = (root / name).resolve()
            found = {there, Path(name)} if Path(name).is_absolute() else {there} if there.exists() else set()
            if not there.is_relative_to(root.resolve()):
                yield from (one for one in found if len(one.parts) >= SHALLOW)


def _names(common: Collection[str]) -> dict[str, str]:
    host = platform.node()
    found = {host: "host", host.partition(".")[0]: "host"}
    with suppress(OSError, KeyError, ImportError):  # no such user, as in some containers
        found[getpass.getuser()] = "user"
    return {name: word for name, word in found.items() if len(name) >= SHORTEST_NAME and name.lower() not in common}
