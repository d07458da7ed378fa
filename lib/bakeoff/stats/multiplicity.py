"""Many comparisons at once: Holm's correction, equivalence tests, letters of groups that the data do not separate."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from string import ascii_lowercase

import numpy as np

from bakeoff.stats.difference import Difference

__all__ = ["equivalence_p", "holm", "letters"]


def holm(p_values: Sequence[float], *, more: int = 0) -> tuple[float, ...]:
    """Return the p values of one family, adjusted by Holm 1979; they bound the chance of any false claim in it.

    more: comparisons that belong to the family and are not at hand; they count as if their p values were one.
    statsmodels has the same (the tests compare), but collects garbage at every call, which costs more than all else.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (np.arange(len(p), 0, -1) + more))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return tuple(adjusted.tolist())


def equivalence_p(difference: Difference, *, margin: float) -> float:
    """Return the p value of "the difference lies outside +-margin" (two one-sided t tests, Schuirmann 1987).

    statsmodels has it for raw samples only (the tests compare), not for a standard error from several mean squares.
    """
    return difference.uncertainty.tail(margin - difference.farthest)


def letters(names: Sequence[str], apart: Collection[frozenset[str]]) -> dict[str, tuple[str, ...]]:
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
