"""Draws train, validation and test texts out of one table.

Imported by `data`.
"""

from __future__ import annotations

import numpy as np

from bakeoff.errors import BadValue
from bakeoff.experiment import Split

__all__ = ["draw_splits"]

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]


def draw_splits(labels: Rows, split: Split) -> dict[str, Rows]:
    """Return split -> row numbers, rising.

    labels: (N,) class numbers
    The test texts are drawn first, so that they stay the same when only the other sizes change.
    Raises BadValue for sizes that the table or its smallest class cannot give.
    """
    sizes = _counts(len(labels), split)
    generator = np.random.default_rng(split.seed)
    rest = np.arange(len(labels))
    drawn = {}
    for name in ("test", "validation", "train"):
        if split.stratify:
            taken = _stratified(rest, labels[rest], sizes[name], generator)
            _check_classes(labels, taken, name)
        else:
            taken = generator.choice(rest, size=sizes[name], replace=False)
        drawn[name] = np.sort(taken)
        rest = np.setdiff1d(rest, taken, assume_unique=True)
    return {name: drawn[name] for name in ("train", "validation", "test")}


def _counts(total: int, split: Split) -> dict[str, int]:
    asked = {"train": split.train, "validation": split.validation, "test": split.test}
    # Rounding down keeps shares that add up to one from asking for a text too many.
    sizes = {name: int(size * total + 1e-9) if isinstance(size, float) else size for name, size in asked.items()}
    if sum(sizes.values()) > total:
        raise BadValue("data.split", f"asks for {sum(sizes.values()):,} texts where {total:,} are left")
    for name, size in sizes.items():
        if size < 1:
            raise BadValue(f"data.split.{name}", f"{asked[name]} of {total:,} texts is less than one")
    return sizes


def _stratified(rest: Rows, labels: Rows, size: int, generator: np.random.Generator) -> Rows:
    """Draw `size` rows with the class shares of `rest`, whole texts given by largest remainder."""
    classes, counts = np.unique(labels, return_counts=True)
    exact = size * counts / max(len(rest), 1)
    quota = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - quota), kind="stable")
    quota[order[: size - quota.sum()]] += 1
    wanted = zip(classes, quota, strict=True)
    return np.concatenate([generator.choice(rest[labels == kind], size=n, replace=False) for kind, n in wanted])


def _check_classes(labels: Rows, taken: Rows, name: str) -> None:
    missing = np.setdiff1d(labels, labels[taken])
    if len(missing):
        held = int((labels == missing[0]).sum())
        raise BadValue(
            f"data.split.{name}",
            f"{len(taken):,} texts have no room for a class with {held:,} of {len(labels):,} texts",
            hint="draw more, drop that class, or set `stratify: false`",
        )
