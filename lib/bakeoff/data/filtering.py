"""Which rows take part: usable, kept by `where`, not repeated; every row left out is counted under its reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.labels import one_label, spelled
from bakeoff.data.masks import holds
from bakeoff.data.schema import Data
from bakeoff.data.where import brief
from bakeoff.errors import BadValue, UnknownName
from bakeoff.system.spreadsheets import with_columns

__all__ = ["PAIR", "contradictory", "labelled_rows", "texts_of", "usable_rows", "without_repeats"]


PAIR = "\x1f"
"""Stands between the two texts of a pair where they are one string; in a text of its own it is a space."""


def usable_rows(
    table: pd.DataFrame, data: Data, dropped: Counter[str], *, drawn: bool, where: str | None = None
) -> pd.DataFrame:
    """Apply `data.where` and leave out rows without a text or a label.

    drawn: the splits are drawn from this table, so that a row without a group has no place
    where: the table is from, for errors
    Raises UnknownName for a column that is not there, BadValue for an expression that cannot be used.
    """
    asked = [*(("data.text", column) for column in data.texts), ("data.label.column", data.label.column)]
    if data.split.group is not None:
        asked.append(("data.split.group", data.split.group))
    for key, column in asked:
        if column not in table.columns:
            raise UnknownName(key, column, map(str, table.columns), kind="column", where=where)
    kept = table if data.where is None else _where(table, data.where, where)
    dropped["where"] += len(table) - len(kept)
    texts = texts_of(kept, data)
    dropped["no text"] += int(texts.isna().sum())
    labels = one_label(kept[data.label.column], data.label.column)
    kept = with_columns(kept, {data.texts[0]: texts, data.label.column: labels})[texts.notna()]
    for reason, code in {"no label": data.label.column, "no group": data.split.group if drawn else None}.items():
        if code is not None:
            there = ~_empty(kept[code])
            dropped[reason] += int((~there).sum())
            kept = kept[there]
    return kept


def labelled_rows(table: pd.DataFrame, data: Data, classes: pd.Series, dropped: Counter[str]) -> pd.DataFrame:
    """Keep rows that have a class, as the columns item_id, text, label and group (None without one) of a split."""
    has_class = classes.notna().to_numpy()
    for value, count in table[data.label.column][~has_class].map(spelled).value_counts().items():
        dropped[f"label {value}"] += int(count)
    kept = table[has_class]
    return pd.DataFrame(
        {
            "item_id": kept.index.to_numpy(),
            "text": kept[data.texts[0]].to_numpy(),
            "label": classes.to_numpy()[has_class].astype(np.int64),
            "group": _groups(kept, data.split.group),
        }
    )


def _groups(table: pd.DataFrame, column: str | None) -> Any:
    if column is None:
        return None
    # A row whose group is not known is a group of its own.
    return table[column].map(spelled).where(~_empty(table[column]), "\0" + table.index.to_series()).to_numpy()


def _empty(column: pd.Series) -> pd.Series:
    return column.isna() | column.map(lambda value: isinstance(value, str) and not value.strip())


def texts_of(table: pd.DataFrame, data: Data) -> pd.Series:
    """Return the text of each row, None where there is none; a pair is one string, with PAIR between its two texts.

    Raises BadValue where a column holds what is no text and no number.
    """
    for column in data.texts:
        if any(isinstance(value, NO_TEXTS) for value in table[column]):
            reason = f"column {brief(column)} holds lists, objects or bytes, which are no texts"
            raise BadValue("data.text", reason, hint="name another column")
    found = table[data.texts[0]].map(_text)
    for column in data.texts[1:]:
        later = table[column].map(_text)
        found = (found + PAIR + later).where(found.notna() & later.notna(), None)
    return found


NO_TEXTS = (list, tuple, set, dict, bytes, bytearray, np.ndarray)


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return None
    text = str(value).replace(PAIR, " ")
    return text if text.strip() else None


def _where(table: pd.DataFrame, expression: str, where: str | None) -> pd.DataFrame:
    try:
        mask = holds(table, expression)
    except BadValue as error:
        error.where = where
        raise
    if len(table) and not mask.any():
        raise BadValue("data.where", f"{brief(expression)} is true for none of the {len(table):,} rows", where=where)
    return table[mask]


LATER = {"train": ("validation", "test"), "validation": ("test",), "test": (), "all": ()}


def contradictory(frame: pd.DataFrame) -> pd.Series:
    """Mark rows whose text has stood before with another label.

    frame: columns text and label; returns (N,) bool
    """
    first = frame.groupby("text", sort=False)["label"].transform("first")
    return frame["text"].duplicated() & (frame["label"] != first)


def without_repeats(frames: dict[str, pd.DataFrame], dropped: Counter[str]) -> dict[str, pd.DataFrame]:
    """Keep the first of each text in each split, and in train and validation none that is judged on later.

    What is left out is counted in `dropped`. Test texts lose their own repeats only, so that what is known of them
    elsewhere stays comparable.
    """
    kept = {}
    for split, frame in frames.items():
        repeated, other = frame["text"].duplicated(), contradictory(frame)
        dropped["repeated text"] += int((repeated & ~other).sum())
        dropped["repeated text with another label"] += int(other.sum())
        kept[split] = frame[~repeated]
    for split in kept:
        for later in LATER[split]:
            if later in kept:
                seen = kept[split]["text"].isin(kept[later]["text"])
                dropped[f"{split} text also in {later}"] += int(seen.sum())
                kept[split] = kept[split][~seen]
    return {split: frame.reset_index(drop=True) for split, frame in kept.items()}
