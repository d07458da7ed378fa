"""Reads csv and tsv: quotes, line breaks inside them, any line end, and the separator told from the header.

Imported by `tables` and `hubtables`. What quotes mean in a file is settled by `quotes`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Literal

import pandas as pd

from bakeoff.errors import Unparsable
from bakeoff.experiment import Data
from bakeoff.tuning.decoding import decode
from bakeoff.tuning.labels import spelled
from bakeoff.tuning.quotes import quoting

__all__ = ["read_separated"]

SEPARATORS = ",;\t|"
TRUTH = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}
"""How pandas knows true and false in a file."""


def read_separated(paths: Sequence[Path], data: Data) -> pd.DataFrame:
    """Return the rows of files with a header each, one after another; the files are of one writer.

    Texts are kept as they are written, whatever number they look like. So are labels (but for grades that go into
    bins) and groups, unless each is written as a number is spelled: 1.1 and 1.10, or 123 and 0123, are two codes.
    Raises Unparsable for columns that share a name, rows that do not fit the header, quotes that hide rows and files
    whose columns differ.
    """
    contents = {path: decode(path, data.encoding) for path in paths}
    separators = {path: _separator(path, content, data) for path, content in contents.items()}
    quotes = max(quoting(path.name, content, separators[path]) for path, content in contents.items())
    asked = (data.split.group, None if data.label.bins is not None else data.label.column)
    codes = {column for column in asked if column is not None} - {data.text}
    kept = {data.text, *codes}
    parts = [_rows(path, content, separators[path], quotes, kept) for path, content in contents.items()]
    for path, part in zip(paths, parts, strict=True):
        if set(part.columns) != set(parts[0].columns):
            raise Unparsable(path.name, f"its columns are not those of {paths[0].name}")
    if mixed := [column for column in parts[0].columns if len({_kind(part[column]) for part in parts} - {""}) > 1]:
        # A column that holds numbers in one file and words in another holds words.
        kept |= set(mixed)
        parts = [_rows(path, content, separators[path], quotes, kept) for path, content in contents.items()]
    frame = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    return frame.assign(**{column: _codes(frame[column]) for column in codes if column in frame})


def _rows(path: Path, content: str, separator: str, quotes: Literal[0, 3], kept: set[str]) -> pd.DataFrame:
    """Read one file. kept: columns to leave as they are written."""
    try:
        names = next(csv.reader(io.StringIO(content, newline=""), delimiter=separator), [])
        twice = [name for number, name in enumerate(names) if name in names[:number]]
        if twice:
            raise Unparsable(path.name, f"two columns are called {twice[0]!r}")
        # Only an empty field is missing: "NA", "null" and "None" are words people write.
        frame: pd.DataFrame = pd.read_csv(
            io.StringIO(content, newline=""),
            sep=separator,
            quoting=quotes,
            keep_default_na=False,
            na_values=[""],
            low_memory=False,
            dtype=dict.fromkeys(kept, str),
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        hint = "texts that hold the separator or a line break stand in double quotes"
        raise Unparsable(path.name, " ".join(str(error).split()), hint=hint) from None
    if not isinstance(frame.index, pd.RangeIndex):
        reason = f"rows have more fields than the header, separated by {separator!r}"
        raise Unparsable(path.name, reason, hint="put texts that hold the separator in double quotes")
    return frame


def _kind(column: pd.Series) -> str:
    """Tell numbers from truth values and from words; an empty column is neither."""
    if column.isna().all():
        return ""
    if pd.api.types.is_bool_dtype(column):
        return "truth"
    return "number" if pd.api.types.is_numeric_dtype(column) else "word"


def _codes(column: pd.Series) -> pd.Series:
    """Return numbers (or truth values) where no spelling is lost by that, and what is written elsewhere."""
    written = column.dropna().unique()
    if len(written) and all(value in TRUTH for value in written):
        found = column.map(TRUTH)
        return found.astype(bool) if column.notna().all() else found
    return pd.to_numeric(column) if all(map(_is_number, written)) else column


def _is_number(written: str) -> bool:
    """Tell whether a value is written as its number is spelled; a whole one may have the .0 of a column with gaps."""
    try:
        number = float(written)
    except ValueError:
        return False
    return isfinite(number) and spelled(number) == written.strip().removesuffix(".0")


def _separator(path: Path, content: str, data: Data) -> str:
    """Return a tab for tsv, else the separator that is named or stands most often in the header, outside quotes."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    if data.separator:
        return data.separator
    header = next((line for line in content.split("\n") if line.strip()), "")
    outside = "".join(header.split('"')[::2])
    return max(SEPARATORS, key=outside.count)
