"""The exceptions bakeoff raises on purpose; every other exception is a bug.

    BakeoffError
    ├── InputError                 what the user gave cannot be used; exit status 2
    │   ├── UnknownName            a key, method, parameter, model or data set nobody knows
    │   ├── BadValue               a known key with a value that cannot be used
    │   │   └── NoRoom             a split too small for a class
    │   ├── MissingFile            a file that is not there
    │   └── Unparsable             a file that is there and cannot be read
    ├── MissingAsset               data or weights that have to be brought to this machine first; exit status 2
    ├── ExperimentBusy             another process is executing the same experiment
    ├── RecordError                a run folder whose record does not hold together
    ├── RunBusy                    another process is working on the same run
    ├── StoreFailed                shared storage that does not answer or refuses; exit status 3
    ├── RunFailed                  a run that ended in an error; it becomes a row of the report
    └── Diverged                   training whose loss is no longer a number

Anything may import this module; it imports nothing of bakeoff.
"""

from __future__ import annotations

import difflib
import html
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from typing import ClassVar
from urllib.parse import quote

__all__ = [
    "BadValue",
    "BakeoffError",
    "Diverged",
    "ExperimentBusy",
    "InputError",
    "MissingAsset",
    "MissingFile",
    "NoRoom",
    "RecordError",
    "RunBusy",
    "RunFailed",
    "StoreFailed",
    "UnknownName",
    "Unparsable",
    "nearest",
    "one_line",
    "redacted",
    "secrets",
    "shown",
    "spellings",
]


LONGEST_NAME = 60
LONGEST_PLACE = 90
LONGEST_LINE = 290
"""Characters of a message, which may repeat values of any length; what follows a value says what to do."""
UNSPEAKABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_NO_SIGN = r"""\s"'<>\\"""
SECRETS = (
    # user and password of an address, also where a slash is in the password
    rf"(:(?<=\w\w:)//?)(?:[^/{_NO_SIGN}]+|[^/@:{_NO_SIGN}]*:(?!\d+/)[^{_NO_SIGN}]{{,200}})(?=@)",
    # what an address asks with, in HTML and JSON as well
    r"([?&#;6](?:(?<=[?&#])|(?<=&amp;)|(?<=\\u0026))[\w.%-]{,40}"
    rf"(?i:token|secret|passw|pwd|key|sig|credential|auth)[\w.%-]{{,40}}=)(?!\*)[^&#{_NO_SIGN}]+",
    r"(earer (?<=[Bb]earer )|asic (?<=uthorization: [Bb]asic ))[\w.~+/-]{16,}=*",
    r"()(?:hf_(?<=\bhf_)|gh[a-z]_(?<=\bgh._)|github_pat_|glpat-|sk-(?<=\bsk-))[\w-]{16,}",
    r"()eyJ(?<=\beyJ)[\w-]{8,999}\.[\w-]{8,999}\.[\w-]*",  # a JSON web token
)
"""What opens doors; its first group is kept. Each begins with letters, which are found at once in long texts."""
SECRET_NAME = re.compile(
    r"TOKEN(?!S|IZ)|SECRET|PASSW|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|^KEY$|_(?:KEY|PWD|PASS|AUTH)$",
    re.IGNORECASE,
)
SHORTEST_SECRET = 8


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, or None where none resembles it."""
    names = {candidate.lower(): candidate for candidate in known}
    given = name.lower()
    found = difflib.get_close_matches(given, list(names), n=3, cutoff=0.5)
    # Of names equally like it ("lora" and "road" for "lroa") one with the same first letter: that is seldom mistyped.
    found.sort(key=lambda one: (-difflib.SequenceMatcher(None, one, given).ratio(), one[:1] != given[:1]))
    return names[found[0]] if found else None


def shown(name: object, *, limit: int = LONGEST_NAME) -> str:
    """Spell the name of a column or class for a terminal or a comment: one line, no control characters, not long."""
    text = str(name)
    text = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(text: str, *, limit: int = 500) -> str:
    """Return the first line with something on it, without secrets, cut where it is very long."""
    first = redacted(next((line.strip() for line in text.splitlines() if line.strip()), "no message"))
    return first if len(first) <= limit else first[: limit - 1] + "…"


def _middle(name: object) -> str:
    """Return a name or a place, in its middle cut to length: a path ends in what matters, a place in its line."""
    text, first = shown(redacted(str(name)), limit=10 * LONGEST_LINE), 5 * LONGEST_PLACE // 9
    return text if len(text) <= LONGEST_PLACE else f"{text[:first]}…{text[first + 1 - LONGEST_PLACE :]}"


def _cut(text: str, limit: int) -> str:
    """Return a text of that many characters at most; a list is cut between two of its names."""
    if len(text) <= limit:
        return text
    whole, comma, _ = (kept := text[: limit - 2]).rpartition(", ")
    return f"{whole}, …" if comma and len(whole) > limit // 2 else f"{kept}…"


def redacted(text: str, *, but: Collection[str] = ()) -> str:
    """Return a text, of JSON or HTML too, without passwords, tokens and secrets of the environment but some words."""
    for value in (one for one in secrets() if one not in but):
        text = text.replace(value, "***")
    for pattern in SECRETS:
        text = re.sub(pattern, r"\1***", text)
    return text


def secrets() -> list[str]:
    """Return values of environment variables whose names say that nobody else is to know them, the longest first.

    Each as a log, JSON, HTML or an address spells it; of several lines each line as well, since JSON of notebooks has
    them apart.
    """
    named = {one for name, one in os.environ.items() if SECRET_NAME.search(name) and not os.path.exists(one)}  # noqa: PTH110
    values = named | {os.fsencode(one).decode("utf-8", "surrogateescape") for one in named}  # whatever the locale
    parts = {part for value in values for part in (value, *value.splitlines()) if len(part.strip()) >= SHORTEST_SECRET}
    return sorted({spelled for part in parts for spelled in spellings(part)}, key=len, reverse=True)


def spellings(value: str) -> set[str]:
    """Return how a text stands in what programs write: as it is, in Python, JSON, HTML and addresses."""
    plain = {quote(value, safe=safe, errors="surrogateescape") for safe in ("", "/")}
    plain |= {value, repr(value)[1:-1], ascii(value)[1:-1], html.escape(value), html.escape(value, quote=False)}
    return plain | {json.dumps(one, ensure_ascii=ascii_only)[1:-1] for one in plain for ascii_only in (True, False)}


class BakeoffError(Exception):
    """Base of all; `str()` of one is a single line fit for a user."""

    exit_status: ClassVar[int] = 1

    def _render_traceback_(self) -> list[str]:
        """Show one line instead of a traceback where IPython would print this error."""
        return [f"{type(self).__name__}: {self}"]


class InputError(BakeoffError):
    """What the user gave cannot be used: what, where, and the nearest valid choice.

    setting: dotted key or the thing at fault; subject: what it names, where that says more
    reason: why it cannot be used
    where: the file (and line) or command the fault is in, or None
    hint: what would do instead, or None; fix: a setting and its value, in the place of the hint's `{fix}`
    alternatives: methods that may do instead, for somebody who can try them to make a hint of
    options: setting -> the option in its place, for a command that reads no experiment file

    Whoever knows more fills in fields on the error's way up.
    """

    exit_status: ClassVar[int] = 2
    longest: ClassVar[int] = LONGEST_LINE
    options: Mapping[str, str] = {}

    def __init__(
        self,
        setting: str,
        reason: str,
        *,
        subject: str | None = None,
        where: str | None = None,
        hint: str | None = None,
        fix: tuple[str, str] | None = None,
        alternatives: tuple[str, ...] = (),
    ) -> None:
        self.setting, self.reason, self.subject, self.where = setting, reason, subject, where
        self.hint, self.fix, self.alternatives = hint, fix, alternatives
        super().__init__(setting, reason)

    @property
    def what(self) -> str:
        """The setting, and what it names."""
        setting = self.options.get(self.setting, self.setting)
        return f"{_middle(setting)} {_middle(self.subject)}" if self.subject else _middle(setting)

    def __str__(self) -> str:
        place = f"{_middle(self.where)}: " if self.where and self.setting not in self.options else ""
        advice = f"; {self.hint}" if self.hint else ""
        if self.fix:
            key, value = self.fix
            option = f"{self.options[key]} {value}" if key in self.options else f"{key}: {value}"
            advice = advice.replace("{fix}", f"`{option}`")
        head, reason, advice = f"{place}{self.what}: ", redacted(self.reason), redacted(advice)
        room = self.longest - len(head)  # of which a third is left to what would do
        advice = _cut(advice, max(room - len(reason), room // 3))
        line = f"{head}{_cut(reason, room - len(advice))}{advice}"
        line = " ".join(line.splitlines())
        return UNSPEAKABLE.sub(lambda sign: sign[0].encode("unicode_escape").decode("ascii"), line)


class UnknownName(InputError):
    """A name nobody knows; names the nearest known one and lists the rest."""

    def __init__(
        self, setting: str, name: object, known: Iterable[str], *, kind: str = "name", where: str | None = None
    ) -> None:
        self.name, self.known = name, sorted(known)
        near = nearest(str(name), self.known)
        suggestion = f"did you mean {near!r}? " if near else ""
        hint = f"{suggestion}Known: {', '.join(self.known)}" if self.known else "there is none"
        super().__init__(setting, f"unknown {kind} {name!r}", where=where, hint=hint)


class BadValue(InputError):
    """A known key with a value of the wrong type or outside its range."""


class NoRoom(BadValue):
    """A split that is too small for classes. classes: their numbers; held: texts of the first; size, total: texts."""

    def __init__(self, setting: str, classes: list[int], *, held: int, size: int, total: int) -> None:
        self.classes, self.held, self.size, self.total = classes, held, size, total
        reason = f"{size:,} texts have no room for a class with {held:,} of {total:,} texts"
        super().__init__(setting, reason, hint="draw more, drop that class, or set `stratify: false`")


class MissingFile(InputError):
    """A file the user named that is not there."""


class Unparsable(InputError):
    """A file that is there and is not what its name promises."""


class MissingAsset(InputError):
    """Data or weights that are not on this machine; the hint says how to bring them, which may be a whole command."""

    longest = 2 * LONGEST_LINE


class RecordError(BakeoffError):
    """A record that is missing, of another schema, or at odds with the files beside it."""

    def __init__(self, path: object, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class ExperimentBusy(BakeoffError):
    """Another live process executes the experiment."""

    def __init__(self, experiment: str, holder: str = "another process") -> None:
        self.experiment, self.holder = experiment, holder
        self.what = f"{experiment}: {shown(holder)} is executing this experiment"
        super().__init__(f"{self.what}; wait for it or stop it")


class RunBusy(BakeoffError):
    """Another live process holds the run folder."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        super().__init__(f"{run_id}: another process is working on this run; wait for it or stop it")


class StoreFailed(BakeoffError):
    """Shared storage that does not answer, refuses, or has no such place."""

    exit_status: ClassVar[int] = 3

    def __init__(self, address: str, reason: str) -> None:
        self.address, self.reason = redacted(address), reason
        super().__init__(f"{self.address}: {reason}")


class RunFailed(BakeoffError):
    """A run that ended in an error, with where in the run it happened.

    kind: exception type name as the kernel reported it; message: its first line
    at: the tag of the notebook cell it happened in, or None
    """

    def __init__(self, run_id: str, *, kind: str, message: str, at: str | None = None) -> None:
        self.run_id, self.kind, self.message, self.at = run_id, kind, message, at
        super().__init__(f"{run_id}: {kind}: {message}" + (f" (in {at})" if at else ""))


class Diverged(BakeoffError):
    """Training whose loss is infinite or not a number. step: the optimizer step it was seen at, from 1."""

    def __init__(self, *, step: int, loss: float) -> None:
        self.step, self.loss = step, loss
        super().__init__(f"training diverged: the loss at step {step} is {loss}; a lower learning rate may help")
