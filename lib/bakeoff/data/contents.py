"""A file's bytes, unpacked, as text; and what they are where they are not in the encoding that was named.

Nothing of the text is ever part of an error.
"""

from __future__ import annotations

import codecs
import errno
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from bakeoff.errors import BakeoffError, Unparsable, shown
from bakeoff.system.digests import MOST_BYTES, TOO_LARGE, bytes_of, unpacked

__all__ = [
    "FEWER",
    "MOST_CELLS",
    "PACKED",
    "check_columns",
    "check_sheets",
    "content_of",
    "decode",
    "ending_of",
    "guess_charsets",
    "understood",
]


PACKED = (".gz", ".zip")
BROKEN = (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, RuntimeError)
"""How something packed fails to be unpacked, the last with a password."""
MOST_ROWS = 100_000_000
MOST_CELLS = 50_000_000
MOST_OF_A_WORKBOOK = 1 << 28
TOO_MANY = f"more than {MOST_ROWS:,} rows"
CELL = re.compile(r"([A-Z]{0,3})(\d{0,7})")
FEWER = "keep fewer rows: a comparison draws some thousands of them"
ZEROS = 0.01
"""Share of zero bytes from which a file is none of texts; a single one may stand in what was scraped."""
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",  # before the mark that it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
HALVES = re.compile("[\ud800-\udfff]")
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


def ending_of(path: Path) -> str:
    """Return what a file's name says it is: `.csv` of `A.CSV`, of `a.csv.gz` and of a `.zip` with an `a.csv` in it."""
    ending = path.suffix.lower()
    if ending == ".gz":
        return path.with_suffix("").suffix.lower()
    return PurePath(_member(path)).suffix.lower() if ending == ".zip" else ending


def content_of(path: Path) -> bytes:
    """Return a file's bytes, those of the one file in it where it is a .gz or .zip; raises Unparsable.

    However much is packed in a file, at most MOST_BYTES of it are unpacked.
    """
    ending = path.suffix.lower()
    try:
        if ending == ".gz":
            with gzip.open(path) as packed:
                return unpacked(packed.read)
        if ending == ".zip":
            member = _member(path)
            with zipfile.ZipFile(path) as archive:
                if archive.getinfo(member).file_size > MOST_BYTES:
                    raise Unparsable(path.name, TOO_LARGE, hint=FEWER)
                with archive.open(member) as packed:
                    return unpacked(packed.read)
        return bytes_of(path)
    except BROKEN as error:
        raise Unparsable(path.name, f"it cannot be unpacked: {' '.join(str(error).split())}") from None
    except OSError as error:
        if error.errno is None:  # of a packed stream
            raise Unparsable(path.name, f"it cannot be unpacked: {error}") from None
        if error.errno != errno.EFBIG:
            raise
        raise Unparsable(path.name, TOO_LARGE, hint=FEWER) from None


def _member(path: Path) -> str:
    """Return the name of the one file in a .zip, folders and what macOS adds left out; raises Unparsable."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one.filename for one in archive.infolist() if not one.is_dir()]
    except zipfile.BadZipFile as error:
        raise Unparsable(path.name, f"it cannot be unpacked: {error}") from None
    names = [name for name in names if not name.startswith("__MACOSX/") and not PurePath(name).name.startswith(".")]
    if len(names) != 1:
        reason = f"it holds {len(names)} files, and one is read"
        hint = "unpack it, and name a file or the folder"
        raise Unparsable(path.name, f"{reason}: {', '.join(map(shown, names[:4]))}" if names else reason, hint=hint)
    return names[0]


def check_columns(file: Path | io.BytesIO, name: str) -> None:
    """Raise Unparsable for a parquet file that holds more than MOST_BYTES or MOST_ROWS, however little it takes."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(file) as held:
        told = held.metadata
        left, rows = MOST_BYTES, MOST_ROWS
        if told.num_rows > rows:
            raise Unparsable(name, TOO_MANY, hint=FEWER)
        if sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups)) > left:
            raise Unparsable(name, TOO_LARGE, hint=FEWER)
        # What the head says may not be so, and one text may stand for a million rows.
        for batch in held.iter_batches(batch_size=1 << 10):
            columns = (column.dictionary_decode() if hasattr(column, "dictionary") else column for column in batch)
            left, rows = left - sum(column.nbytes for column in columns), rows - batch.num_rows
            if left < 0 or rows < 0:
                raise Unparsable(name, TOO_LARGE if left < 0 else TOO_MANY, hint=FEWER)


@contextmanager
def understood(name: str, *, otherwise: str = "") -> Iterator[None]:
    """Let a library read a file of others: whatever it stumbles over, be it a KeyError, is an Unparsable.

    name: of the file; otherwise: what goes before the reason
    """
    try:
        yield
    except (BakeoffError, ImportError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001
        said = " ".join(str(error).split())
        plain = isinstance(error, OSError | ValueError | zipfile.BadZipFile)
        reason = said if plain and said else f"what it says of its columns is damaged ({type(error).__name__}: {said})"
        raise Unparsable(name, f"{otherwise}{reason}", hint=None if plain else "write it anew") from None


def check_sheets(content: bytes, name: str) -> None:
    """Raise Unparsable for a workbook whose sheets are larger than is read, or that defines entities of XML.

    A cell in the last row and column stands for all before it. Raises BadZipFile and others of zipfile for no zip.
    """
    from xml.parsers.expat import ExpatError, ParserCreate

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(one.file_size for one in archive.infolist()) > MOST_OF_A_WORKBOOK:
            raise Unparsable(name, "a workbook of more than 256 MiB, unpacked", hint="save the sheet as csv")
        for member in (one for one in archive.namelist() if one.startswith("xl/worksheets/")):
            far = _Far()
            reader = ParserCreate()
            reader.StartElementHandler, reader.EntityDeclHandler = far.begun, far.refused
            try:
                reader.Parse(archive.read(member), True)
            except ExpatError as error:
                raise Unparsable(name, f"not an Excel workbook: {error}") from None
            if far.refuses or far.row * far.column > MOST_CELLS:
                reason = (
                    "a workbook with entities of XML" if far.refuses else f"a sheet of more than {MOST_CELLS:,} cells"
                )
                raise Unparsable(name, reason, hint="save the sheet as csv")


class _Far:
    """How far a sheet reaches."""

    row = column = 0
    refuses = False

    def begun(self, name: str, given: dict[str, str]) -> None:
        place = given.get("r", "")
        if name.endswith(("row", "c")) and (found := CELL.fullmatch(place)):
            self.row = max(self.row, int(found[2] or 0))
            column = 0
            for letter in found[1]:
                column = 26 * column + ord(letter) - 64
            self.column = max(self.column, column)

    def refused(self, *_: object) -> None:
        self.refuses = True


def decode(path: Path, encoding: str) -> str:
    """Return a file's text, unpacked, without a byte order mark.

    encoding: as Python names it; where it is UTF-8, UTF-16 and UTF-32 with a mark are read, too
    Raises Unparsable, naming the first line that does not fit, how many there are, and what to do about it.
    """
    content = content_of(path)
    if encoding == "utf-8":
        encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), encoding)
        if encoding == "utf-8" and content.count(0) > ZEROS * len(content):  # UTF-16 has one in every other place
            raise Unparsable(path.name, "zero bytes, which no text has", hint="save it as UTF-8 text")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(path, content, encoding, error.start) from None
    except UnicodeError as error:  # utf-16 without a mark, for one
        raise Unparsable(path.name, f"not {encoding} text: {error}") from None
    if half := HALVES.search(text):  # which some encodings spell
        line = 1 + text.count("\n", 0, half.start())
        raise Unparsable(f"{path.name}, line {line}", "half of a surrogate pair is no character")
    return text.removeprefix("\ufeff")


def _undecodable(path: Path, content: bytes, encoding: str, start: int) -> Unparsable:
    """Return the error for bytes that are not of an encoding. start: place of the first."""
    if encoding.startswith(("utf-16", "utf-32")):
        return Unparsable(path.name, f"not {encoding} text (byte {start})", hint="save it as UTF-8")
    line, odd = 1 + content.count(b"\n", 0, start), _odd_lines(content, encoding)
    place, several = f"{path.name}, line {line}", f", and {odd - 1:,} more such lines" if odd > 1 else ""
    plain = path.suffix.lower() not in PACKED
    if encoding == "utf-8" and _mostly_utf8(content):
        reason = f"a byte that is no UTF-8, where nearly all of the file is (byte {start}{several})"
        command = f": `iconv -c -f utf-8 -t utf-8 {path.name} > mended-{path.name}`" if plain else ""
        return Unparsable(place, reason, hint=f"mend what is written there, or leave such bytes out{command}")
    found = [name for name in _guess(content, start) if _fits(content, name)]
    asked = "UTF-8" if encoding == "utf-8" else encoding
    looks = f"; it looks like {' or '.join(found)}" if found else ""
    hint, fix = "say what it is, for example {fix}", ("data.encoding", found[0] if found else "cp1251")
    if found:
        check = ", and see whether its letters are right" if len(found) > 1 else ""
        command = f", or `iconv -f {found[0]} -t utf-8 {path.name}`" if plain else ""
        hint = f"say {{fix}}{command}{check}"
    return Unparsable(place, f"not {asked} text (byte {start}{several}){looks}", hint=hint, fix=fix)


def _odd_lines(content: bytes, encoding: str) -> int:
    """Return how many lines are not of an encoding in which a line feed is a byte of its own."""
    return sum(not _fits(line, encoding) for line in content.split(b"\n"))


def _fits(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


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
