"""Bytes to text, and what the bytes are where they are not in the encoding that was named.

Imported by `tables` and `separated`. Nothing of the text is ever part of an error.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from bakeoff.errors import Unparsable

__all__ = ["decode"]

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SAMPLE = 1 << 16  # bytes, from the first that does not fit
LIKELY = [
    "cp1251",
    "koi8_r",
    "cp866",
    "mac_cyrillic",
    "cp1252",
    "cp1250",
    "cp1253",
    "cp1254",
    "cp1256",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
]


def decode(path: Path, encoding: str) -> str:
    """Return a file's text without a byte order mark.

    encoding: as Python names it
    Raises Unparsable, naming the encoding the bytes look like and what to do about it.
    """
    content = path.read_bytes()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        found = _guess(content, error.start)
        asked = "UTF-8" if encoding == "utf-8" else encoding
        looks = f"; it looks like {found}" if found else ""
        named = found or "cp1251"
        hint = f"say `encoding: {named}` in the data section, or `iconv -f {named} -t utf-8 {path.name}`"
        raise Unparsable(path.name, f"not {asked} text (byte {error.start}){looks}", hint=hint) from None
    except UnicodeError as error:  # utf-16 without a mark, for one
        raise Unparsable(path.name, f"not {encoding} text: {error}") from None
    return text.removeprefix("\ufeff")


def _guess(content: bytes, start: int) -> str | None:
    """Name the encoding that bytes look like, None where nothing fits them."""
    for mark, name in MARKS.items():
        if content.startswith(mark):
            return name if name != "utf-8" else None
    from charset_normalizer import from_bytes

    # Whole lines around the first byte that does not fit: what comes before it says nothing.
    first = content.rfind(b"\n", 0, start) + 1
    best = from_bytes(content[first : first + SAMPLE], cp_isolation=LIKELY).best()
    return (
        best.encoding.replace("_", "-")
        if best and best.encoding.startswith("koi8")
        else best.encoding
        if best
        else None
    )
