"""Reads a data set of a hub: its configuration, its classes by their names.

csv and tsv are read by `separated`, as the same file is from this machine; json and parquet by the `datasets` library.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from bakeoff.data.csv_files import read_separated
from bakeoff.data.labels import spelled
from bakeoff.data.masks import EXACT
from bakeoff.data.schema import Data
from bakeoff.data.sources import SPLIT_NAMES, LocatedData
from bakeoff.errors import BadValue, MissingAsset, Unparsable
from bakeoff.system.atomic import TROUBLE, scratch_folder

__all__ = ["UNCHANGED", "read_hub", "with_class_names", "with_exact_numbers"]


BUILDERS = {".json": "json", ".jsonl": "json", ".parquet": "parquet"}
SEPARATED = {".csv", ".tsv"}


def read_hub(located: LocatedData, data: Data, *, every: bool = False) -> dict[str, pd.DataFrame]:
    """Return split -> rows; a set without a test split of its own and with one split only is returned as "all".

    Splits are called train, validation and test, whatever the hub calls them; others keep their names.
    every: as in `read_separated`
    Raises MissingAsset where the card tells of more rows than there are, Unparsable for files that cannot be read.
    """
    from datasets.info import DatasetInfosDict

    known = DatasetInfosDict.from_directory(str(located.folder)) if located.folder else {}
    facts = known.get(located.config or "default")
    frames: dict[str, pd.DataFrame] = {}
    for split, paths in located.parts.items():
        features = facts.features if facts else None
        if {path.suffix.lower() for path in paths} <= SEPARATED:
            frame = _named(read_separated(paths, data, every=every), features or {}, located.id)
        else:
            frame = _built(located, split, paths, features)
        promised = facts.splits.get(split) if facts and facts.splits else None
        if promised and promised.num_examples not in (None, len(frame)):
            reason = f"{len(frame):,} rows of {promised.num_examples:,} of its split {split} are on this machine"
            raise MissingAsset(located.id, reason, hint="delete it from the hub cache to fetch it anew")
        name = SPLIT_NAMES.get(split, split)
        if name in frames:
            raise BadValue("data.source", f"two of its splits could be {name}", subject=located.id)
        frames[name] = frame
    return frames if len(frames) > 1 else {"all": next(iter(frames.values()))}


def _named(frame: pd.DataFrame, features: Any, source: str) -> pd.DataFrame:
    """Put the names of classes where a file has their codes, as the card says; a file may have the names, too."""
    from datasets import ClassLabel

    classes = {column: kind.names for column, kind in features.items() if isinstance(kind, ClassLabel)}
    for column, names in classes.items():
        if column not in frame:
            raise Unparsable(source, f"its card tells of a column {column!r}, which its files do not have")
        # Test labels that are kept back are coded -1.
        meant = {**dict(zip(names, names, strict=True)), **{str(n): name for n, name in enumerate(names)}, "-1": None}
        values = frame[column].map(spelled, na_action="ignore")
        if not values.dropna().isin(list(meant)).all():
            raise Unparsable(source, f"column {column!r} holds values that are none of the {len(names)} classes")
        frame[column] = values.map(meant)
    return frame


def _built(located: LocatedData, split: str, paths: tuple[Path, ...], features: Any) -> pd.DataFrame:
    """Read files with the `datasets` library."""
    from datasets import load_dataset
    from datasets.exceptions import DatasetGenerationError

    builders = {BUILDERS.get(path.suffix.lower()) for path in paths}
    builder = builders.pop() if len(builders) == 1 else None
    if builder is None:
        names = ", ".join(sorted({path.name for path in paths})[:4])
        raise Unparsable(located.id, f"cannot read the files of its split {split}: {names}")
    files = {"train": [str(path) for path in paths]}
    with scratch_folder() as scratch, _quiet():
        try:
            table = load_dataset(builder, data_files=files, split="train", features=features, cache_dir=str(scratch))
        except (DatasetGenerationError, ValueError, OSError) as error:
            if trouble := _trouble(error):
                raise trouble from error
            cause = type(error.__cause__ or error).__name__
            raise Unparsable(located.id, f"the files of its split {split} cannot be read ({cause})") from None
        frame = with_exact_numbers(table.data.to_pandas(**UNCHANGED))
        named = with_class_names(frame, table.features)
        del table
    return named


def _trouble(error: BaseException | None) -> OSError | None:
    """Return what is wrong with the disk, where that is what made the tables unreadable."""
    if isinstance(error, OSError) and error.errno in TROUBLE:
        return error
    return _trouble(error.__cause__) if error is not None else None


def with_class_names(frame: pd.DataFrame, features: Any) -> pd.DataFrame:
    """Put the names of classes where a table has their codes. features: column -> type of the `datasets` library."""
    from datasets import ClassLabel

    for column, kind in features.items():
        if isinstance(kind, ClassLabel) and column in frame:
            # Test labels that are kept back are coded -1.
            codes = frame[column].astype("Int64")
            frame[column] = [None if code is pd.NA or code < 0 else kind.names[code] for code in codes]
    return frame


UNCHANGED = {"integer_object_nulls": True}
"""How to take whole numbers over from Arrow, which else become floats in a column with a gap."""


def with_exact_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return columns that a library left as objects, being whole numbers with gaps, as floats where none is changed.

    Half floats, which pandas has no index of, become floats as well.
    """
    for column in [name for name, kind in frame.dtypes.items() if pd.api.types.is_object_dtype(kind)]:
        held = frame[column].dropna()
        whole = pd.api.types.infer_dtype(held) == "integer"
        if whole and all(abs(value) < EXACT for value in held):
            frame[column] = frame[column].astype(float)
    return frame.astype(dict.fromkeys(frame.select_dtypes("float16").columns, float))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's progress bars out of notebooks and terminals."""
    from datasets.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    before = are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if not before:
            enable_progress_bars()
