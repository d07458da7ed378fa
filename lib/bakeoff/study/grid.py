"""An experiment's methods over the cells of its grid: compared in each, and what that bears out over data sets.

A cell's comparison is a family of its own and one of several that are read side by side, so each is held to its part of
the error rate (Bonferroni), as numbers of training texts are. What is said over data sets is another question, held to
the whole rate by tests of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from bakeoff.experiment.cells import cells_of
from bakeoff.experiment.grid import cell_names
from bakeoff.stats.compare import Comparison
from bakeoff.stats.grids.across import Grid, across, cell_of
from bakeoff.stats.grids.ranks import rank_rows
from bakeoff.stats.sequential import rounded_level
from bakeoff.study.sizes import at_level
from bakeoff.study.study import StudyData

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AtCell", "OverGrid", "grid_of", "over_cells"]


@dataclass(frozen=True)
class AtCell:
    """What was found in one cell. data, model: their names in the file, None for what is no axis; classes: how many."""

    name: str
    data: str | None
    model: str | None
    comparison: Comparison
    classes: int | None = None

    @property
    def best(self) -> str:
        """The method with the best mean, the first of several."""
        return self.leaders[0]

    @property
    def leaders(self) -> tuple[str, ...]:
        """All methods whose mean is the best, in the file's order."""
        means = {one.name: self.comparison.sign * one.mean for one in self.comparison.methods}
        return tuple(name for name, mean in means.items() if math.isclose(mean, max(means.values()), rel_tol=1e-12))

    def stands(self, method: str) -> str | None:
        """Return where a method stands: `best` by its mean, `worse` where another is shown to be better, else `open`.

        None for a method without a result or one that could not be held against any other.
        """
        if method in self.leaders:
            return "best"
        own = [pair for pair in self.comparison.pairs if method in (pair.first, pair.second) and pair.difference]
        if not own:
            return None
        return "worse" if any(pair.better not in (None, method) for pair in own) else "open"

    @property
    def clear(self) -> bool:
        """Whether the method with the best mean is shown to be better than every other."""
        others = [one.name for one in self.comparison.methods if one.name != self.best]
        return bool(others) and all(self.comparison[self.best, name].better == self.best for name in others)


@dataclass(frozen=True)
class OverGrid:
    """Methods in every cell that has a result, in the file's order, and over data sets.

    declared: name of each cell -> its data set and base model; level: what the tests in each are held to; alpha: what
    all of them together are, and the tests over data sets; found: None where fewer than two methods have a result
    """

    declared: Mapping[str, tuple[str | None, str | None]]
    at: tuple[AtCell, ...]
    level: float
    alpha: float
    found: Grid | None

    @property
    def axes(self) -> tuple[int, int]:
        """How many data sets and base models the file names, 0 for what is no axis."""
        data, models = zip(*self.declared.values(), strict=True)
        return len({*data} - {None}), len({*models} - {None})

    @property
    def comparisons(self) -> dict[str, Comparison]:
        """The verdicts by cell."""
        return {one.name: one.comparison for one in self.at}

    @property
    def leaders(self) -> dict[str, tuple[str, ...]]:
        """Each method that has the best mean somewhere, be it with others -> the cells, most first."""
        cells: dict[str, list[str]] = {}
        for one in self.at:
            for name in one.leaders:
                cells.setdefault(name, []).append(one.name)
        return {name: tuple(own) for name, own in sorted(cells.items(), key=lambda item: -len(item[1]))}

    @property
    def turning(self) -> tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]:
        """Pairs of which each is shown to be better somewhere: names, cells of the first, cells of the second."""
        names = dict.fromkeys(method.name for one in self.at for method in one.comparison.methods)
        found = ((a, b, self._won(a, b, a), self._won(a, b, b)) for a, b in combinations(names, 2))
        return tuple(one for one in found if one[2] and one[3])

    def _won(self, first: str, second: str, winner: str) -> tuple[str, ...]:
        """Return the cells in which one of two methods is shown to be better."""
        return tuple(
            one.name for one in self.at
            if {first, second} <= {method.name for method in one.comparison.methods}
            and one.comparison[first, second].better == winner
        )  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row per cell and method, in units of the metric; differences are against the reference.

        rank: within the cell, 1 is the best; low, high: of the difference, at `level`; standing: as `AtCell.stands`
        """
        import pandas as pd

        rows = [row for one in self.at for row in _rows(one, self.level)]
        return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = [
    "cell", "data_set", "model", "method", "seeds", "mean", "seed_sd", "rank", "standing", "reference",
    "difference", "difference_low", "difference_high", "p_holm", "verdict", "better", "level",
]  # fmt: skip


def grid_of(study: StudyData) -> OverGrid | None:
    """Compare the methods of a study in every cell of its file's grid; None where the file has none."""
    experiment, asked = study.experiment, study.experiment.compare
    names = cell_names(experiment.datasets, experiment.models)
    if experiment.cell is None:
        return None
    alpha = study.account.level if study.account else asked.alpha
    level, found = rounded_level(alpha / len(names)), {}
    for cell in cells_of(experiment):
        own = study if cell.name == experiment.cell else StudyData.of(cell.experiment, workspace=study.workspace)
        if own.contenders:
            comparison = at_level(own, study, level)
            run = own.records[0]
            classes = len(run.inputs.label_names) if run.inputs else None
            found[cell.name] = AtCell(cell.name, *names[cell.name], comparison, classes)
    in_order = [found[name] for name in names if name in found]
    return over_cells(names, in_order, reference=asked.reference, level=level, alpha=alpha)


def over_cells(
    declared: Mapping[str, tuple[str | None, str | None]],
    at: list[AtCell],
    *,
    reference: str,
    level: float,
    alpha: float,
) -> OverGrid:
    """Return what the cells that have a result say together."""
    known = {method.name for one in at for method in one.comparison.methods}
    grid = None
    if len(known) > 1:
        cells = [cell_of(one.comparison, data=one.data or "", model=one.model or "") for one in at]
        margin = at[0].comparison.margin
        grid = across(cells, reference=reference if reference in known else None, alpha=alpha, margin=margin)
    return OverGrid(declared, tuple(at), level=level, alpha=alpha, found=grid)


def _rows(one: AtCell, level: float) -> Iterator[tuple[object, ...]]:
    import numpy as np

    scores = np.array([[one.comparison.sign * method.mean for method in one.comparison.methods]])
    for method, rank in zip(one.comparison.methods, rank_rows(scores)[0].tolist(), strict=True):
        pair = next((pair for pair in one.comparison.against_reference if pair.first == method.name), None)
        held = pair.difference if pair else None
        yield (
            one.name, one.data, one.model, method.name, len(method.seeds), method.mean, method.seed_sd, rank,
            one.stands(method.name),
            *((pair.second, held.estimate, held.low, held.high, pair.p_holm, pair.finding, pair.better, level)
              if pair and held else (None,) * 8),
        )  # fmt: skip
