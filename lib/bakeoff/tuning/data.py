"""From a located source to the three splits every method sees.

`load_splits` is the only way in; reading, labelling and drawing lie in `tables`, `labels` and `splitting`. Imported
by `trainee` and by notebooks.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment import Data
from bakeoff.record import SplitFacts
from bakeoff.run import canonical
from bakeoff.sources import LocatedData
from bakeoff.tuning.labels import to_classes
from bakeoff.tuning.splitting import draw_splits
from bakeoff.tuning.tables import read_tables

__all__ = ["SPLITS", "Splits", "load_splits"]

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Splits:
    """The texts and labels of an experiment.

    label_names: class names, by class number
    train, validation, test: frames with columns item_id (str), text (str) and label (int), in the source's order
    dropped: reason -> number of rows left out before drawing
    """

    label_names: tuple[str, ...]
    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame
    dropped: dict[str, int]

    def __getitem__(self, split: str) -> pd.DataFrame:
        """Return a split by name; raises UnknownName."""
        if split not in SPLITS:
            raise UnknownName("split", split, SPLITS, kind="split")
        frame: pd.DataFrame = getattr(self, split)
        return frame

    def facts(self) -> dict[str, SplitFacts]:
        """Describe each split for the data card."""
        return {split: _facts(self[split], self.label_names) for split in SPLITS}

    def overlap(self) -> dict[str, int]:
        """Return "train/test" and the like -> texts of the later split that stand in the earlier one, too."""
        pairs = combinations(SPLITS, 2)
        return {f"{first}/{then}": int(self[then]["text"].isin(self[first]["text"]).sum()) for first, then in pairs}

    def comparability_sha256(self) -> str:
        """Hash what two runs must share to stand in one table: classes, and every split's ids, texts and labels."""
        digest = hashlib.sha256(canonical(list(self.label_names)).encode())
        for split in SPLITS:
            rows = self[split][["item_id", "text", "label"]].to_numpy(dtype=object).tolist()
            digest.update(canonical([split, rows]).encode())
        return digest.hexdigest()


def load_splits(data: Data, located: LocatedData) -> Splits:
    """Read, filter, label and divide a source; the same file and settings always give the same rows in one order.

    Raises UnknownName for a column that is not there, BadValue for an expression, label or split that cannot be
    used, Unparsable for a broken file.
    """
    dropped: Counter[str] = Counter()
    tables = {split: _kept(table, data, dropped) for split, table in read_tables(located).items()}
    names, classes = to_classes({split: table[data.label.column] for split, table in tables.items()}, data.label)
    frames = {split: _labelled(table, data, classes[split], dropped) for split, table in tables.items()}
    if data.split is not None:
        whole = frames["all"]
        rows = draw_splits(whole["label"].to_numpy(), data.split)
        frames = {split: whole.iloc[rows[split]].reset_index(drop=True) for split in SPLITS}
    _check(frames, names)
    return Splits(
        label_names=names,
        train=frames["train"],
        validation=frames["validation"],
        test=frames["test"],
        dropped={key: n for key, n in dropped.items() if n},
    )


def _kept(table: pd.DataFrame, data: Data, dropped: Counter[str]) -> pd.DataFrame:
    """Apply `where` and leave out rows without a text or a label, counting both."""
    columns = [column for column in table.columns if column != "item_id"]
    for key, column in (("data.text", data.text), ("data.label.column", data.label.column)):
        if column not in columns:
            raise UnknownName(key, column, [str(name) for name in columns], kind="column")
    kept = table if data.where is None else _where(table, data.where)
    dropped["where"] += len(table) - len(kept)
    texts = kept[data.text].map(_text)
    dropped["no text"] += int(texts.isna().sum())
    kept, texts = kept[texts.notna()], texts.dropna()
    has_label = kept[data.label.column].notna()
    dropped["no label"] += int((~has_label).sum())
    return kept.assign(**{data.text: texts})[has_label]


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return None
    text = str(value)
    return text if text.strip() else None


def _where(table: pd.DataFrame, expression: str) -> pd.DataFrame:
    try:
        # Empty scopes: an expression sees the columns and nothing of this program.
        mask = table.eval(expression, engine="python", local_dict={}, global_dict={})
    except Exception as error:  # noqa: BLE001 - pandas raises whatever its evaluator stumbles over
        reason = " ".join(str(error).split()) or type(error).__name__
        columns = ", ".join(str(column) for column in table.columns if column != "item_id")
        raise BadValue(
            "data.where", f"{expression!r} cannot be evaluated: {reason}", hint=f"columns: {columns}"
        ) from None
    if not (isinstance(mask, pd.Series) and pd.api.types.is_bool_dtype(mask)):
        raise BadValue("data.where", f"{expression!r} is not a condition that is true or false for each row")
    if len(table) and not mask.any():
        raise BadValue("data.where", f"{expression!r} is true for none of the {len(table):,} rows")
    return table[mask]


def _labelled(table: pd.DataFrame, data: Data, classes: pd.Series, dropped: Counter[str]) -> pd.DataFrame:
    """Keep rows that have a class, as the three columns every method sees."""
    has_class = classes.notna().to_numpy()
    dropped["label mapped to null"] += int((~has_class).sum())
    return pd.DataFrame(
        {
            "item_id": table["item_id"].to_numpy()[has_class],
            "text": table[data.text].to_numpy()[has_class],
            "label": classes.to_numpy()[has_class].astype(np.int64),
        }
    )


def _check(frames: dict[str, pd.DataFrame], names: tuple[str, ...]) -> None:
    for split in SPLITS:
        if frames[split].empty:
            raise BadValue("data", f"no text with a label is left for {split}")
    seen = set(frames["train"]["label"])
    missing = [name for number, name in enumerate(names) if number not in seen]
    if missing:
        raise BadValue(
            "data", f"no training text has the class {missing[0]!r}", hint="draw more texts or drop the class"
        )
    if len(names) < 2:  # noqa: PLR2004
        raise BadValue("data.label", f"there is only one class, {', '.join(names)}")


def _facts(frame: pd.DataFrame, names: tuple[str, ...]) -> SplitFacts:
    words = np.array([len(text.split()) for text in frame["text"]])
    counts = frame["label"].value_counts()
    return SplitFacts(
        n=len(frame),
        labels={name: int(counts.get(number, 0)) for number, name in enumerate(names)},
        item_ids_sha256=hashlib.sha256("\n".join(frame["item_id"]).encode()).hexdigest(),
        words_median=float(np.median(words)),
        words_p95=float(np.percentile(words, 95)),
        words_max=int(words.max()),
        duplicates=int(frame["text"].duplicated().sum()),
    )
