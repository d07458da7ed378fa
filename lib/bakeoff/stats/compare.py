"""From predictions to verdicts: each method against the reference, against baselines, and every other pair of methods.

`compare` is the way in. Its result holds numbers and names only.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar, TypeVar

from bakeoff.errors import BadValue, UnknownName
from bakeoff.metrics.classification import metric_named
from bakeoff.stats.difference import item_noise, seed_noise
from bakeoff.stats.inputs import Contender, Measured, measure
from bakeoff.stats.multiplicity import equivalence_p, holm, letters
from bakeoff.stats.pairs import Family, Pair, Relation, Tested, Verdict, tested_pairs
from bakeoff.stats.power import needed
from bakeoff.stats.predictive import chances

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "MethodSummary", "Pair", "Relation", "Verdict", "comparable", "compare", "tie_groups"]


@dataclass(frozen=True)
class MethodSummary:
    """One method over its seeds; baseline: a yardstick; by_seed, mean, minimum, maximum: the metric on the test items.

    seed_sd: standard deviation between seeds, None for one seed or a method without any; item_se: standard error of
    the mean from the choice of test items alone; groups: as many groups of one share in the metric as say what those of
    the items do, None where items were drawn one by one
    best_rank, worst_rank: ranks that no BETTER verdict rules out, None where it is comparable to no other
    """

    name: str
    seeds: tuple[int, ...]
    items: int
    by_seed: tuple[float, ...]
    mean: float
    minimum: float
    maximum: float
    seed_sd: float | None
    item_se: float
    trained: bool
    fixed: bool
    groups: float | None
    best_rank: int | None
    worst_rank: int | None
    baseline: bool = False


@dataclass(frozen=True)
class Comparison:
    """Methods in the order given, every pair (the better mean first), and each against the reference if there.

    alpha: what p values are held to; dropped: methods that count among the comparisons without being at hand
    against_reference holds the same verdicts as those pairs that contain the reference, the other method first

    >>> comparison = bakeoff.open_study("params/demo.yaml").comparison
    >>> comparison.method("lora").seeds
    (41, 42, 43)
    >>> comparison["full", "lora"].difference.estimate == -comparison["lora", "full"].difference.estimate
    True
    """

    metric: str
    reference: str | None
    alpha: float
    margin: float
    methods: tuple[MethodSummary, ...]
    pairs: tuple[Pair, ...]
    against_reference: tuple[Pair, ...]
    dropped: int = 0
    __iter__: ClassVar[None] = None
    """Pairs are asked for by two names."""

    @property
    def sign(self) -> int:
        """1 where the higher of two means is the better, -1 where the lower is."""
        return metric_named(self.metric).sign

    def method(self, name: str) -> MethodSummary:
        """Return one method's summary; KeyError where there is none."""
        return {summary.name: summary for summary in self.methods}[name]

    def pair(self, first: str, second: str) -> Pair:
        """Return the pair of two methods, the better mean first; KeyError where there is none."""
        return {frozenset((pair.first, pair.second)): pair for pair in self.pairs}[frozenset((first, second))]

    def unbeaten(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of `names` that no other of them is shown to be better than by more than the margin.

        Each pair counts as its own family corrects it, so a method that is worse than the reference is beaten even
        where another one has the highest mean and the pair of the two, one of many, shows nothing.
        """
        among = tuple(names)
        beaten = {
            loser
            for pair in self.pairs
            if {pair.first, pair.second} <= {*among}
            for loser, relation in ((pair.second, "better"), (pair.first, "worse"))
            if pair.difference and pair.relation == relation
        }
        return tuple(name for name in among if name not in beaten)

    def __getitem__(self, names: tuple[str, str]) -> Pair:
        """Return the pair of two methods as asked, so that a positive estimate favours the first.

        Raises UnknownName for a method that was not compared, BadValue for a method with itself.
        """
        first, second = names
        known = [one.name for one in self.methods]
        for name in set(names).difference(known):
            raise UnknownName("comparison", name, known, kind="method")
        if first == second:
            raise BadValue(first, "compared with itself", hint="name two methods")
        found = self.pair(first, second)
        return found if found.first == first else found.flipped()

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair: first, second, estimate, low, high, p, p_holm, p_equivalence_holm, verdict ...

        A positive estimate favours the first, and the verdict is on the first against the second; estimate, low and
        high are in units of the metric; low, high: interval of the pair alone; better: the name of the better one,
        missing where none is; family: corrected together; scope: whether the verdict is on methods or on the models of
        these seeds alone; reason: why they cannot be compared.
        """
        import pandas as pd

        rows = [
            (one.first, one.second, *(getattr(one.difference, name, None) for name in _ESTIMATES),
             *(getattr(one, name) for name in _JUDGED.values()), len(one.seeds))
            for one in self.pairs
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=_COLUMNS).astype({"verdict": str})

    def corrected_for(self, family: Family) -> int:
        """Return how many comparisons a family corrects for."""
        yardsticks = {one.name for one in self.methods if one.baseline}
        members = _members(family, self.pairs, reference=self.reference, yardsticks=yardsticks)
        more = _more(family, self.dropped, methods=len(self.methods), yardsticks=len(yardsticks))
        return sum(pair.difference is not None for pair in members) + more


_ESTIMATES = ("estimate", "low", "high", "p")
_JUDGED = {
    **{name: name for name in ("p_holm", "p_equivalence_holm")}, "verdict": "finding",
    **{name: name for name in ("better", "family", "scope", "reason")},
}  # fmt: skip
_COLUMNS = ["first", "second", *_ESTIMATES, *_JUDGED, "seeds"]


def compare(
    contenders: Sequence[Contender],
    *,
    metric: str,
    reference: str | None,
    alpha: float,
    margin: float,
    dropped: int = 0,
    resamples: int = 2000,
    plans: bool = True,
) -> Comparison:
    """Compare methods by `metric` and return verdicts at family-wise error rate `alpha`.

    margin: differences within +-margin do not matter; reference: may be absent from `contenders`, then there is no
    family against it; dropped: methods that were compared once and still count among the comparisons; resamples: of
    the bootstrap cross-check, 0 leaves it out; plans: find out what would settle what is left open, and what the next
    run promises
    Raises UnknownName for an unknown metric, ValueError for one that cannot be computed and for repeated names.
    """
    row = metric_named(metric)
    measured = [measure(contender, metric=row) for contender in contenders]
    names = [one.name for one in measured]
    if len(set(names)) != len(names):
        raise ValueError(f"names of methods repeat: {names}")
    by_mean = sorted(measured, key=lambda one: (-float(one.scores.mean()), one.name))
    tested = tested_pairs(by_mean, metric=row, alpha=alpha, resamples=resamples)
    facing = [one if one.second == reference else one.flipped() for one in tested if reference in _sides(one)]
    facing.sort(key=lambda one: names.index(one.first))
    judge = partial(_judge, alpha=alpha, margin=margin, plans=plans)
    yardsticks = {one.name for one in measured if one.baseline}
    more = partial(_more, dropped=dropped, methods=len(names), yardsticks=len(yardsticks))
    against = judge(facing, family="reference", more=more("reference"))
    beside = _members("baselines", tested, reference=reference, yardsticks=yardsticks)
    wide = [*judge(tested, family="all pairs", more=more("all pairs")),
            *judge(beside, family="baselines", more=more("baselines"))]  # fmt: skip
    judged = {frozenset(_sides(one)): one for one in (*wide, *against)}
    in_order = [(one.first, judged[frozenset(_sides(one))]) for one in tested]
    pairs = tuple(one if one.first == first else one.flipped() for first, one in in_order)
    return Comparison(
        metric=metric, reference=reference if reference in names else None, alpha=alpha, margin=margin, pairs=pairs,
        methods=tuple(_summary(one, pairs, sign=row.sign) for one in measured),
        against_reference=against, dropped=dropped,
    )  # fmt: skip


def _sides(one: Tested) -> tuple[str, str]:
    return one.first, one.second


_One = TypeVar("_One", bound=Tested)


def _members(
    family: Family, pairs: Sequence[_One], *, reference: str | None, yardsticks: Container[str]
) -> Sequence[_One]:
    """Return the pairs that a family holds; yardsticks: names of the baselines."""
    if family == "reference":
        return [one for one in pairs if reference in _sides(one)]
    if family == "baselines":
        return [one for one in pairs if (one.first in yardsticks) != (one.second in yardsticks)]
    return pairs


def _more(family: Family, dropped: int, *, methods: int, yardsticks: int) -> int:
    """Return how many comparisons methods that are not at hand add to a family, at most: any may be a baseline."""
    if family == "reference":
        return dropped
    if family == "baselines":
        return dropped * max(yardsticks, methods - yardsticks) + dropped**2 // 4
    return dropped * methods + dropped * (dropped - 1) // 2


def _judge(
    tested: Sequence[Tested], *, family: Family, more: int, alpha: float, margin: float, plans: bool
) -> tuple[Pair, ...]:
    """Correct one family, in which `more` comparisons are not at hand, and give each pair its verdict."""
    differences = [one.difference for one in tested if one.difference]
    number = len(differences) + more
    different = iter(holm([difference.p for difference in differences], more=more))
    same = iter(holm([equivalence_p(difference, margin=margin) for difference in differences], more=more))
    judged = []
    for one in tested:
        if one.difference is None:
            judged.append(Pair(**vars(one), family=family, verdict=Verdict.NOT_COMPARABLE))
            continue
        p, p_same = next(different), next(same)
        verdict, plan = _verdict(p < alpha, p_same < alpha), None
        if verdict is Verdict.NOT_SETTLED and plans:
            plan = needed(one.difference, margin=margin, alpha=alpha, comparisons=number)
        promised = chances(one.difference, margin=margin) if plans and one.scope == "methods" else None
        judged.append(Pair(
            **vars(one), family=family, verdict=verdict, p_holm=p, p_equivalence_holm=p_same, comparisons=number,
            needed=plan, chances=promised,
        ))  # fmt: skip
    return tuple(judged)


def _verdict(differs: bool, equivalent: bool) -> Verdict:
    if differs:
        return Verdict.BETTER_NEGLIGIBLE if equivalent else Verdict.BETTER
    return Verdict.EQUIVALENT if equivalent else Verdict.NOT_SETTLED


def _summary(one: Measured, pairs: Sequence[Pair], *, sign: int) -> MethodSummary:
    """Summarise one method; `pairs` are all pairs, judged; sign: from its scores to the metric."""
    own = [pair for pair in pairs if one.name in _sides(pair) and pair.difference]
    winners = [pair.better for pair in own if pair.better]
    beaten_by = sum(name != one.name for name in winners)
    beats = len(winners) - beaten_by
    by_seed = sign * one.scores.mean(axis=1)
    return MethodSummary(
        name=one.name, seeds=one.seeds, items=len(one.gold), by_seed=tuple(map(float, by_seed)),
        mean=float(by_seed.mean()), minimum=float(by_seed.min()), maximum=float(by_seed.max()),
        seed_sd=seed_noise(one.scores), item_se=item_noise(one.scores, one.units, step=one.step),
        trained=one.trained, fixed=one.fixed, groups=None if one.units.groups is None else one.units.effective,
        best_rank=1 + beaten_by if own else None, worst_rank=len(own) + 1 - beats if own else None,
        baseline=one.baseline,
    )  # fmt: skip


def comparable(comparison: Comparison) -> tuple[MethodSummary, ...]:
    """Return the methods that stand in one table with the reference, or with the first method where it is missing."""
    if not comparison.methods:
        return ()
    anchor = comparison.reference or comparison.methods[0].name
    return tuple(
        one for one in comparison.methods if one.name == anchor or comparison.pair(anchor, one.name).difference
    )


def tie_groups(comparison: Comparison) -> dict[str, tuple[str, ...]]:
    """Return the letters of each method, from the verdicts over all pairs; a method comparable to no other has none.

    Two methods share a letter exactly where they were compared and neither was better. Who could not be compared with
    whom is not tied with it either.
    """
    compared = [pair for pair in comparison.pairs if pair.difference]
    known = {name for pair in compared for name in (pair.first, pair.second)}
    names = [
        one.name for one in sorted(comparison.methods, key=lambda one: -comparison.sign * one.mean) if one.name in known
    ]
    tied = {frozenset((pair.first, pair.second)) for pair in compared if pair.better is None}
    return letters(names, {frozenset(pair) for pair in combinations(names, 2)} - tied)
