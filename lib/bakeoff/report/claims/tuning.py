"""Statements about tuned methods: which row is which, what tuning gained, and whether it turned the order of two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from bakeoff.report.text import slots
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.stats.compare import Comparison, Pair
from bakeoff.study.collect import Collection, Row, mean
from bakeoff.study.sweeps import twins

__all__ = ["turned"]


Twins = tuple[Row, Row]
"""A tuned method, and the same at the settings it is declared with."""


def turned(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Hold tuned methods against themselves at declared settings, and say where two of them change places."""
    known = {one.name for one in comparison.methods}
    pairs = [pair for pair in twins(collection) if {row.name for row in pair} <= known]
    if not pairs:
        return
    rows = sentence("tuned.rows", names=slots.Names(tuple(plain.name for _, plain in pairs)))
    said = [rows, *_gains(comparison, pairs), *_order(comparison, pairs)]
    yield Statement("tuning", tuple(said), tuple(run.run_id for pair in pairs for row in pair for run in row.records))


def _gains(comparison: Comparison, pairs: Sequence[Twins]) -> Iterator[Sentence]:
    """Sort methods by what the test says of tuning, those with the same correction together."""
    found: dict[str, dict[int, list[str]]] = {}
    for tuned, plain in pairs:
        pair = comparison[tuned.name, plain.name]
        if pair.difference is not None:
            outcome = "better" if pair.better == tuned.name else "worse" if pair.better else str(pair.relation)
            groups = found.setdefault(f"{outcome}.{pair.scope}", {})
            groups.setdefault(comparison.corrected_for(pair.family), []).append(tuned.name)
    for outcome in sorted(found, key=_OUTCOMES.index):
        methods = slots.Corrected(tuple((tuple(names), n) for n, names in found[outcome].items()))
        margin = {"margin": slots.Gap(comparison.margin)} if outcome.startswith("equivalent") else {}
        yield sentence(f"tuned.{outcome}", methods=methods, **margin)


_OUTCOMES = [
    f"{outcome}.{scope}"
    for outcome in ("better", "worse", "equivalent", "not_settled")
    for scope in ("methods", "models")
]


def _order(comparison: Comparison, pairs: Sequence[Twins]) -> Iterator[Sentence]:
    """Name the pairs of methods of which tuning changes which is ahead on validation, the one ahead at first first."""
    metric, sign = comparison.metric, comparison.sign
    if len(pairs) < 2:  # noqa: PLR2004
        return
    means = {row.name: mean(row.quality(metric, split="validation")) for pair in pairs for row in pair}
    settled: list[tuple[str, str]] = []
    open_: list[tuple[str, str]] = []
    for one, other in combinations(pairs, 2):
        before, after = (_lead(means, one[at].name, other[at].name, sign) for at in (1, 0))
        if before is None or after is None or before * after >= 0:
            continue
        ahead, behind = (one, other) if before > 0 else (other, one)
        sure = _better(comparison, ahead[1], behind[1]) and _better(comparison, behind[0], ahead[0])
        (settled if sure else open_).append((ahead[0].name, behind[0].name))
    names: dict[str, slots.Slot[object]] = {"metric": slots.Metric(metric)}
    if not settled and not open_:
        yield sentence("order.kept", names=slots.Names(tuple(tuned.name for tuned, _ in pairs)), **names)
        return
    yield sentence("order.turned", pairs=slots.Pairs((*settled, *open_)), **names)
    if settled:
        yield sentence("order.settled", pairs=slots.Pairs(tuple(settled)))
    if open_:
        yield sentence("order.open", pairs=slots.Pairs(tuple(open_)))


def _lead(means: dict[str, float | None], one: str, other: str, sign: int) -> float | None:
    first, second = means[one], means[other]
    return None if first is None or second is None else sign * (first - second)


def _better(comparison: Comparison, one: Row, other: Row) -> bool:
    """Return whether the tests settle that a method is better, as a method and not only as trained here."""
    pair: Pair = comparison[one.name, other.name]
    return pair.better == one.name and pair.scope == "methods"
