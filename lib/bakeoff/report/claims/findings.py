"""Statements about quality: which mean is the highest, and where each method stands against the reference.

Each function is one condition: it reads the comparison and returns the statements that hold.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from bakeoff.report.text import slots
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.stats.compare import Comparison, MethodSummary, Pair, comparable

__all__ = [
    "Runs",
    "against_reference",
    "corrected",
    "facing",
    "highest",
    "pair_runs",
    "pair_said",
    "promised",
]


Runs = Mapping[str, tuple[str, ...]]
"""Run ids behind each method."""


def pair_runs(runs: Runs, *names: str) -> tuple[str, ...]:
    """Return the run ids behind several methods."""
    return tuple(chain.from_iterable(runs[name] for name in names))


def facing(comparison: Comparison, first: str, second: str) -> Pair:
    """Return the pair of two methods, `first` first."""
    pair = comparison.pair(first, second)
    return pair if pair.first == first else pair.flipped()


def corrected(pairs: Mapping[str, Pair], comparison: Comparison) -> slots.Corrected:
    """Return a slot that lists methods, each beside the number of comparisons its verdict is corrected for."""
    found: dict[int, list[str]] = {}
    for name, pair in pairs.items():
        found.setdefault(comparison.corrected_for(pair.family), []).append(name)
    return slots.Corrected(tuple((tuple(names), number) for number, names in found.items()))


# the highest mean --------------------------------------------------------------------------------------------------


def highest(comparison: Comparison, runs: Runs, *, complete: bool) -> Iterator[Statement]:
    """Name the highest mean, what it was better than, and what it is not separated from.

    complete: every declared method has a result; "every other" would say too much where one is missing
    """
    group = comparable(comparison)
    if not group:
        return
    top = max((one.mean for one in group), key=lambda value: comparison.sign * value)
    best = [one for one in group if math.isclose(one.mean, top, rel_tol=1e-12)]  # means differ in how they are summed
    lead = best[0].name
    pairs = {one.name: facing(comparison, lead, one.name) for one in group if one.name != lead}
    said = [_highest_sentence(best, comparison.metric)]
    alone = complete and len(best) == 1 and len(group) == len(comparison.methods)
    if pairs and alone and _beats(pairs.values()):
        said.append(sentence("standing.every", best=slots.Name(lead), names=corrected(pairs, comparison)))
    else:
        said += _standing(lead, pairs, comparison)
    short = [name for name, pair in pairs.items() if pair.short and pair.relation != "worse"]
    if short:
        declared = slots.Count(pairs[short[0]].declared, "seed")
        said.append(sentence("survivors.names", names=slots.Names(tuple(short)), declared=declared))
    yield Statement("highest", tuple(said), pair_runs(runs, *(one.name for one in group)))


def promised(comparison: Comparison, runs: Runs, *, drawn: bool = False) -> Iterator[Statement]:
    """Say what the next run of two methods promises: of the highest mean and the reference, else of the next below.

    drawn: each seed drew its own training texts, as the next one would
    """
    group = sorted(comparable(comparison), key=lambda one: -comparison.sign * one.mean)
    below = [one.name for one in group[1:]]
    other = comparison.reference if comparison.reference in below else next(iter(below), None)
    pair = facing(comparison, group[0].name, other) if other else None
    if pair is None or pair.chances is None:
        return
    key = "chances.drawn" if drawn else "chances"
    said = sentence(
        key, a=slots.Name(pair.first), b=slots.Name(pair.second), margin=slots.Gap(comparison.margin),
        better=slots.Chance(pair.chances.better), within=slots.Chance(pair.chances.within),
    )  # fmt: skip
    yield Statement("chances", (said,), pair_runs(runs, pair.first, pair.second))


def _highest_sentence(best: Sequence[MethodSummary], metric: str) -> Sentence:
    lead = best[0]
    held: dict[str, slots.Slot[Any]] = {"metric": slots.Metric(metric), "mean": slots.Fraction(lead.mean)}
    if len(best) > 1:
        return sentence("highest.shared", names=slots.Names(tuple(one.name for one in best)), **held)
    if len(lead.by_seed) == 1:
        return sentence("highest.single", best=slots.Name(lead.name), **held)
    spread = slots.Range((lead.minimum, lead.maximum), slots.Fraction)
    seeds = slots.Count(len(lead.by_seed), "seed")
    return sentence("highest", best=slots.Name(lead.name), range=spread, seeds=seeds, **held)


def _beats(pairs: Collection[Pair]) -> bool:
    """Return whether the first of each pair was better by more than the margin, the method and not just the model."""
    return all(pair.difference and pair.scope == "methods" and pair.relation == "better" for pair in pairs)


def _standing(lead: str, pairs: Mapping[str, Pair], comparison: Comparison) -> Iterator[Sentence]:
    """Sort the others by what the highest mean is worth against each; it may rest on seeds they do not have."""
    groups: dict[str, dict[str, Pair]] = {
        f"{one}.{scope}": {}
        for one in ("better", "ahead", "equivalent", "not_settled")
        for scope in ("methods", "models")
    }
    rest = []
    for name, pair in pairs.items():
        key = f"{pair.relation}.{pair.scope}" if pair.difference else "untested"
        if key in groups:
            groups[key][name] = pair
        else:
            rest.append(pair.flipped())
    for key, group in groups.items():
        if group:
            yield sentence(
                f"standing.{key}", best=slots.Name(lead), names=corrected(group, comparison),
                margin=slots.Gap(comparison.margin),
            )  # fmt: skip
    for pair in rest:
        if pair.difference:
            yield from pair_said("overtaken", pair, comparison, seeds=slots.Seeds(pair.seeds))
        else:
            yield sentence(f"not_comparable.{pair.reason}", a=slots.Name(pair.first), b=slots.Name(pair.second))


# one pair ----------------------------------------------------------------------------------------------------------


def pair_said(key: str, pair: Pair, comparison: Comparison, **more: slots.Slot[Any]) -> Iterator[Sentence]:
    """Say of one tested pair what the data do, and a word where interval and verdict seem to disagree.

    key: of a family of sentences, one per relation and scope; more: their further slots
    """
    found, what = pair.difference, pair.relation
    p = pair.p_equivalence_holm if what == "equivalent" else pair.p_holm
    if found is None or p is None:
        return
    yield sentence(
        f"{key}.{what}.{pair.scope}", a=slots.Name(pair.first), b=slots.Name(pair.second),
        metric=slots.Metric(comparison.metric), margin=slots.Gap(comparison.margin),
        estimate=slots.Points(found.estimate), interval=slots.Interval((found.low, found.high)),
        confidence=slots.Level(1 - comparison.alpha), inner=slots.Interval(found.inner),
        inner_confidence=slots.Level(1 - 2 * comparison.alpha),
        comparisons=slots.Count(comparison.corrected_for(pair.family), "comparison"),
        p=slots.PValue(p), **more,
    )  # fmt: skip
    outside = found.low > 0 or found.high < 0
    counted = ".groups" if found.units < found.items else ""
    if what == "not_settled" and outside:
        yield sentence("interval.corrected" if found.p < comparison.alpha else f"interval.exact{counted}")
    if pair.better and not outside:
        yield sentence(f"interval.holds{counted}")
    if pair.short:
        yield sentence("survivors", seeds=slots.Count(len(pair.seeds)), declared=slots.Count(pair.declared, "seed"))


def against_reference(comparison: Comparison, runs: Runs, *, last: Collection[str] = ()) -> Iterator[Statement]:
    """Hold each method against the reference: estimate, interval, p and what they amount to; `last` comes last."""
    for pair in sorted(comparison.against_reference or _apart(comparison), key=lambda pair: pair.first in last):
        if pair.difference is None:
            said = [sentence(f"not_comparable.{pair.reason}", a=slots.Name(pair.first), b=slots.Name(pair.second))]
        else:
            said = [*pair_said("reference", pair, comparison)]
        yield Statement("reference", tuple(said), pair_runs(runs, pair.first, pair.second))


def _apart(comparison: Comparison) -> list[Pair]:
    """Return what cannot be compared with the first method, which stands in for a missing reference."""
    first = comparison.methods[0].name if comparison.methods else None
    return [pair for pair in comparison.pairs if pair.difference is None and first in (pair.first, pair.second)]
