"""Bytes to text, and what the bytes are where they are not in the encoding that was named.

Nothing of the text is ever part of an error.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from bakeoff.errors import Unparsable

__all__ = ["decode", "guess_charsets"]


MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
ASCII = bytes(range(128))
NEARLY = 0.8  # of the bytes beyond ASCII; by chance hardly any two of them are a character of UTF-8
SAMPLE = 1 << 16  # bytes, from the first that does not fit
CHARSETS = [
    "cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "koi8-r",
    "koi8-u", "cp866", "gb18030", "big5hkscs", "cp932", "euc_jis_2004", "cp949",
]  # fmt: skip
"""What files of texts are in, the most usual first. Free to name any, a detector calls Russian Macintosh Cyrillic."""
NEAR = 0.8
"""Share of the likeliest one's confidence from which another is named beside it."""


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
        hint, fix = "say what it is, for example {fix}", ("data.encoding", found[0] if found else "cp1251")
        if found:
            check = ", and see whether its letters are right" if len(found) > 1 else ""
            hint = f"say {{fix}}, or `iconv -f {found[0]} -t utf-8 {path.name}`{check}"
        raise Unparsable(path.name, f"not {asked} text (byte {error.start}){looks}", hint=hint, fix=fix) from None
    except UnicodeError as error:  # utf-16 without a mark, for one
        raise Unparsable(path.name, f"not {encoding} text: {error}") from None
    return text.removeprefix("\ufeff")


def _mostly_utf8(content: bytes) -> bool:
    """Return whether a file is UTF-8 damaged in a few places, rather than in another encoding."""
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


def guess_charsets(sample: bytes) -> list[str]:
    """Return the character set that lines look like, or two that are about equally likely, the more usual first.

    Two are named only where they read the lines differently.
    sample: lines, some of whose bytes are above 127
    """
    import chardet

    # Each line once: one that is repeated is no further evidence.
    sample = b"\n".join(dict.fromkeys(sample.split(b"\n")))
    found = chardet.detect_all(sample, ignore_threshold=True, include_encodings=CHARSETS)
    near = [one["encoding"] for one in found if one["confidence"] >= NEAR * found[0]["confidence"]]
    readings = list(dict.fromkeys(_read(sample, name) for name in near if name))[:2]
    # A detector has several names for one reading, Latin-9 for cp1252 among them.
    usual = {reading: name for name in reversed(CHARSETS) if (reading := _read(sample, name)) in readings}
    return sorted(usual.values(), key=CHARSETS.index)


def _read(sample: bytes, charset: str) -> str:
    return sample.decode(charset, errors="replace")
