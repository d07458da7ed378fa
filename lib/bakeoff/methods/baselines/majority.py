"""The most frequent class of the training texts, always: what accuracy is worth when nothing is learnt from text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from typing_extensions import override

from bakeoff.methods.base import ClassicalMethod, Scorer
from bakeoff.system.digests import bytes_of, from_json

__all__ = ["Majority", "MajorityScorer"]


FILE = "majority.json"


class MajorityScorer(Scorer):
    """Gives every text the classes' shares among the training texts. counts: (C,) texts per class."""

    def __init__(self, counts: Sequence[int]) -> None:
        self.counts = [int(count) for count in counts]

    @override
    def scores(self, texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """Return the logarithm of each class's share, one added to every count; of equals the first class wins."""
        smoothed = np.asarray(self.counts, dtype=np.float64) + 1
        shares = np.log(smoothed / smoothed.sum()).astype(np.float32)
        return np.tile(shares, (len(texts), 1))

    @override
    def save(self, folder: Path) -> None:
        """Write the counts."""
        (folder / FILE).write_text(json.dumps({"counts": self.counts}) + "\n", encoding="utf-8", newline="\n")

    @property
    @override
    def parameters(self) -> int:
        """One count a class."""
        return len(self.counts)


class Majority(ClassicalMethod):
    """Counts classes."""

    kind = "majority"
    summary = "Majority class: the most frequent class of the training texts, whatever the text."
    seeded = False
    counts_only = True
    baseline = True

    @override
    def fit(
        self, texts: Sequence[str], labels: np.ndarray[Any, Any], *, n_classes: int, config: Any, seed: int
    ) -> MajorityScorer:
        """Count the classes."""
        return MajorityScorer(np.bincount(labels, minlength=n_classes).tolist())

    @override
    def load(self, folder: Path) -> MajorityScorer:
        """Read the counts."""
        return MajorityScorer(from_json(bytes_of(folder / FILE))["counts"])
