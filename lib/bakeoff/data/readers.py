"""Reads a located source into tables, one pandas frame per split, nothing renamed or dropped.

A new layout is one function and one line of `LAYOUTS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from bakeoff.data.charsets import decode
from bakeoff.data.csv_files import read_separated
from bakeoff.data.hub_tables import read_hub, with_class_names
from bakeoff.data.schema import Data
from bakeoff.data.sources import LocatedData
from bakeoff.errors import UnknownName, Unparsable

__all__ = ["LAYOUTS", "read_file", "read_tables"]


def read_tables(located: LocatedData, data: Data, *, every: bool = False) -> dict[str, pd.DataFrame]:
    """Return split name -> all rows of the source; its index (str) names each row for good.

    The names are no column, so that a source may have any.
    every: each column but the text is read as the label is, for whoever looks which one it is
    Raises Unparsable for a file that is not what its name promises.
    """
    if located.layout not in LAYOUTS:
        raise UnknownName("data.source", located.layout, LAYOUTS, kind="layout")
    return LAYOUTS[located.layout](located, data, every)


def _icwsm2014(located: LocatedData, _data: Data, _every: bool) -> dict[str, pd.DataFrame]:
    """Read lines `id TAB mean rating TAB text` (Hutto and Gilbert, ICWSM 2014) into score and text."""
    tables = {}
    for split, path in located.files.items():
        # Texts may hold any character that Python takes for a line end, so only the files' own ends count.
        lines = [line.rstrip("\r").split("\t", 2) for line in decode(path, "utf-8").split("\n") if line.strip()]
        if any(len(line) != 3 for line in lines):  # noqa: PLR2004
            raise Unparsable(path.name, "a line is not `id TAB rating TAB text`")
        ids, scores, texts = zip(*lines, strict=True) if lines else ((), (), ())
        tables[split] = pd.DataFrame({"score": [float(score) for score in scores], "text": texts}, index=list(ids))
    return tables


def _numbered(frame: pd.DataFrame, split: str) -> pd.DataFrame:
    """Name each row by its place in its file, with the split's name before it."""
    prefix = "" if split == "all" else f"{split}-"
    return frame.set_axis([f"{prefix}{row}" for row in range(len(frame))], axis="index")


def read_file(path: Path, data: Data, *, every: bool = False) -> pd.DataFrame:
    """Read a csv, tsv, jsonl, parquet or `text;label` file as it is; raises Unparsable. every: as in `read_tables`."""
    if not path.stat().st_size:
        raise Unparsable(path.name, "the file is empty")
    frame = READERS[path.suffix.lower()](path, data, every)
    if frame.empty:
        raise Unparsable(path.name, "the file holds no rows")
    return frame


def _separated(path: Path, data: Data, every: bool) -> pd.DataFrame:
    return read_separated([path], data, every=every)


def _lines(path: Path, data: Data, _every: bool) -> pd.DataFrame:
    """Read lines `text;label`: the last semicolon separates, so texts may hold others."""
    rows = []
    for number, line in enumerate(decode(path, data.encoding).split("\n"), start=1):
        if line.strip():
            text, semicolon, label = line.rpartition(";")
            if not semicolon:
                raise Unparsable(f"{path.name}, line {number}", "no semicolon; a line is `text;label`")
            rows.append((text, label.strip() or None))
    return pd.DataFrame(rows, columns=["text", "label"])


def _jsonl(path: Path, data: Data, _every: bool) -> pd.DataFrame:
    rows = []
    for number, line in enumerate(decode(path, data.encoding).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise Unparsable(f"{path.name}, line {number}", f"not JSON: {error.msg}") from None
        if not isinstance(row, dict):
            raise Unparsable(f"{path.name}, line {number}", "not a JSON object")
        if "\\ud" in line.lower() and not _encodable(row):
            raise Unparsable(f"{path.name}, line {number}", "half of a surrogate pair is no character")
        rows.append(row)
    return pd.DataFrame(rows)


def _encodable(row: object) -> bool:
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _parquet(path: Path, _data: Data, _every: bool) -> pd.DataFrame:
    from pyarrow.parquet import read_schema

    try:
        schema = read_schema(path)
        names = schema.names
        twice = [name for number, name in enumerate(names) if name in names[:number]]
        if not twice:
            frame = pd.read_parquet(path)
            frame = frame.reset_index([level for level in frame.index.names if level is not None])
            # Columns of categories answer with categories where others answer with values.
            frame = frame.astype(dict.fromkeys(frame.select_dtypes("category").columns, object))
            return _named(frame, schema)
    except (OSError, ValueError) as error:  # pyarrow's own errors are subclasses of these
        raise Unparsable(path.name, " ".join(str(error).split())) from None
    raise Unparsable(path.name, f"two columns are called {twice[0]!r}")


def _named(frame: pd.DataFrame, schema: Any) -> pd.DataFrame:
    """Put the names of classes where the file of a `datasets` table has their codes: they stand in its schema."""
    if b"huggingface" not in (schema.metadata or {}):
        return frame
    from datasets import Features

    return with_class_names(frame, Features.from_arrow_schema(schema))


LAYOUTS: dict[str, Callable[[LocatedData, Data, bool], dict[str, pd.DataFrame]]] = {
    "hub": lambda located, data, every: {
        split: _numbered(it, split) for split, it in read_hub(located, data, every=every).items()
    },
    "icwsm2014": _icwsm2014,
    "table": lambda located, data, every: {
        split: _numbered(read_file(path, data, every=every), split) for split, path in located.files.items()
    },
}
READERS: dict[str, Callable[[Path, Data, bool], pd.DataFrame]] = {
    ".csv": _separated,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".tsv": _separated,
    ".txt": _lines,
}
