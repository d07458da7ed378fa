"""Texts that stand more than once: counted always, left out where the experiment says `deduplicate: true`.

Imported by `data`. Two texts are the same when every character is.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd

__all__ = ["contradictory", "without_repeats"]

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
