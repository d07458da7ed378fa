"""Proposes how many texts go where, so that every class has room in each split: what is drafted was drawn once."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.schema import Split
from bakeoff.errors import BadValue, shown

__all__ = ["fewest", "propose_sizes"]


SIZES: dict[str, float | int] = {"train": 8_000, "validation": 2_000, "test": 2_000}
SHARES: tuple[dict[str, float | int], ...] = (
    {"train": 0.7, "validation": 0.15, "test": 0.15},
    {"train": 0.6, "validation": 0.2, "test": 0.2},
    {"train": 0.5, "validation": 0.25, "test": 0.25},
)
FROM_TRAIN: tuple[dict[str, float | int], ...] = ({"validation": 0.1}, {"validation": 0.2}, {"validation": 0.3})
FEWEST = 10
"""Texts a class needs to stand in every split and be measured at all, where shares are drawn."""


def fewest(n: int, *, own: bool) -> int:
    """Return how many texts a class needs. n: texts there are; own: the source brings train and test.

    A draw of 2,000 has room for a class with one of 2,000 texts; one more, as the draw before may have rounded up.
    """
    return FEWEST if own or n < sum(SIZES.values()) else max(FEWEST, ceil(n / SIZES["test"]) + 1)


def propose_sizes(labels: Mapping[str, pd.Series]) -> dict[str, float | int]:
    """Return the sizes for `data.split`: counts where there are so many texts that a first look need not take all.

    labels: split ("all", or those of the source) -> class of each text that is left
    Returns nothing where the source brings all three splits; raises BadValue where no sizes would do.
    """
    codes, classes = pd.factorize(pd.concat(list(labels.values())))
    ends = np.cumsum([len(column) for column in labels.values()])[:-1]
    numbers = dict(zip(labels, np.split(codes, ends), strict=True))
    for sizes in _candidates(labels):
        try:
            _draw(numbers, Split.model_validate(sizes))
        except BadValue:
            continue
        return dict(sizes)
    rarest = int(np.bincount(codes).argmin())
    held = int((codes == rarest).sum())
    said = f"too few texts to have every class in train, validation and test: {shown(classes[rarest])} has {held}"
    raise BadValue("--data", f"{said} of {len(codes):,}", hint="bring more texts of it, or name another --label")


def _candidates(labels: Mapping[str, pd.Series]) -> tuple[dict[str, float | int], ...]:
    """Return sizes in the order in which they are liked."""
    if "all" not in labels:
        return ({},) if "validation" in labels else FROM_TRAIN
    return (SIZES, *SHARES) if len(labels["all"]) >= sum(SIZES.values()) else SHARES


def _draw(numbers: Mapping[str, Any], split: Split) -> None:
    """Divide as a run does; raises BadValue."""
    from bakeoff.data.splitting import draw_own, draw_splits

    if "all" in numbers:
        draw_splits(numbers["all"], split)
    else:
        draw_own(dict(numbers), split)
