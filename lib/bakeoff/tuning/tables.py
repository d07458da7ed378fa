"""Reads a located source into tables, one pandas frame per split, nothing renamed or dropped.

Imported by `data`. A new layout is one function and one line of `LAYOUTS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from bakeoff.errors import UnknownName, Unparsable
from bakeoff.sources import LocatedData

__all__ = ["LAYOUTS", "read_tables"]


def read_tables(located: LocatedData) -> dict[str, pd.DataFrame]:
    """Return split name -> all rows of the source, with a column `item_id` (str) that names each row for good.

    Raises Unparsable for a file that is not what its name promises.
    """
    if located.layout not in LAYOUTS:
        raise UnknownName("data.source", located.layout, LAYOUTS, kind="layout")
    return LAYOUTS[located.layout](located)


def _icwsm2014(located: LocatedData) -> dict[str, pd.DataFrame]:
    """Read lines `id TAB mean rating TAB text` (Hutto and Gilbert, ICWSM 2014) into item_id, score and text."""
    tables = {}
    for split, path in located.files.items():
        # Texts may hold any character that Python takes for a line end, so only the files' own ends count.
        lines = [line.rstrip("\r").split("\t", 2) for line in _text(path).split("\n") if line.strip()]
        if any(len(line) != 3 for line in lines):  # noqa: PLR2004
            raise Unparsable(path.name, "a line is not `id TAB rating TAB text`")
        ids, scores, texts = zip(*lines, strict=True) if lines else ((), (), ())
        tables[split] = pd.DataFrame({"item_id": ids, "score": [float(score) for score in scores], "text": texts})
    return tables


def _table(located: LocatedData) -> dict[str, pd.DataFrame]:
    """Read csv, tsv, jsonl or parquet files; a row's id is its place in its file, with the split's name before it."""
    tables = {}
    for split, path in located.files.items():
        frame = READERS[path.suffix](path)
        prefix = "" if split == "all" else f"{split}-"
        tables[split] = frame.assign(item_id=[f"{prefix}{row}" for row in range(len(frame))])
    return tables


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unparsable(path.name, f"not UTF-8 text (byte {error.start})") from None


def _separated(separator: str) -> Callable[[Path], pd.DataFrame]:
    def read(path: Path) -> pd.DataFrame:
        try:
            # Only an empty field is missing: "NA", "null" and "None" are words people write.
            return pd.read_csv(
                path, sep=separator, keep_default_na=False, na_values=[""], encoding="utf-8-sig", low_memory=False
            )
        except UnicodeDecodeError as error:
            raise Unparsable(path.name, f"not UTF-8 text (byte {error.start})") from None
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise Unparsable(path.name, " ".join(str(error).split())) from None

    return read


def _jsonl(path: Path) -> pd.DataFrame:
    rows = []
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise Unparsable(f"{path.name}, line {number}", f"not JSON: {error.msg}") from None
        if not isinstance(row, dict):
            raise Unparsable(f"{path.name}, line {number}", "not a JSON object")
        rows.append(row)
    return pd.DataFrame(rows)


def _parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's own errors are subclasses of these
        raise Unparsable(path.name, " ".join(str(error).split())) from None


LAYOUTS: dict[str, Callable[[LocatedData], dict[str, pd.DataFrame]]] = {"icwsm2014": _icwsm2014, "table": _table}
READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": _separated(","),
    ".tsv": _separated("\t"),
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
