"""Spells errors about settings of an experiment file as errors about options of `bakeoff new`: there is no file yet.

Imported by `new`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from bakeoff.errors import InputError

__all__ = ["as_options"]

OPTIONS = {
    "data.config": "--config",
    "data.encoding": "--encoding",
    "data.label.column": "--label",
    "data.source": "--data",
    "data.text": "--text",
    "model": "--model",
}
HINTS = (
    (re.compile(r"`encoding: (\S+)` in the data section"), r"`--encoding \1`"),
    (re.compile(r"`--set data\.source=FILE`"), "`--data FILE`"),
    (re.compile("from the repository root"), "from the current folder"),
)
"""How others put it, and how it is put here."""


@contextmanager
def as_options() -> Iterator[None]:
    """Raise an InputError of the body as it is, but for what it says: options in place of settings."""
    try:
        yield
    except InputError as error:
        setting, space, rest = error.what.partition(" ")
        known = setting in OPTIONS
        what = f"{OPTIONS.get(setting, setting)}{space}{rest}"
        hint = error.hint
        for pattern, instead in HINTS:
            hint = pattern.sub(instead, hint) if hint else hint
        # Whatever its class is, it carries these four and says them.
        InputError.__init__(error, what, error.reason, where=None if known else error.where, hint=hint)
        raise
