"""Statements about quality: which mean is the highest, and where each method stands against the reference.

Each function is one condition: it reads the comparison and returns the statements that hold. `conclusions` calls
them in the order in which they are read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from bakeoff.reporting.sentences import Form, Sentence, Slot, Statement, count, sentence
from bakeoff.reporting.verdicts import Comparison, MethodSummary, Pair, Verdict

__all__ = ["Runs", "against_reference", "comparable", "highest", "pair_runs", "pair_slots"]

Runs = Mapping[str, tuple[str, ...]]
"""Run ids behind each method."""


def comparable(comparison: Comparison) -> tuple[MethodSummary, ...]:
    """Return the methods that stand in one table with the reference, or with the first method where it is missing."""
    if not comparison.methods:
        return ()
    anchor = comparison.reference or comparison.methods[0].name
    return tuple(
        one for one in comparison.methods if one.name == anchor or comparison.pair(anchor, one.name).difference
    )


def pair_runs(runs: Runs, *names: str) -> tuple[str, ...]:
    """Return the run ids behind several methods."""
    return tuple(chain.from_iterable(runs[name] for name in names))


def highest(comparison: Comparison, runs: Runs, *, complete: bool) -> Iterator[Statement]:
    """Name the highest mean, what it was better than, and what it is not separated from.

    complete: every declared method has a result; "every other" would say too much where one is missing
    """
    group = comparable(comparison)
    if not group:
        return
    top = max(one.mean for one in group)
    best = [one for one in group if one.mean == top]
    lead = best[0]
    said = [_highest_sentence(best, comparison.metric)]
    if len(group) > 1:
        others = [one.name for one in group if one is not lead]
        said += _standing(lead.name, [comparison.pair(lead.name, name) for name in others], comparison, complete)
    yield Statement("highest", tuple(said), pair_runs(runs, *(one.name for one in group)))


def _highest_sentence(best: Sequence[MethodSummary], metric: str) -> Sentence:
    lead = best[0]
    slots: dict[str, tuple[Form, object]] = {"metric": ("metric", metric), "mean": ("fraction", lead.mean)}
    if len(best) > 1:
        return sentence("highest.shared", names=("names", tuple(one.name for one in best)), **slots)
    if len(lead.by_seed) == 1:
        return sentence("highest.single", best=("name", lead.name), **slots)
    spread = (("fraction", lead.minimum), ("fraction", lead.maximum))
    return sentence(
        "highest", best=("name", lead.name), range=("range", spread), seeds=count(len(lead.by_seed), "seed"), **slots
    )


def _standing(best: str, pairs: Sequence[Pair], comparison: Comparison, complete: bool) -> Iterator[Sentence]:
    """Sort the others by what the highest mean is worth against each."""
    total = sum(pair.difference is not None for pair in comparison.pairs)
    lead: dict[str, tuple[Form, object]] = {"best": ("name", best)}
    tested = [pair for pair in pairs if pair.difference]
    if complete and tested and all(pair.better == best and pair.scope == "methods" for pair in tested):
        yield sentence("standing.every", comparisons=count(total, "comparison"), **lead)
        return
    groups: dict[str, list[str]] = {"methods": [], "models": [], "same": [], "open": []}
    for pair in tested:
        other = pair.second if pair.first == best else pair.first
        if pair.better == best:
            groups[pair.scope].append(other)
        else:
            groups["same" if pair.verdict is Verdict.EQUIVALENT else "open"].append(other)
    for group, names in groups.items():
        extra: dict[str, tuple[Form, object] | Slot] = {}
        if group in ("methods", "models"):
            extra["comparisons"] = count(total, "comparison")
        if group == "same":
            extra["margin"] = ("gap", comparison.margin)
        if names:
            yield sentence(f"standing.{group}", names=("names", tuple(names)), **lead, **extra)


def pair_slots(pair: Pair, comparison: Comparison, *, comparisons: int) -> dict[str, tuple[Form, object] | Slot]:
    """Return the slots that every statement about one tested pair carries."""
    found = pair.difference
    if found is None:
        raise ValueError(f"{pair.first} and {pair.second} were not compared")
    equivalent = pair.verdict is Verdict.EQUIVALENT
    return {
        "a": ("name", pair.first), "b": ("name", pair.second), "metric": ("metric", comparison.metric),
        "estimate": ("points", found.estimate), "interval": ("interval", (found.low, found.high)),
        "confidence": ("share", 1 - comparison.alpha), "comparisons": count(comparisons, "comparison"),
        "p": ("p", pair.p_equivalence_holm if equivalent else pair.p_holm),
    }  # fmt: skip


def against_reference(comparison: Comparison, runs: Runs, *, last: Collection[str] = ()) -> Iterator[Statement]:
    """Hold each method against the reference: estimate, interval, p and what they amount to; `last` comes last."""
    tested = sum(pair.difference is not None for pair in comparison.against_reference)
    for pair in sorted(comparison.against_reference or _apart(comparison), key=lambda pair: pair.first in last):
        if pair.difference is None:
            said = sentence(f"not_comparable.{pair.reason}", a=("name", pair.first), b=("name", pair.second))
        else:
            slots = pair_slots(pair, comparison, comparisons=tested)
            said = sentence(_reference_key(pair), margin=("gap", comparison.margin), **slots)
        yield Statement("reference", (said,), pair_runs(runs, pair.first, pair.second))


def _apart(comparison: Comparison) -> list[Pair]:
    """Return what cannot be compared with the first method, which stands in for a missing reference."""
    first = comparison.methods[0].name if comparison.methods else None
    return [pair for pair in comparison.pairs if pair.difference is None and first in (pair.first, pair.second)]


def _reference_key(pair: Pair) -> str:
    found = pair.difference
    if found is None or pair.verdict is Verdict.NOT_COMPARABLE:
        raise ValueError("a pair without a test has no such sentence")
    if pair.verdict is Verdict.EQUIVALENT:
        return "reference.equivalent"
    if pair.verdict is Verdict.INCONCLUSIVE:
        return "reference.corrected" if found.low > 0 or found.high < 0 else "reference.open"
    size = "negligible" if pair.verdict is Verdict.BETTER_NEGLIGIBLE else pair.scope
    return f"reference.{size}.{'up' if found.estimate > 0 else 'down'}"
