"""Reads csv and tsv: quotes, line breaks inside them, any line end, and the separator told from the header.

Imported by `tables`. What quotes mean in a file is settled by `quotes`.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from bakeoff.errors import Unparsable
from bakeoff.tuning.quotes import quoting

__all__ = ["read_separated"]

SEPARATORS = ",;\t|"


def read_separated(path: Path, content: str, *, separator: str | None, text: str) -> pd.DataFrame:
    """Return the rows of a file with a header.

    separator: None: whichever of , ; tab | the header holds most of; text: name of the column to keep as it is
    written, whatever number it looks like
    Raises Unparsable for columns that share a name, rows that do not fit the header and quotes that hide rows.
    """
    separator = separator or _separator(content)
    quotes = quoting(path.name, content, separator)
    try:
        names = next(csv.reader(io.StringIO(content, newline=""), delimiter=separator), [])
        twice = [name for number, name in enumerate(names) if name in names[:number]]
        if twice:
            raise Unparsable(path.name, f"two columns are called {twice[0]!r}")
        # Only an empty field is missing: "NA", "null" and "None" are words people write.
        frame = pd.read_csv(
            io.StringIO(content, newline=""),
            sep=separator,
            quoting=quotes,
            keep_default_na=False,
            na_values=[""],
            low_memory=False,
            dtype={text: str},
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        hint = "texts that hold the separator or a line break stand in double quotes"
        raise Unparsable(path.name, " ".join(str(error).split()), hint=hint) from None
    if not isinstance(frame.index, pd.RangeIndex):
        reason = f"rows have more fields than the header, separated by {separator!r}"
        raise Unparsable(path.name, reason, hint="put texts that hold the separator in double quotes")
    return frame


def _separator(content: str) -> str:
    """Return the separator that stands most often in the header, outside quotes; a comma where none does."""
    header = next((line for line in content.split("\n") if line.strip()), "")
    outside = "".join(header.split('"')[::2])
    return max(SEPARATORS, key=outside.count)
