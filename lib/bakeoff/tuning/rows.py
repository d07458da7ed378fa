"""Which rows of a table take part, and why the others do not.

Imported by `data`. Every row that is left out is counted under its reason.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment import Data
from bakeoff.tuning.labels import spelled
from bakeoff.tuning.masks import holds
from bakeoff.tuning.where import brief

__all__ = ["labelled_rows", "usable_rows"]


def usable_rows(
    table: pd.DataFrame, data: Data, dropped: Counter[str], *, drawn: bool, where: str | None = None
) -> pd.DataFrame:
    """Apply `data.where` and leave out rows without a text or a label.

    drawn: the splits are drawn from this table, so that a row without a group has no place
    where: the table is from, for errors
    Raises UnknownName for a column that is not there, BadValue for an expression that cannot be used.
    """
    asked = {"data.text": data.text, "data.label.column": data.label.column, "data.split.group": data.split.group}
    for key, column in asked.items():
        if column is not None and column not in table.columns:
            raise UnknownName(key, column, map(str, table.columns), kind="column", where=where)
    kept = table if data.where is None else _where(table, data.where, where)
    dropped["where"] += len(table) - len(kept)
    texts = kept[data.text].map(_text)
    dropped["no text"] += int(texts.isna().sum())
    kept = kept.assign(**{data.text: texts})[texts.notna()]
    for reason, column in {"no label": data.label.column, "no group": data.split.group if drawn else None}.items():
        if column is not None:
            there = ~_empty(kept[column])
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
            "text": kept[data.text].to_numpy(),
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


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return None
    text = str(value)
    return text if text.strip() else None


def _where(table: pd.DataFrame, expression: str, where: str | None) -> pd.DataFrame:
    try:
        mask = holds(table, expression)
    except BadValue as error:
        raise BadValue(error.what, error.reason, where=where, hint=error.hint) from None
    if len(table) and not mask.any():
        raise BadValue("data.where", f"{brief(expression)} is true for none of the {len(table):,} rows", where=where)
    return table[mask]
