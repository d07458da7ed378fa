"""How large a comparison is drafted for the time there is: what is given up first, and what it would have needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

__all__ = ["FEWEST_SEEDS", "SEEDS", "WHOLE", "Extent", "Scale", "fitting", "smaller"]


SEEDS = (41, 42, 43, 44, 45)
FEWEST_SEEDS = 3
"""For claims about methods."""
TRIALS, FEWER_TRIALS = 8, 4
"""Learning rates that each tuned method is tried with."""
SPLITS = ("train", "validation", "test")
SIZES = ((4_000, 1_000, 2_000), (2_000, 500, 2_000), (1_000, 250, 1_000), (500, 250, 500))
"""Texts of each split at most, larger ones first; test texts last, since every claim rests on them."""


@dataclass(frozen=True)
class Scale:
    """What is drafted of the whole.

    seeds: their number; trials: of every tuned method, 0 where none is; swept: whether a list of values is; most: texts
    of train, validation and test at most, None for the proposed sizes; without: methods that are left out
    """

    seeds: int = len(SEEDS)
    trials: int = TRIALS
    swept: bool = True
    most: tuple[int, int, int] | None = None
    without: tuple[str, ...] = ()

    def sizes(self, whole: Mapping[str, int]) -> dict[str, int]:
        """Return split -> texts. whole: those of the proposed sizes."""
        most = self.most or tuple(whole[split] for split in SPLITS)
        return {split: min(whole[split], n) for split, n in zip(SPLITS, most, strict=True)}


WHOLE = Scale()


@dataclass(frozen=True)
class Extent:
    """How much is drafted, and why not more.

    sizes: of the splits, where they are not the proposed ones; five: what five seeds would need, where fewer are
    drafted; given_up: lines on what was given up for the time there is
    """

    scale: Scale = WHOLE
    sizes: Mapping[str, int] | None = None
    five: str | None = None
    given_up: tuple[str, ...] = ()


def smaller(whole: Mapping[str, int]) -> Iterator[tuple[str, Callable[[Scale], Scale]]]:
    """Yield what is given up, first to last, in words that "... minutes" may follow, and what is left without it.

    Seeds beyond the fewest go first, since they sharpen every claim and carry none; then the search for learning
    rates, half of it first, and the sweep, then texts down to a quarter of what a first look takes, a method, more
    texts, and last seeds without which nothing can be claimed.
    """

    def fewer(place: int) -> Iterator[tuple[str, Callable[[Scale], Scale]]]:
        had = min(whole["train"], SIZES[place - 1][0]) if place else whole["train"]
        if SIZES[place][0] < had:
            yield f"{had:,} training texts need", lambda scale: replace(scale, most=SIZES[place])

    yield "five seeds need", lambda scale: replace(scale, seeds=FEWEST_SEEDS)
    for trials, left in ((TRIALS, FEWER_TRIALS), (FEWER_TRIALS, 0)):
        what = f"{trials} learning rates of every tuned method need"
        yield what, lambda scale, left=left: replace(scale, trials=left)  # type: ignore[misc]
    yield "three seeds with the sweep of lora's rank need", lambda scale: replace(scale, swept=False)
    for place in (0, 1):
        yield from fewer(place)
    yield "prefix beside the others needs", lambda scale: replace(scale, without=("prefix",))
    yield from fewer(2)
    yield from fewer(3)
    yield "three seeds need", lambda scale: replace(scale, seeds=1)


def fitting(
    whole: Mapping[str, int], seconds: Callable[[Scale], float | None], *, most_s: float
) -> tuple[Scale, dict[str, float]]:
    """Return the largest scale that fits into so many seconds, else the smallest; what was given up -> its seconds.

    seconds: what a scale takes, None where it cannot be drafted
    """
    scale, given_up = WHOLE, {}
    needed = seconds(scale)
    for what, step in smaller(whole):
        if needed is None or needed <= most_s:
            break
        left = step(scale)
        needs = seconds(left)
        if needs is not None and needs < needed:
            given_up[what] = needed
            scale, needed = left, needs
    return scale, given_up
