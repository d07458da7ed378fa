"""The experiment file as it was when a command began, for the processes that the command starts.

It goes from process to process in the environment: nothing lies about afterwards, and a full disk is no matter.
"""

from __future__ import annotations

import json
import os
import zlib
from base64 import b64decode, b64encode
from pathlib import Path

__all__ = ["SETTING", "as_read", "text_of"]


SETTING = "BAKEOFF_AS_READ"
LONGEST = 30_000
"""Characters that a variable of the environment may have on every system; a longer file is read anew."""


def as_read(file: Path, text: str | None) -> dict[str, str]:
    """Return the setting by which processes take a file's content for this text, whatever becomes of the file."""
    if text is None:
        return {}
    whole = json.dumps([str(file.resolve()), text]).encode()
    packed = b64encode(zlib.compress(whole, 9)).decode("ascii")
    return {SETTING: packed} if len(packed) <= LONGEST else {}


def text_of(file: Path) -> str | None:
    """Return the text to take for a file's content, None where it is to be read."""
    given = os.environ.get(SETTING)
    if not given:
        return None
    try:
        name, text = json.loads(zlib.decompress(b64decode(given)))
    except (ValueError, zlib.error):
        return None
    return str(text) if name == str(file.resolve()) else None
