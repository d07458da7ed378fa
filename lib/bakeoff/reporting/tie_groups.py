"""Which methods the data do not separate: letters, shared by those of which none was shown to be better.

Only `reporting` imports this.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from string import ascii_lowercase

from bakeoff.reporting.verdicts import Comparison

__all__ = ["letters", "tie_groups"]

Pairs = Collection[frozenset[str]]


def tie_groups(comparison: Comparison) -> dict[str, tuple[str, ...]]:
    """Return the letters of each method, from the verdicts over all pairs; a method comparable to no other has none.

    Two methods share a letter exactly where they were compared and neither was better. Who could not be compared with
    whom is not tied with it either.
    """
    compared = [pair for pair in comparison.pairs if pair.difference]
    known = {name for pair in compared for name in (pair.first, pair.second)}
    names = [one.name for one in sorted(comparison.methods, key=lambda one: -one.mean) if one.name in known]
    tied = {frozenset((pair.first, pair.second)) for pair in compared if pair.better is None}
    return letters(names, {frozenset(pair) for pair in combinations(names, 2)} - tied)


def letters(names: Sequence[str], apart: Pairs) -> dict[str, tuple[str, ...]]:
    """Return the letters of each name, so that two share one exactly where they are not in `apart`.

    names: distinct, best first; "a" goes to a group that holds the first
    Source: insert and absorb, Piepho 2004, "An algorithm for a letter-based representation of all-pairwise
    comparisons", J. Comput. Graph. Stat. 13(2), without its last step, which drops letters that only repeat what
    others say: here a letter stands for each largest group.
    """
    groups = [frozenset(names)] if names else []
    for pair in sorted(apart, key=lambda pair: sorted(map(names.index, pair))):
        split = [group - {name} for group in groups if pair <= group for name in pair]
        groups = _absorbed([*(group for group in groups if not pair <= group), *split])
    ordered = sorted(groups, key=lambda group: sorted(map(names.index, group)))
    return {name: tuple(_letter(place) for place, group in enumerate(ordered) if name in group) for name in names}


def _absorbed(groups: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Leave out groups that lie within another."""
    distinct = list(dict.fromkeys(groups))
    return [one for one in distinct if not any(one < other for other in distinct)]


def _letter(place: int) -> str:
    """Return a, b, ..., z, a', b', ..."""
    return ascii_lowercase[place % 26] + "'" * (place // 26)
