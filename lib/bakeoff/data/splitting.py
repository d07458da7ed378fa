"""Drawing train, validation and test: stratified, seeded, by groups."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bakeoff.data.schema import Split
from bakeoff.errors import BadValue, NoRoom

__all__ = ["draw_again", "draw_groups", "draw_own", "draw_splits"]


Rows = np.ndarray[tuple[int], np.dtype[np.int64]]
SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}
"""Sizes that are left out, where the source has no splits of its own."""
FROM_TRAIN = 0.1
"""Share of the training texts that a source without validation texts gives for them."""
ORDER = ("test", "validation", "train")


def draw_splits(labels: Rows, split: Split, groups: Rows | None = None) -> dict[str, Rows]:
    """Return split -> row numbers, rising, out of one table.

    labels: (N,) class numbers; groups: (N,) numbers of the groups that stay together
    Raises BadValue for sizes that the table, its smallest class or its groups cannot give.
    """
    sizes = _counts(len(labels), split)
    generator = np.random.default_rng(split.seed)
    rest = np.arange(len(labels))
    drawn = {}
    # Whole groups miss the sizes by a few texts: those belong to train where all texts were meant to be in a split.
    all_of_them = groups is not None and sum(sizes.values()) > len(labels) - len(ORDER)
    for place, name in enumerate(ORDER):
        size = len(rest) if name == "train" and all_of_them else sizes[name]
        taken = _drawn(rest, labels, size, name, split, generator, groups=groups, later=len(ORDER) - 1 - place)
        drawn[name] = np.sort(taken)
        rest = np.setdiff1d(rest, taken, assume_unique=True)
    return {name: drawn[name] for name in ("train", "validation", "test")}


def draw_own(
    labels: dict[str, Rows], split: Split, groups: dict[str, Rows] | None = None
) -> dict[str, tuple[str, Rows]]:
    """Return split -> the source's own split it comes from, and row numbers in that, rising.

    labels: the source's split -> (N,) class numbers; train and test are there, validation may be missing
    Without validation texts some of train are drawn for them. A size that is left out keeps all there is; shares are
    of the split that the texts come from.
    """
    found = {name: (name, np.arange(len(own))) for name, own in labels.items()}
    meant = None
    if "validation" not in labels:
        train, numbers = found["train"][1], groups["train"] if groups else None
        size = _count(FROM_TRAIN if split.validation is None else split.validation, len(train), "validation")
        generator = np.random.default_rng([split.seed, ORDER.index("validation")])
        taken = np.sort(_drawn(train, labels["train"], size, "validation", split, generator, groups=numbers, later=1))
        meant = len(train) - size if groups else None
        found |= {"validation": ("train", taken), "train": ("train", np.setdiff1d(train, taken, assume_unique=True))}
    for name, own in labels.items():
        found[name] = (name, _fewer(own, found[name][1], name, split, meant=meant))
    return {name: found[name] for name in ("train", "validation", "test")}


def draw_again(labels: Rows, split: Split, *, seed: int, size: int, groups: Rows | None = None) -> Rows:
    """Return the places, rising, of the training texts that a seed draws for itself.

    labels: (N,) class numbers of all texts to draw from; groups: (N,) numbers of the groups that stay together
    Without groups, the draws of one seed are nested: fewer texts are a part of more.
    """
    generator = np.random.default_rng([split.seed, ORDER.index("train"), seed])
    if groups is None:
        return np.sort(_in_random_order(labels, generator, stratify=split.stratify)[:size])
    classes = labels if split.stratify else np.zeros(len(labels), dtype=np.int64)
    return draw_groups(groups, classes, size=size, later=0, name="train", generator=generator)


def _in_random_order(labels: Rows, generator: np.random.Generator, *, stratify: bool) -> Rows:
    """Return a permutation; stratify: such that the first n of it have the class shares of the whole, for any n.

    Every class once comes first, then each seat by the method of Webster and Sainte-Lague, which never takes one back.
    """
    order = generator.permutation(len(labels))
    if not stratify:
        return order
    own = labels[order]
    rank = np.zeros(len(own))
    for kind in np.unique(own):
        n = int((own == kind).sum())
        rank[own == kind] = np.concatenate([[0.0], (np.arange(1, n) + 0.5) / n])
    return order[np.lexsort((own, rank))]


def _fewer(labels: Rows, rows: Rows, name: str, split: Split, *, meant: int | None) -> Rows:
    """Draw as many of a split's own texts as were asked for.

    labels: (N,) of all its texts; rows: those of them that are left; meant: how many texts of train would be, had
    whole groups not missed the size of validation by a few
    """
    asked = getattr(split, name)
    if asked is None:
        return rows
    size, gone = _count(asked, len(labels), name), len(labels) - len(rows)
    if name == "train" and meant is not None and size <= meant < size + len(ORDER):
        return rows  # all texts were meant to be in a split
    if size > len(rows):
        less = f", of which {gone:,} go to validation" if gone else ""
        reason = f"asks for {size:,} texts where the source's own has {len(labels):,}{less}"
        raise BadValue(f"data.split.{name}", reason, hint=f"ask for {len(rows):,} at most" if gone else None)
    generator = np.random.default_rng([split.seed, ORDER.index(name)])
    # Groups are whole in a split of the source's own; taking fewer of its texts puts none into two.
    return np.sort(_drawn(rows, labels, size, name, split, generator))


def _drawn(
    rest: Rows,
    labels: Rows,
    size: int,
    name: str,
    split: Split,
    generator: np.random.Generator,
    *,
    groups: Rows | None = None,
    later: int = 0,
) -> Rows:
    """Draw rows out of `rest`; later: how many splits are still to be drawn from what remains."""
    if groups is None and size > len(rest):
        raise BadValue(f"data.split.{name}", f"asks for {size:,} texts where {len(rest):,} are left")
    if groups is not None:
        classes = labels[rest] if split.stratify else np.zeros(len(rest), dtype=np.int64)
        taken = rest[draw_groups(groups[rest], classes, size=size, later=later, name=name, generator=generator)]
    elif split.stratify:
        taken = _stratified(rest, labels[rest], size, generator)
    else:
        taken = generator.choice(rest, size=size, replace=False)
    if split.stratify:
        _check_classes(labels, taken, name)
    return taken


def _counts(total: int, split: Split) -> dict[str, int]:
    asked = {name: getattr(split, name) for name in SHARES}
    if any(size is not None for size in asked.values()):
        usual = {"train": None, "validation": SHARES["validation"], "test": SHARES["test"]}
    else:
        usual = dict(SHARES)
    settled = {name: usual[name] if size is None else size for name, size in asked.items()}
    left_out = [name for name, size in settled.items() if size is not None and asked[name] is None]
    shares = {name: size for name, size in settled.items() if isinstance(size, float)}
    if sum(shares.values()) > 1 + 1e-9:
        listed = ", ".join(f"{name} {size:g}" for name, size in shares.items())
        raise BadValue("data.split", f"the shares add up to more than one: {listed}", hint=_usual(left_out))
    sizes = {name: _count(size, total, name) for name, size in settled.items() if size is not None}
    asked_for = sum(sizes.values())
    if "train" not in sizes and asked_for >= total:
        reason = f"asks for {asked_for:,} texts of {total:,} and leaves none for train"
        raise BadValue("data.split", reason, hint=_usual(left_out))
    sizes.setdefault("train", total - asked_for)
    if asked_for > total:
        listed = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
        hint = "; ".join(filter(None, (f"asked: {listed}", _usual(left_out))))
        raise BadValue("data.split", f"asks for {asked_for:,} texts where {total:,} are left", hint=hint)
    return sizes


def _usual(left_out: list[str]) -> str | None:
    """Say which sizes nobody asked for, and what to do about them; None where all were."""
    if not left_out:
        return None
    usual = " and ".join(f"{name}, which gets {SHARES[name]:g} then," for name in left_out)
    return f"{usual} is left out in the file: say how much it is to have, and ask for less of the others"


def _count(size: float, total: int, name: str) -> int:
    # Rounding down keeps shares that add up to one from asking for a text too many.
    count = int(size * total + 1e-9) if isinstance(size, float) else size
    if count < 1:
        raise BadValue(f"data.split.{name}", f"{size} of {total:,} texts is less than one")
    return count


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
        raise NoRoom(f"data.split.{name}", missing.tolist(), held=held, size=len(taken), total=len(labels))


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
