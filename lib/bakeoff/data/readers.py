"""Reads a located source into tables, one pandas frame per split, nothing renamed or dropped.

A new layout is one function and one line of `LAYOUTS`.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from bakeoff.data.contents import PACKED, check_columns, check_sheets, content_of, decode, ending_of, understood
from bakeoff.data.csv_files import as_written, columns_of, from_objects, read_separated
from bakeoff.data.hub_tables import UNCHANGED, read_hub, with_class_names, with_exact_numbers
from bakeoff.data.schema import Data
from bakeoff.data.sources import SPLIT_NAMES, LocatedData, class_folders
from bakeoff.errors import BadValue, MissingAsset, UnknownName, Unparsable, shown

__all__ = ["LAYOUTS", "read_file", "read_tables", "split_by"]


def read_tables(located: LocatedData, data: Data, *, every: bool = False) -> dict[str, pd.DataFrame]:
    """Return split name -> all rows of the source; its index (str) names each row for good.

    The names are no column, so that a source may have any.
    every: each column but the text is read as the label is, for whoever looks which one it is
    Raises Unparsable for a file that is not what its name promises, MissingAsset for a library that reads it and is not
    installed, UnknownName or BadValue for a column of splits that is none.
    """
    if located.layout not in LAYOUTS:
        raise UnknownName("data.source", located.layout, LAYOUTS, kind="layout")
    tables = LAYOUTS[located.layout](located, data, every)
    return tables if data.split.column is None else split_by(tables, data.split.column)


def split_by(tables: dict[str, pd.DataFrame], column: str) -> dict[str, pd.DataFrame]:
    """Return split -> rows of a table, by what a column of it says; rows it says nothing of are of the split "none"."""
    if "all" not in tables:
        raise BadValue("data.split.column", f"the source has splits of its own: {', '.join(tables)}")
    whole = tables["all"]
    if column not in whole:
        raise UnknownName("data.split.column", column, map(str, whole.columns), kind="column")
    said = whole[column].map(lambda value: str(value).strip().lower(), na_action="ignore").fillna("none")
    if said.nunique() > MOST_SPLITS:
        raise BadValue("data.split.column", f"column {column!r} holds {said.nunique():,} values, which are not splits")
    return {
        str(name): rows for name, rows in whole.groupby(said.map(lambda one: SPLIT_NAMES.get(one, one)), sort=False)
    }


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
    """Read a file of `READERS` as it is, be it packed or not; raises Unparsable. every: as in `read_tables`."""
    if not path.stat().st_size:
        raise Unparsable(path.name, "the file is empty")
    ending = ending_of(path)
    if ending not in READERS:  # of something packed: names of files are looked at before
        raise Unparsable(path.name, f"it holds a file that is not read: {ending or 'without an ending'}")
    frame = READERS[ending](path, data, every)
    if frame.empty:
        raise Unparsable(path.name, "the file holds no rows")
    return frame


def _separated(path: Path, data: Data, every: bool) -> pd.DataFrame:
    return read_separated([path], data, every=every)


def _lines(path: Path, data: Data, every: bool) -> pd.DataFrame:
    """Read lines `text;label`, of which the last semicolon separates, fastText's `__label__x text`, or tabs."""
    lines = decode(path, data.encoding).split("\n")
    filled = [line for line in lines if line.strip()]
    if all(FASTTEXT.match(line) for line in filled):
        return _fasttext(filled)
    tabs = filled[0].count("\t") if filled else 0
    if tabs and sum(line.count("\t") == tabs for line in filled) >= MOSTLY * len(filled):
        return read_separated([path], data, every=every)
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            text, semicolon, label = line.rpartition(";")
            if not semicolon:
                odd = sum(";" not in line for line in filled)
                several = f" in {odd:,} lines" if odd > 1 else ""
                hint = (
                    "a line is `text;label`, `__label__x text`, or columns with a tab between, the same in every line"
                )
                raise Unparsable(f"{path.name}, line {number}", f"no semicolon{several}", hint=hint)
            rows.append((text, label.strip() or None))
    return pd.DataFrame(rows, columns=["text", "label"])


def _fasttext(lines: list[str]) -> pd.DataFrame:
    """Read lines of labels and a text; a row has the list of its labels where any row has several."""
    rows = []
    for line in lines:
        words, labels = line.strip().split(" "), []
        while words and words[0].startswith("__label__"):
            labels.append(words.pop(0).removeprefix("__label__"))
        rows.append((" ".join(words).strip(), labels))
    frame = pd.DataFrame(rows, columns=["text", "label"])
    single = frame["label"].map(len).eq(1).all()
    return frame.assign(label=frame["label"].str[0]) if single else frame


def _json(path: Path, data: Data, every: bool) -> pd.DataFrame:
    """Read a list of objects, an object that wraps one, columns as lists, or lines of objects."""
    text = decode(path, data.encoding)
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        if getattr(error, "msg", "") == "Extra data":
            return _jsonl(path, data, every)
        raise _unreadable(error, path.name, getattr(error, "lineno", None)) from None
    columns = tree.values() if isinstance(tree, dict) and len(tree) > 1 else [0]
    if all(isinstance(column, list) for column in columns) and len(set(map(len, columns))) == 1:
        tree = [dict(zip(tree, row, strict=True)) for row in zip(*columns, strict=True)]
    if isinstance(tree, dict):
        wrapped = [one for one in tree.values() if isinstance(one, list) and one and isinstance(one[0], dict)]
        tree = wrapped[0] if len(wrapped) == 1 else tree
    if not isinstance(tree, list) or not all(isinstance(row, dict) for row in tree):
        reason = "neither a list of objects nor an object with one such list in it"
        raise Unparsable(path.name, reason, hint='one object for each text: [{"text": ..., "label": ...}, ...]')
    if "\\ud" in text.lower() and not _encodable(tree):
        raise Unparsable(path.name, "half of a surrogate pair is no character")
    return from_objects(tree, path.name)


def _jsonl(path: Path, data: Data, _every: bool) -> pd.DataFrame:
    rows = []
    for number, line in enumerate(decode(path, data.encoding).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _unreadable(error, path.name, number) from None
        if not isinstance(row, dict):
            raise Unparsable(f"{path.name}, line {number}", "not a JSON object")
        if "\\ud" in line.lower() and not _encodable(row):
            raise Unparsable(f"{path.name}, line {number}", "half of a surrogate pair is no character")
        rows.append(row)
    return from_objects(rows, path.name)


def _unreadable(error: Exception, name: str, line: int | None) -> Unparsable:
    if isinstance(error, json.JSONDecodeError):
        reason = f"not JSON: {error.msg}"
    else:
        reason = "nested too deeply" if isinstance(error, RecursionError) else "a number of too many digits"
    return Unparsable(f"{name}, line {line}" if line else name, reason)


def _encodable(row: object) -> bool:
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _excel(path: Path, data: Data, _every: bool) -> pd.DataFrame:
    """Read the one sheet with rows of a workbook; its numbers have no spelling to be kept."""
    content = content_of(path)
    try:
        with understood(path.name, otherwise="not an Excel workbook: "):
            check_sheets(content, path.name)
            book = pd.ExcelFile(io.BytesIO(content), engine="openpyxl")
            sheets = pd.read_excel(
                book,
                sheet_name=[sheet.title for sheet in book.book.worksheets],  # charts may be sheets, too
                header=0 if data.header else None,
                dtype=str,
                keep_default_na=False,
                na_values=[""],
            )
            headers = {sheet.title: next(sheet.iter_rows(values_only=True), ()) for sheet in book.book.worksheets}
    except ImportError:
        hint = "`pip install 'bakeoff[excel]'` brings it; or save the sheet as csv"
        raise MissingAsset(path.name, "Excel files are read by openpyxl, which is not installed", hint=hint) from None
    found = {name: sheet for name, sheet in sheets.items() if not sheet.empty}
    if len(found) > 1:
        names = ", ".join(shown(name) for name in list(found)[:8])
        raise Unparsable(path.name, f"several sheets hold rows: {names}", hint="save the one to be read as csv")
    title, frame = next(iter(found.items()), ("", pd.DataFrame()))
    number = len(frame.columns)
    if data.header:  # where two are called `label`, pandas calls the second `label.1`
        written = ["" if name is None else str(name) for name in (*headers.get(title, ()), *[None] * number)[:number]]
    else:
        written = [f"column_{place}" for place in range(1, number + 1)]
        frame.columns = pd.Index(written)
    frame = columns_of(frame.rename(columns=str), written, data, path.name)
    return as_written(frame, frame.columns, data)


def _parquet(path: Path, _data: Data, _every: bool) -> pd.DataFrame:
    from pyarrow.parquet import read_schema

    packed = path.suffix.lower() in PACKED
    with understood(path.name):
        file = io.BytesIO(content_of(path)) if packed else path
        schema = read_schema(file)
        _refuse_twice(schema.names)
        check_columns(file, path.name)
        frame = with_exact_numbers(pd.read_parquet(file, engine="pyarrow", to_pandas_kwargs=UNCHANGED))
        frame = frame.reset_index([level for level in frame.index.names if level is not None])
        frame.columns = pd.Index([str(name) for name in frame.columns.to_flat_index()])  # numbers and pairs to pandas
        # Columns of categories answer with categories where others answer with values.
        frame = frame.astype(dict.fromkeys(frame.select_dtypes("category").columns, object))
        return _named(frame, schema).pipe(_unnested)


def _refuse_twice(names: list[str]) -> None:
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise ValueError(f"two columns are called {twice!r}")


def _unnested(frame: pd.DataFrame) -> pd.DataFrame:
    """Replace columns of objects by a column for each of their fields, with a dotted name."""
    for name in list(frame.columns):
        held = frame[name].dropna() if frame[name].dtype == object else ()
        if len(held) and all(isinstance(value, dict) for value in held):
            inner = pd.json_normalize([value if isinstance(value, dict) else {} for value in frame[name]])
            kept, inner = frame.drop(columns=name), inner.set_index(frame.index).add_prefix(f"{name}.")
            _refuse_twice([*kept.columns, *inner.columns])
            frame = kept.join(inner)
    return frame


def _class_folders(located: LocatedData, data: Data, _every: bool) -> dict[str, pd.DataFrame]:
    """Read folders named for their class, with a text in each file.

    A folder of train that test does not have holds texts without a label, as `unsup` of the film reviews does.
    """
    tables = {}
    for split, folder in located.files.items():
        paths = sorted(path for kind in class_folders(folder) for path in kind.glob("*.txt") if path.is_file())
        texts = [decode(path, data.encoding) for path in paths]
        tables[split] = pd.DataFrame({"text": texts, "label": [path.parent.name for path in paths]})
    known = set(tables["test"]["label"]) if "test" in tables else set()
    for table in tables.values():
        if known:
            table["label"] = table["label"].where(table["label"].isin(known), None)
    return {split: _numbered(table, split) for split, table in tables.items()}


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
    "class folders": _class_folders,
    "icwsm2014": _icwsm2014,
    "table": lambda located, data, every: {
        split: _numbered(read_file(path, data, every=every), split) for split, path in located.files.items()
    },
}
READERS: dict[str, Callable[[Path, Data, bool], pd.DataFrame]] = {
    ".csv": _separated,
    ".json": _json,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".tsv": _separated,
    ".txt": _lines,
    ".xlsx": _excel,
}
FASTTEXT = re.compile(r"\s*__label__\S")
MOSTLY, MOST_SPLITS = 0.9, 20
