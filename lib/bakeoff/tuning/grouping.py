"""Draws whole groups of rows, so that no film, author or conversation stands in two splits.

Imported by `splitting`. A random draw that is about as large as asked for is improved, one group moved or exchanged
at a time, until its size and its classes come no nearer to what was asked for.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bakeoff.errors import BadValue

__all__ = ["draw_groups"]

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]
Floats = npt.NDArray[np.float64]
STEPS = 200  # improvements at most; each lowers the distance, so that it ends by itself long before
CANDIDATES = 100  # groups on each side that a step considers
ABSENT = 1000.0  # distance of a class that is in no group drawn, or in too few that remain
FURTHEST = 0.5  # share by which a split may miss its size before it is refused


def draw_groups(
    groups: Rows, labels: Rows, *, size: int, later: int, name: str, generator: np.random.Generator
) -> Rows:
    """Return the places, rising, of rows whose groups are drawn whole.

    groups, labels: (N,) group and class numbers; size: rows wanted; later: splits still to be drawn from the rest
    (none: rows are wanted that are all there are, or more: all are taken); name: of the split, for errors
    Raises BadValue where whole groups cannot come near.
    """
    kinds = np.unique(labels)
    numbers, place = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(numbers), len(kinds)))
    np.add.at(counts, (place, np.searchsorted(kinds, labels)), 1)
    if len(numbers) < later + 1:
        raise BadValue("data.split.group", f"{len(numbers)} groups are left for {later + 1} splits")
    chosen = np.ones(len(numbers), dtype=bool)
    if later or size < len(labels):
        chosen = _choose(counts, size, later, generator)
    rows = chosen[place]
    _check(int(rows.sum()), size, counts, name)
    return np.flatnonzero(rows)


def _choose(counts: Floats, size: int, later: int, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Return (G,) which groups to take. counts: (G, C) rows of each class in each group."""
    order = generator.permutation(len(counts))
    reached = np.cumsum(counts.sum(axis=1)[order])
    first = int(np.abs(reached - size).argmin()) + 1
    chosen = np.zeros(len(counts), dtype=bool)
    chosen[order[: min(first, len(counts) - later)]] = True
    for _ in range(STEPS):
        inside, outside = np.flatnonzero(chosen), np.flatnonzero(~chosen)
        inside, outside = (
            generator.choice(some, size=min(len(some), CANDIDATES), replace=False) for some in (inside, outside)
        )
        step = _best_step(counts, chosen, inside, outside, size=size, later=later)
        if step is None:
            break
        chosen[list(step)] = ~chosen[list(step)]
    return chosen


def _best_step(
    counts: Floats, chosen: npt.NDArray[np.bool_], inside: Rows, outside: Rows, *, size: int, later: int
) -> tuple[int, ...] | None:
    """Return the groups to turn round (one, or one of each side) that lower the distance most, None for none."""
    present = np.hstack([counts, counts > 0])
    now, whole = present[chosen].sum(axis=0), present.sum(axis=0)
    steps: list[tuple[int, ...]] = [(int(group),) for group in (*inside, *outside)]
    changes = np.vstack([-present[inside], present[outside]])
    swaps = (present[outside][None, :, :] - present[inside][:, None, :]).reshape(-1, present.shape[1])
    distance = _distance(now + np.vstack([changes, swaps]), whole, size=size, later=later)
    best = int(distance.argmin())
    if distance[best] >= _distance(now[None], whole, size=size, later=later)[0] - 1e-12:
        return None
    if best < len(steps):
        return steps[best]
    i, o = divmod(best - len(steps), len(outside))
    return int(inside[i]), int(outside[o])


def _distance(reached: Floats, whole: Floats, *, size: int, later: int) -> Floats:
    """Return (S,) how far draws are from what is wanted.

    reached: (S, 2 C) rows of each class drawn, then groups with that class; whole: (2 C,) the same of all
    """
    kinds = len(whole) // 2
    rows, groups = reached[:, :kinds], reached[:, kinds:]
    wanted = size * whole[:kinds] / whole[:kinds].sum()
    off_size = ((rows.sum(axis=1) - size) / size) ** 2
    off_classes = (((rows - wanted) / wanted) ** 2).mean(axis=1)
    too_few = np.maximum(1 - groups, 0) + np.maximum(groups - (whole[kinds:] - later), 0)
    distance: Floats = kinds * off_size + off_classes + ABSENT * too_few.sum(axis=1)
    return distance


def _check(got: int, size: int, counts: Floats, name: str) -> None:
    if abs(got - size) > FURTHEST * size or got == 0:
        largest = int(counts.sum(axis=1).max())
        raise BadValue(
            f"data.split.{name}",
            f"whole groups come no nearer to {size:,} texts than {got:,}; the largest group has {largest:,}",
            hint="ask for other sizes, drop that group, or leave `group` out",
        )
