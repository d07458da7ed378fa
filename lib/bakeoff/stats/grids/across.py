"""From the cells of a grid to what holds over data sets: mean ranks, tests of pairs, pooled differences.

A claim over data sets rests on data sets alone. Cells that share one (two base models on one corpus) share its texts
and whatever is peculiar about it, so they count once: scores and differences are first averaged over the models of a
data set, over those cells where all that are compared have a result, and the standard error of that average is the
mean of theirs, as if they were wholly dependent. Base models are not sampled: what is said holds for these.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bakeoff.errors import BadValue, UnknownName
from bakeoff.stats.difference import least_p
from bakeoff.stats.grids.pooled import Pooled, pooled
from bakeoff.stats.grids.ranks import (
    Friedman,
    Practical,
    critical_difference,
    friedman,
    least_data_sets,
    practical,
    rank_rows,
    signed_rank_p,
    signed_ranks,
)
from bakeoff.stats.multiplicity import holm, letters

if TYPE_CHECKING:
    from bakeoff.stats.compare import Comparison

__all__ = ["Cell", "Grid", "GridPair", "Standing", "across", "cell_of"]


Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """One comparison of a grid, on one data set with one base model.

    scores: method -> its mean, the higher the better; errors: pair of methods -> standard error of their difference, in
    either order; a pair that could not be compared there has none
    """

    data: str
    model: str
    scores: Mapping[str, float]
    errors: Mapping[tuple[str, str], float]

    def error(self, first: str, second: str) -> float | None:
        """Return the standard error of a pair's difference, None where the two were not compared."""
        return self.errors.get((first, second), self.errors.get((second, first)))


@dataclass(frozen=True)
class Standing:
    """A method over data sets: its mean rank (1 is best), its rank on each, and its mean score."""

    name: str
    mean_rank: float
    ranks: tuple[float, ...]
    score: float


@dataclass(frozen=True)
class GridPair:
    """Two methods over data sets; `first` is ahead where more speaks for it. What cannot be had is None.

    data_sets: on which the two were compared; wins, ties, losses: of the first, one data set each
    p: exact, of the signed-rank test; p_holm: corrected for all `comparisons`, which are one family
    least_p: the smallest p that so many data sets can give; better: who is, where p_holm is below alpha
    effect: the difference over data sets, whose interval is not corrected; practical: by the margin
    """

    first: str
    second: str
    data_sets: tuple[str, ...]
    wins: int
    ties: int
    losses: int
    p: float
    p_holm: float
    least_p: float
    comparisons: int
    alpha: float
    better: str | None = None
    effect: Pooled | None = None
    practical: Practical | None = None

    @property
    def possible(self) -> bool:
        """Whether so many data sets can bear a claim at all, for one that is ahead on each of them."""
        return self.least_p * self.comparisons < self.alpha

    def flipped(self) -> GridPair:
        """Return the same pair with first and second exchanged."""
        return replace(
            self, first=self.second, second=self.first, wins=self.losses, losses=self.wins,
            effect=self.effect and self.effect.flipped(), practical=self.practical and self.practical.flipped(),
        )  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """What the cells say over data sets. methods: in the order given, data_sets and models in that of the cells.

    standings: of the methods with a result in every cell, the best mean rank first; unranked: the others
    friedman: None for two methods or one data set; critical_difference: Nemenyi's, for the eye alone, likewise
    least_data_sets: from which on the test of all pairs can tell any two apart; pairs: all, the one ahead first
    """

    methods: tuple[str, ...]
    data_sets: tuple[str, ...]
    models: tuple[str, ...]
    cells: int
    alpha: float
    margin: float
    reference: str | None
    standings: tuple[Standing, ...]
    unranked: tuple[str, ...]
    friedman: Friedman | None
    critical_difference: float | None
    least_data_sets: int
    pairs: tuple[GridPair, ...]

    @property
    def against_reference(self) -> tuple[GridPair, ...]:
        """The pairs with the reference, the other method first."""
        mine = [pair for pair in self.pairs if self.reference in (pair.first, pair.second)]
        return tuple(pair if pair.second == self.reference else pair.flipped() for pair in mine)

    @property
    def possible(self) -> bool:
        """Whether any pair could have been told apart by so many data sets."""
        return any(pair.possible for pair in self.pairs)

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the largest groups of ranked methods of which no two were told apart, each in order of rank.

        The lines of a critical-difference figure. A group may leave out a method that ranks among its members.
        """
        names = [one.name for one in self.standings]
        apart = {frozenset((pair.first, pair.second)) for pair in self.pairs if pair.better}
        found = letters(names, {pair for pair in apart if pair <= set(names)})
        lines = sorted({letter for own in found.values() for letter in own})
        groups = [tuple(name for name in names if letter in found[name]) for letter in lines]
        return tuple(sorted((one for one in groups if len(one) > 1), key=lambda one: names.index(one[0])))


def cell_of(comparison: Comparison, *, data: str, model: str) -> Cell:
    """Return the cell that a comparison is, for `across`."""
    found = {(pair.first, pair.second): pair.difference for pair in comparison.pairs}
    return Cell(
        data=data, model=model,
        scores={one.name: comparison.sign * one.mean for one in comparison.methods},
        errors={pair: one.uncertainty.se for pair, one in found.items() if one},
    )  # fmt: skip


def across(
    cells: Sequence[Cell],
    *,
    reference: str | None = None,
    alpha: float = 0.05,
    margin: float = 0.01,
    details: bool = True,
) -> Grid:
    """Say what the cells of a grid bear out over data sets, at family-wise error rate `alpha`.

    margin: a difference within +-margin does not matter, in units of the metric; details: pooled differences and
    probabilities as well as tests. One data set has ranks and differences, and no test.
    Raises BadValue for no cell, a cell given twice or fewer than two methods, UnknownName for a reference nobody has.
    """
    methods = tuple(dict.fromkeys(name for cell in cells for name in cell.scores))
    _check(cells, methods, reference)
    data_sets = tuple(dict.fromkeys(cell.data for cell in cells))
    everywhere = [name for name in methods if all(name in cell.scores for cell in cells)]
    scores = np.array([[_mean(cell.scores[name] for cell in cells if cell.data == data) for name in everywhere]
                       for data in data_sets]).reshape(len(data_sets), len(everywhere))  # fmt: skip
    ranks = rank_rows(scores) if everywhere else scores
    standings = sorted(
        (Standing(name, float(ranks[:, k].mean()), tuple(ranks[:, k].tolist()), float(scores[:, k].mean()))
         for k, name in enumerate(everywhere)), key=lambda one: one.mean_rank,
    )  # fmt: skip
    many = len(everywhere) > 1 and len(data_sets) > 1
    number = len(methods) * (len(methods) - 1) // 2
    return Grid(
        methods=methods, data_sets=data_sets, models=tuple(dict.fromkeys(cell.model for cell in cells)),
        cells=len(cells), alpha=alpha, margin=margin, reference=reference, standings=tuple(standings),
        unranked=tuple(name for name in methods if name not in everywhere),
        friedman=friedman(ranks) if many else None,
        critical_difference=critical_difference(len(everywhere), len(data_sets), alpha=alpha) if many else None,
        least_data_sets=least_data_sets(number, alpha=alpha),
        pairs=_pairs(cells, methods, alpha=alpha, margin=margin if details else None),
    )  # fmt: skip


def _check(cells: Sequence[Cell], methods: Sequence[str], reference: str | None) -> None:
    places = [(cell.data, cell.model) for cell in cells]
    if not cells:
        raise BadValue("cells", "no cell of a grid")
    if twice := next((place for place in places if places.count(place) > 1), None):
        raise BadValue("cells", f"two cells of {twice[0]} with {twice[1]}")
    if len(methods) < 2:  # noqa: PLR2004 - a comparison is of two
        raise BadValue("cells", f"{len(methods)} of the two or more methods that a comparison needs")
    if reference is not None and reference not in methods:
        raise UnknownName("reference", reference, methods, kind="method")


def _pairs(
    cells: Sequence[Cell], methods: Sequence[str], *, alpha: float, margin: float | None
) -> tuple[GridPair, ...]:
    """Test every pair and correct for all of them, a reference among them or not.

    Two families, as for a single comparison, would claim more falsely: few data sets leave p values their steps.
    """
    every = [(pair, _by_data_set(cells, *pair)) for pair in combinations(methods, 2)]
    every = [(pair, found) for pair, found in every if found]
    p = [signed_rank_p(_column(found, 0)) for _, found in every]
    return tuple(
        _pair(pair, found, (raw, corrected), comparisons=len(every), alpha=alpha, margin=margin)
        for (pair, found), raw, corrected in zip(every, p, holm(p), strict=True)
    )


def _pair(
    names: tuple[str, str],
    found: Mapping[str, tuple[float, float]],
    p: tuple[float, float],
    *,
    comparisons: int,
    alpha: float,
    margin: float | None,
) -> GridPair:
    """Return a pair with the one ahead first. found: data set -> difference and its error; p: raw and corrected."""
    differences = _column(found, 0)
    signed = signed_ranks(differences)
    wins, losses = int((signed > 0).sum()), int((signed < 0).sum())
    told = margin is not None and len(found) > 1
    pair = GridPair(
        first=names[0], second=names[1], data_sets=tuple(found), wins=wins, ties=len(found) - wins - losses,
        losses=losses, p=p[0], p_holm=p[1], least_p=least_p(len(found)), comparisons=comparisons, alpha=alpha,
        effect=pooled(differences, _column(found, 1), alpha=alpha) if told else None,
        practical=practical(differences, margin=margin) if told and margin is not None else None,
    )  # fmt: skip
    pair = pair.flipped() if (int(signed.sum()), float(differences.sum())) < (0, 0.0) else pair
    return replace(pair, better=pair.first) if pair.p_holm < alpha else pair


def _by_data_set(cells: Sequence[Cell], first: str, second: str) -> dict[str, tuple[float, float]]:
    """Return each data set's difference of two methods and its standard error, over the cells that compared both."""
    found: dict[str, list[tuple[float, float]]] = {}
    for cell in cells:
        error = cell.error(first, second)
        if error is not None:
            found.setdefault(cell.data, []).append((cell.scores[first] - cell.scores[second], error))
    return {data: (_mean(one for one, _ in own), _mean(one for _, one in own)) for data, own in found.items()}


def _column(found: Mapping[str, tuple[float, float]], place: int) -> Array:
    return np.array([one[place] for one in found.values()])


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return math.fsum(found) / len(found)
