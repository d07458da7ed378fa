"""Reads a data set of a hub with the `datasets` library: its configuration, its classes by their names.

Imported by `tables`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from bakeoff.errors import BadValue, MissingAsset, Unparsable
from bakeoff.sources import SPLIT_NAMES, LocatedData
from bakeoff.tuning.quotes import quoting

__all__ = ["read_hub"]

BUILDERS: dict[str, tuple[str, dict[str, Any]]] = {
    ".csv": ("csv", {"sep": ","}),
    ".json": ("json", {}),
    ".jsonl": ("json", {}),
    ".parquet": ("parquet", {}),
    ".tsv": ("csv", {"sep": "\t"}),
}


def read_hub(located: LocatedData) -> dict[str, pd.DataFrame]:
    """Return split -> rows; a set without a test split of its own and with one split only is returned as "all".

    Splits are called train, validation and test, whatever the hub calls them; others keep their names.
    Raises MissingAsset where the card tells of more rows than there are, Unparsable for files that cannot be read.
    """
    from datasets.info import DatasetInfosDict

    known = DatasetInfosDict.from_directory(str(located.folder)) if located.folder else {}
    facts = known.get(located.config or "default")
    frames: dict[str, pd.DataFrame] = {}
    for split, paths in located.parts.items():
        frame = _read(located, split, paths, facts.features if facts else None)
        promised = facts.splits.get(split) if facts and facts.splits else None
        if promised and promised.num_examples not in (None, len(frame)):
            reason = f"{len(frame):,} rows of {promised.num_examples:,} of its split {split} are on this machine"
            raise MissingAsset(located.id, reason, hint="delete it from the hub cache to fetch it anew")
        name = SPLIT_NAMES.get(split, split)
        if name in frames:
            raise BadValue(f"data.source {located.id}", f"two of its splits could be {name}")
        frames[name] = frame
    return frames if len(frames) > 1 else {"all": next(iter(frames.values()))}


def _read(located: LocatedData, split: str, paths: tuple[Path, ...], features: Any) -> pd.DataFrame:
    from datasets import ClassLabel, load_dataset
    from datasets.exceptions import DatasetGenerationError

    kinds = {path.suffix.lower() for path in paths}
    builder, options = BUILDERS.get(kinds.pop(), ("", {})) if len(kinds) == 1 else ("", {})
    if not builder:
        names = ", ".join(sorted({path.name for path in paths})[:4])
        raise Unparsable(located.id, f"cannot read the files of its split {split}: {names}")
    if builder == "csv":  # files of one split are of one writer
        quotes = (quoting(path.name, path.read_bytes().decode(errors="replace"), options["sep"]) for path in paths)
        options = {**options, "quoting": max(quotes)}
    files = {"train": [str(path) for path in paths]}
    with TemporaryDirectory() as scratch, _quiet():
        try:
            table = load_dataset(
                builder, data_files=files, split="train", features=features, cache_dir=scratch, **options
            )
        except (DatasetGenerationError, ValueError, OSError) as error:
            cause = type(error.__cause__ or error).__name__
            raise Unparsable(located.id, f"the files of its split {split} cannot be read ({cause})") from None
        frame: pd.DataFrame = table.to_pandas()
        for column, kind in table.features.items():
            if isinstance(kind, ClassLabel):
                # Test labels that are kept back are coded -1.
                frame[column] = [kind.names[code] if code is not None and code >= 0 else None for code in table[column]]
        del table
    return frame


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
