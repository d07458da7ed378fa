"""Bytes to text, and what the bytes are where they are not in the encoding that was named.

Imported by `tables` and `separated`. Nothing of the text is ever part of an error.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from bakeoff.errors import Unparsable
from bakeoff.tuning.charsets import guess_charsets

__all__ = ["decode"]

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
ASCII = bytes(range(128))
NEARLY = 0.8  # of the bytes beyond ASCII; by chance hardly any two of them are a character of UTF-8
SAMPLE = 1 << 16  # bytes, from the first that does not fit


def decode(path: Path, encoding: str) -> str:
    """Return a file's text without a byte order mark.

    encoding: as Python names it
    Raises Unparsable, naming the encoding the bytes look like and what to do about it.
    """
    content = path.read_bytes()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8" and _mostly_utf8(content):
            line = 1 + content.count(b"\n", 0, error.start)
            reason = f"a byte that is no UTF-8, where nearly all of the file is (byte {error.start})"
            raise Unparsable(f"{path.name}, line {line}", reason, hint="mend that line, or leave it out") from None
        found = _guess(content, error.start)
        asked = "UTF-8" if encoding == "utf-8" else encoding
        looks = f"; it looks like {' or '.join(found)}" if found else ""
        hint = "say in the data section what it is, for example `encoding: cp1251`"
        if found:
            check = ", and see whether its letters are right" if len(found) > 1 else ""
            hint = (
                f"say `encoding: {found[0]}` in the data section, or `iconv -f {found[0]} -t utf-8 {path.name}`{check}"
            )
        raise Unparsable(path.name, f"not {asked} text (byte {error.start}){looks}", hint=hint) from None
    except UnicodeError as error:  # utf-16 without a mark, for one
        raise Unparsable(path.name, f"not {encoding} text: {error}") from None
    return text.removeprefix("\ufeff")


def _mostly_utf8(content: bytes) -> bool:
    """Tell a file that is damaged in a few places from one in another encoding."""
    above = len(content.translate(None, ASCII))
    fits = len(content.decode("utf-8", errors="ignore").encode().translate(None, ASCII))
    return fits > NEARLY * above


def _guess(content: bytes, start: int) -> list[str]:
    """Name the encodings that bytes look like, the likeliest first; none where nothing fits them."""
    for mark, name in MARKS.items():
        if content.startswith(mark):
            return [name] if name != "utf-8" else []
    # Whole lines around the first byte that does not fit: what comes before it says nothing.
    first = content.rfind(b"\n", 0, start) + 1
    return guess_charsets(content[first : first + SAMPLE])
