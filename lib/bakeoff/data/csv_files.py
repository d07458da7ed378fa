"""csv and tsv files, and tables of texts generally: separator, quotes, columns, values as written."""

from __future__ import annotations

import csv
import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from bakeoff.data.contents import MOST_CELLS, decode, ending_of
from bakeoff.data.labels import spelled
from bakeoff.data.masks import EXACT
from bakeoff.data.schema import Data
from bakeoff.errors import Unparsable
from bakeoff.system.spreadsheets import with_columns

__all__ = ["as_written", "columns_of", "from_objects", "quoting", "read_separated"]


SEPARATORS = ",;\t|"
TRUTH = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}
"""How pandas knows true and false in a file."""


def read_separated(paths: Sequence[Path], data: Data, *, every: bool = False) -> pd.DataFrame:
    """Return the rows of files, one after another; the files are of one writer, with a header each or none.

    Texts are kept as they are written, whatever number they look like. So are labels (but for grades that go into
    bins) and groups, unless each is written as a number is spelled: 1.1 and 1.10, or 123 and 0123, are two codes.
    every: any column may turn out to be the label, and is read like one.
    Raises Unparsable for columns in use that share a name, rows that do not fit the header, quotes that hide rows and
    files whose columns differ.
    """
    contents = {path: decode(path, data.encoding) for path in paths}
    separators = {path: _separator(path, content, data) for path, content in contents.items()}
    contents = {path: EXCEL_LINE.sub("", content) for path, content in contents.items()}
    quotes = max(quoting(path.name, content, separators[path]) for path, content in contents.items())
    kept = None if every else {*data.texts, *_coded(data)}
    parts = [_rows(path, content, separators[path], quotes, kept, data) for path, content in contents.items()]
    for path, part in zip(paths, parts, strict=True):
        if set(part.columns) != set(parts[0].columns):
            raise Unparsable(path.name, f"its columns are not those of {paths[0].name}")
    if kept and (
        mixed := [column for column in parts[0].columns if len({_kind(part[column]) for part in parts} - {""}) > 1]
    ):
        # A column that holds numbers in one file and words in another holds words.
        kept |= set(mixed)
        parts = [_rows(path, content, separators[path], quotes, kept, data) for path, content in contents.items()]
    frame = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    return as_written(frame, set(map(str, frame)) if every else _coded(data), data)


def _coded(data: Data) -> set[str]:
    """Return the columns whose values are codes: their spelling tells them apart."""
    asked = (data.split.group, None if data.label.bins is not None else data.label.column)
    return {column for column in asked if column is not None}


def as_written(frame: pd.DataFrame, codes: Iterable[str], data: Data) -> pd.DataFrame:
    """Return columns of strings as numbers or truth values where no spelling is lost by that; texts stay texts."""
    chosen = set(codes) - set(data.texts)
    return with_columns(frame, {column: _codes(frame[column]) for column in frame if column in chosen})


def from_objects(rows: Sequence[Mapping[str, Any]], name: str) -> pd.DataFrame:
    """Return objects as rows; what is nested in them has a dotted name, such as `review.body`.

    name: of the file. Raises Unparsable for objects with keys of their own, each a column: they would fill the memory.
    """
    names: set[str] = set()
    for row in rows:
        inner: list[tuple[str, Mapping[str, Any]]] = [("", row)]
        while inner:
            above, one = inner.pop()
            for key, value in one.items():
                names.add(above + key)
                if isinstance(value, dict):
                    inner.append((f"{above}{key}.", value))
        if len(names) * len(rows) > MOST_CELLS:
            reason = f"its objects have more than {len(names) - 1:,} different keys, each of which is a column"
            raise Unparsable(name, reason, hint="keep the keys that a comparison needs, text and label among them")
    frame = pd.json_normalize(rows)  # type: ignore[arg-type]
    for column in frame.select_dtypes("float"):
        if (frame[column].abs() >= EXACT).any():  # of a column with a gap: 17 digits of a user's number became 16
            written = [_at(row, str(column)) for row in rows]
            frame[column] = pd.Series(written, dtype=object, index=frame.index)
    return frame


def _at(row: Mapping[str, Any], name: str) -> Any:
    """Return what stands under a dotted name; a key may have dots itself."""
    if name in row:
        return row[name]
    for key, inner in row.items():
        if isinstance(inner, dict) and name.startswith(f"{key}."):
            return _at(inner, name.removeprefix(f"{key}."))
    return None


def columns_of(frame: pd.DataFrame, names: Sequence[str], data: Data, name: str) -> pd.DataFrame:
    """Leave out columns without a name or a value, as `v1,v2,,,` has.

    names: of the columns, as written; name: of the file, for the error
    Raises Unparsable where two columns are called what is used; others of one name get numbers, as pandas has it.
    """
    used = {*data.texts, data.label.column, data.split.group, data.split.column}
    twice = next((one for number, one in enumerate(names) if one in names[:number] and one in used), None)
    if twice is not None:
        raise Unparsable(name, f"two columns are called {twice!r}", hint="give them different names")
    empty = [n for n, one in enumerate(names) if not one.strip() and frame.iloc[:, n].isna().all()]
    return frame.drop(columns=frame.columns[empty])


def _rows(
    path: Path, content: str, separator: str, quotes: Literal[0, 3], kept: set[str] | None, data: Data
) -> pd.DataFrame:
    """Read one file. kept: columns to leave as they are written, None for all."""
    try:
        lines = csv.reader(io.StringIO(content, newline=""), delimiter=separator, quoting=quotes)
        names = next((line for line in lines if line), [])
        if not data.header:
            names = [f"column_{number}" for number in range(1, len(names) + 1)]
        # Only an empty field is missing: "NA", "null" and "None" are words people write.
        frame: pd.DataFrame = pd.read_csv(
            io.StringIO(content, newline=""),
            sep=separator,
            quoting=quotes,
            keep_default_na=False,
            na_values=[""],
            low_memory=False,
            header=0 if data.header else None,
            names=None if data.header else names,
            dtype=str if kept is None else dict.fromkeys(kept, str),
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        hint = "texts that hold the separator or a line break stand in double quotes"
        raise Unparsable(path.name, " ".join(str(error).split()), hint=hint) from None
    large = [str(name) for name in frame.select_dtypes("float") if (frame[name].abs() >= EXACT).any()]
    if kept is not None and large:  # with a gap numbers are read as floats, and lose digits
        exact = _rows(path, content, separator, quotes, kept | set(large), data)
        return with_columns(exact, {name: _whole(exact[name]) for name in large})
    if not isinstance(frame.index, pd.RangeIndex):
        reason = f"rows have more fields than the header, separated by {separator!r}"
        raise Unparsable(path.name, reason, hint="put texts that hold the separator in double quotes")
    return columns_of(frame, names, data, path.name)


def _whole(written: pd.Series) -> pd.Series:
    """Return numbers that are written: Python's own, of any length, where all are whole, else floats."""
    there = written.dropna()
    if not there.str.fullmatch(r"\s*[+-]?[0-9]+\s*").all():
        return written.astype(float)
    return there.map(int).astype(object).reindex(written.index)


def _kind(column: pd.Series) -> str:
    """Return the kind of a column: numbers, truth values or words; an empty column is neither."""
    if column.isna().all():
        return ""
    if pd.api.types.is_bool_dtype(column):
        return "truth"
    number = pd.api.types.is_numeric_dtype(column) or pd.api.types.infer_dtype(column) == "integer"  # of any length
    return "number" if number else "word"


def _codes(column: pd.Series) -> pd.Series:
    """Return numbers (or truth values) where no spelling is lost by that, and what is written elsewhere."""
    written = column.dropna().unique()
    if len(written) and all(value in TRUTH for value in written):
        found = column.map(TRUTH)
        return found.astype(bool) if column.notna().all() else found
    return pd.to_numeric(column) if all(map(_is_number, written)) else column


def _is_number(written: str) -> bool:
    """Return whether a value is written as its number is spelled; a whole one may have the .0 of a column with gaps."""
    try:
        number = float(written)
    except ValueError:
        return False
    return isfinite(number) and spelled(number) == written.strip().removesuffix(".0")


EXCEL_LINE = re.compile(r"\Asep=([\x00-\x7f])(?=\r|\n)", re.IGNORECASE)
"""What tells Excel the separator; only its line break stays, so that lines keep their numbers."""
LOOK, LINES = 1 << 17, 100


def _separator(path: Path, content: str, data: Data) -> str:
    """Return a tab for tsv and txt, else the separator that is named, by `sep=` as well, or that the rows have."""
    if ending_of(path) in (".tsv", ".txt"):
        return "\t"
    said = EXCEL_LINE.match(content)
    if data.separator or said:
        return data.separator or (said[1] if said else ",")
    start = content[:LOOK].lstrip("\r\n")
    header = next((line for line in start.split("\n") if line.strip()), "")
    outside = "".join(header.split('"')[::2])
    return max(SEPARATORS, key=lambda one: (_agreement(start, one), outside.count(one)))


def _agreement(start: str, separator: str) -> float:
    """Return the share of the first rows that have as many fields as the first; none where that has one field only."""
    try:
        rows = list(islice(csv.reader(io.StringIO(start, newline=""), delimiter=separator), LINES))
    except csv.Error:
        return 0.0
    widths = [len(row) for row in rows if row]
    if not widths or widths[0] < 2:  # noqa: PLR2004
        return 0.0
    rest = widths[1:-1] if len(rows) < LINES and len(start) >= LOOK - 2 else widths[1:]  # the last may be cut
    return sum(width == widths[0] for width in rest) / max(1, len(rest))


LINE_END = re.compile(r"\r\n|\r|\n")
QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')


def quoting(name: str, content: str, separator: str) -> Literal[0, 3]:
    """Return the csv module's constant for how to read a file.

    QUOTE_NONE, quotes being characters of the texts, where a quote begins a field without quoting it and the file is
    tab-separated and fits its header line by line; QUOTE_MINIMAL where no quote does so.
    name: of the file, for errors
    Raises Unparsable for such a quote in any other file, naming its line.
    """
    lone = _lone_quote(content, separator)
    if lone is None:
        return csv.QUOTE_MINIMAL
    lines = [line for line in LINE_END.split(content) if line.strip(" ")]
    if separator == "\t" and '"' not in lines[0] and len({line.count("\t") for line in lines}) == 1:
        return csv.QUOTE_NONE
    number = 1 + sum(1 for _ in LINE_END.finditer(content, 0, lone))
    reason = "a quote begins a field and none closes it at its end, so that several rows could be taken for one"
    hint = 'a text with quotes stands in quotes, its own doubled: """Wow"" was all I said"'
    if separator == "\t":
        hint += "; else every line needs as many tabs as the header"
    raise Unparsable(f"{name}, line {number}", reason, hint=hint)


def _lone_quote(content: str, separator: str) -> int | None:
    """Return where a quote stands that begins a field without quoting it, None for none."""
    ends = f"{separator}\r\n"
    several: list[tuple[int, int]] = []
    at = content.find('"')
    while at >= 0:
        after = at + 1
        if at == 0 or content[at - 1] in ends:  # anywhere else it is a character like others
            field = QUOTED.match(content, at)
            if field is None or (field.end() < len(content) and content[field.end()] not in ends):
                return at
            after = field.end()
            if LINE_END.search(content, at, after):
                several.append((at, after))
        at = content.find('"', after)
    return _swallowing(content, several, separator) if several else None


def _swallowing(content: str, fields: list[tuple[int, int]], separator: str) -> int | None:
    """Return where the first of the fields starts whose lines look like rows, None for none.

    fields: start and end of quoted fields of several lines
    Lines look like rows where each has as many separators as the header and, in one column, a value that lines
    outside such fields have there, too: a class, say.
    """
    lines = LINE_END.split(content)
    starts = [0, *(end.end() for end in LINE_END.finditer(content))]
    width = next(line for line in lines if line.strip(" ")).count(separator)
    taken = {start: range(bisect_right(starts, start) - 1, bisect_right(starts, end - 1)) for start, end in fields}
    suspects = {
        start: [lines[number].split(separator) for number in numbers]
        for start, numbers in taken.items()
        if all(lines[number].count(separator) == width for number in numbers)
    }
    if not suspects:
        return None
    inside = {number for numbers in taken.values() for number in numbers}
    known: list[set[str]] = [set() for _ in range(width + 1)]
    for number, line in enumerate(lines):
        if number not in inside and line.count(separator) == width:
            for values, value in zip(known, line.split(separator), strict=True):
                values.add(value.strip())
    for values in known:
        values.discard("")
    alike = (
        start
        for start, rows in suspects.items()
        if any(values.issuperset(row[place].strip() for row in rows) for place, values in enumerate(known))
    )
    return next(alike, None)
