"""An experiment's methods on slices of its test texts: scores, and whether two methods' difference depends on a slice.

Each slice is held against all other test texts. Interactions of methods and slices are one family over all methods and
cuts (Holm), what a method's own score does another. A small slice is scored and nothing is claimed of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from bakeoff.errors import InputError
from bakeoff.metrics.classification import metric_named
from bakeoff.metrics.metric import Metric
from bakeoff.runs.slices import Cut, Level, cuts_of
from bakeoff.stats.compare import Comparison
from bakeoff.stats.inputs import Contender, Measured, measure
from bakeoff.stats.pairs import tested_pairs
from bakeoff.stats.subsets import Gap, difference_between, score_between
from bakeoff.study.subsets.changes import Change, Score, held_together, is_share, score_of

if TYPE_CHECKING:
    from bakeoff.study.study import StudyData

__all__ = ["LEAST_TEXTS", "OnCut", "Slice", "Slices", "on_slices", "slices_of"]


LEAST_TEXTS = 50
"""Texts that a slice, and what is beside it, need for claims."""

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Slice:
    """The methods on one slice. claims: whether it is large enough; scores: by method, none where there is no value.

    differences: method -> its difference to the reference there, with an interval that holds for all of them at once
    """

    level: Level
    texts: int
    claims: bool
    scores: Mapping[str, Score]
    differences: Mapping[str, tuple[float, float, float]]


@dataclass(frozen=True)
class OnCut:
    """The methods on every slice of one cut that holds any text. missing: texts that the cut does not know."""

    cut: Cut
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Slices:
    """The methods on every cut. A change is of a slice against all other test texts, named as `cut number, slice`.

    own: changes of a method's score; beyond: of its difference to the reference; here: whether the data were found
    """

    cuts: tuple[OnCut, ...]
    alpha: float
    reference: str | None
    own: tuple[Change, ...] = ()
    beyond: tuple[Change, ...] = ()
    here: bool = True

    def changes(self, found: Sequence[Change], cut: int, place: int) -> list[Change]:
        """Return those changes of a family that are about one slice."""
        return [one for one in found if one.what == _key(cut, place)]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per slice and method, in units of the metric; a change is against all other test texts."""
        return pd.DataFrame(list(self._rows()), columns=_COLUMNS)

    def _rows(self) -> Iterator[tuple[object, ...]]:
        for number, on in enumerate(self.cuts):
            for place, one in enumerate(on.slices):
                own = {change.method: change for change in self.changes(self.own, number, place)}
                beyond = {change.method: change for change in self.changes(self.beyond, number, place)}
                for method, score in one.scores.items():
                    level = one.level
                    yield (
                        on.cut.slicing.name, level.value, level.low, level.high, one.texts, one.claims, method,
                        score.mean, score.low, score.high, *_told(own.get(method)), self.reference,
                        *one.differences.get(method, (None,) * 3), *_told(beyond.get(method)),
                    )  # fmt: skip


_COLUMNS = [
    "slices", "value", "from", "below", "texts", "claims", "method", "mean", "low", "high", "change", "change_low",
    "change_high", "change_p_holm", "reference", "difference", "difference_low", "difference_high", "interaction",
    "interaction_low", "interaction_high", "interaction_p_holm",
]  # fmt: skip


def _told(change: Change | None) -> tuple[float | None, ...]:
    return (change.gap.estimate, change.low, change.high, change.p) if change else (None,) * 4


def _key(cut: int, place: int) -> str:
    return f"{cut}, {place}"


def slices_of(study: StudyData) -> Slices | None:
    """Score the methods of a study on every slice that its file names; None where it names none.

    Raises UnknownName or BadValue for slices that the data do not give; data that are not here are told by `here`.
    """
    if not study.experiment.slices or not study.contenders:
        return None
    comparison = study.comparison
    none = Slices((), comparison.alpha, comparison.reference, here=False)
    try:
        known, cuts = cuts_of(study.experiment, workspace=study.workspace)
    except InputError as error:
        if error.setting == "slices":
            raise
        return none
    contenders = [one for one in study.contenders if one.comparability == known]
    return on_slices(contenders, cuts, comparison) if contenders else none


def on_slices(contenders: Sequence[Contender], cuts: Sequence[Cut], comparison: Comparison) -> Slices:
    """Score methods on the slices of cuts, and test each slice against all other texts."""
    metric = metric_named(comparison.metric)
    held = [[_on_level(contenders, cut, place, metric) for place in range(len(cut.levels))] for cut in cuts]
    tests = sum(len(one.inside) for parts in held for one in parts if one.texts)
    own: list[tuple[str, str, Gap]] = []
    beyond: list[tuple[str, str, Gap]] = []
    found = []
    for number, (cut, parts) in enumerate(zip(cuts, held, strict=True)):
        there = [one for one in parts if one.texts]
        for place, part in enumerate(there):
            # Of two slices each is all that the other is not: one test says all.
            if part.claims and not (len(there) == 2 and place and there[0].claims):  # noqa: PLR2004
                own += part.changes(_key(number, place))
                beyond += part.interactions(_key(number, place), comparison)
        slices = tuple(part.slice(comparison, metric, comparisons=max(tests, 1)) for part in there)
        found.append(OnCut(cut, slices))
    return Slices(
        tuple(found), comparison.alpha, comparison.reference,
        held_together(own, alpha=comparison.alpha, more=0, stepwise=True),
        held_together(beyond, alpha=comparison.alpha, more=0, stepwise=True),
    )  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """Methods on a slice and on all other texts, where the metric has a value there."""

    level: Level
    texts: int
    others: int
    inside: Mapping[str, Measured]
    outside: Mapping[str, Measured]

    @property
    def claims(self) -> bool:
        return min(self.texts, self.others) >= LEAST_TEXTS

    def changes(self, what: str) -> Iterator[tuple[str, str, Gap]]:
        for name, measured in self.inside.items():
            gap = score_between(measured, self.outside[name]) if name in self.outside else None
            if gap:
                yield name, what, gap

    def interactions(self, what: str, comparison: Comparison) -> Iterator[tuple[str, str, Gap]]:
        for name in self._beside_reference(comparison):
            pairs = [(side[name], side[str(comparison.reference)]) for side in (self.inside, self.outside)]
            if gap := difference_between(pairs[0], pairs[1]):
                yield name, what, gap

    def _beside_reference(self, comparison: Comparison) -> Iterator[str]:
        reference = comparison.reference
        if reference in self.inside and reference in self.outside:
            for name in self.inside:
                if name != reference and name in self.outside and comparison[name, str(reference)].difference:
                    yield name

    def slice(self, comparison: Comparison, metric: Metric, *, comparisons: int) -> Slice:
        level = comparison.alpha / comparisons
        scores = {name: score_of(one, metric, level=level) for name, one in self.inside.items()}
        differences = {}
        for name in self._beside_reference(comparison) if self.claims else ():
            gap = _difference(self.inside[name], self.inside[str(comparison.reference)], metric, level=level)
            if gap:
                differences[name] = gap
        return Slice(self.level, self.texts, self.claims, scores, differences)


def _difference(
    own: Measured, reference: Measured, metric: Metric, *, level: float
) -> tuple[float, float, float] | None:
    (tested,) = tested_pairs([own, reference], metric=metric, alpha=level, resamples=0)
    found = tested.difference
    if found is None:
        return None
    most = 1.0 if is_share(metric) else float("inf")
    return found.estimate, max(found.low, -most), min(found.high, most)


def _on_level(contenders: Sequence[Contender], cut: Cut, place: int, metric: Metric) -> _Part:
    masks = {one.name: np.array([cut.of.get(str(item), -1) == place for item in one.item_ids]) for one in contenders}
    first = masks[contenders[0].name]
    inside = {one.name: found for one in contenders if (found := _measured(one, masks[one.name], metric))}
    outside = {one.name: found for one in contenders if (found := _measured(one, ~masks[one.name], metric))}
    return _Part(cut.levels[place], int(first.sum()), int((~first).sum()), inside, outside)


def _measured(one: Contender, held: Bools, metric: Metric) -> Measured | None:
    """Return a method on some of its texts; None where they allow no test, or the metric has no value there."""
    groups = None if one.groups is None else one.groups[held]
    if np.count_nonzero(held) <= 1 or (groups is not None and len(pd.unique(groups)) == 1):
        return None
    part = replace(
        one, item_ids=one.item_ids[held], gold=one.gold[held], predicted=one.predicted[:, held], groups=groups,
        logits=None if one.logits is None else one.logits[:, held],
    )  # fmt: skip
    try:
        found = measure(part, metric=metric)
    except ValueError:
        return None
    return found if np.isfinite(found.scores).all() else None
