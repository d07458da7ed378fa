"""Counts what is in a split, for the record and the data card.

Imported by `data`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.record import SplitFacts
from bakeoff.tuning.repeats import contradictory

__all__ = ["Origin", "split_facts"]


@dataclass(frozen=True)
class Origin:
    """Where the texts of a split are from. split: the source's own, "all" where it has none; n: texts that one had."""

    split: str
    n: int


def split_facts(
    frame: pd.DataFrame, names: tuple[str, ...], *, origin: Origin | None = None, groups: pd.Series | None = None
) -> SplitFacts:
    """Describe one split.

    frame: columns item_id, text and label; names: of the classes; groups: (N,)
    """
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
        contradictory=int(contradictory(frame).sum()),
        source_split=origin.split if origin else None,
        source_n=origin.n if origin else None,
        groups=None if groups is None else int(groups.nunique()),
    )
