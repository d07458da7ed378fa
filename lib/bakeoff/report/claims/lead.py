"""The first sentences of a report: who scored highest, who is not shown to be worse, and what could not be seen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median
from typing import Any

from bakeoff.report.claims.findings import Runs, facing, pair_runs
from bakeoff.report.text import slots
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.stats.compare import Comparison, MethodSummary, Pair, comparable
from bakeoff.stats.difference import POWER

Held = dict[str, slots.Slot[Any]]

__all__ = ["lead", "level_with_best", "sight"]


_NAMED = 3
"""Methods that the first sentence names; of more it gives the number, and the table has their names."""


def _ranked(comparison: Comparison) -> list[MethodSummary]:
    """Return what can be compared, the best mean first."""
    return sorted(comparable(comparison), key=lambda one: -comparison.sign * one.mean)


def level_with_best(comparison: Comparison) -> tuple[str, ...]:
    """Return the best mean and what is not shown to be worse than it by more than the margin, best first."""
    ranked = _ranked(comparison)
    if not ranked:
        return ()
    best = ranked[0].name
    pairs = {one.name: facing(comparison, best, one.name) for one in ranked[1:]}
    return (best, *(name for name, pair in pairs.items() if pair.difference and pair.relation != "better"))


def lead(comparison: Comparison, runs: Runs, *, complete: bool) -> Iterator[Statement]:
    """Say in one sentence which mean is the highest and what is level with it.

    complete: every declared method has a result; "every other" would say too much where one is missing
    """
    ranked = _ranked(comparison)
    if not ranked:
        return
    best, level = ranked[0], level_with_best(comparison)[1:]
    tied = [one.name for one in ranked[1:] if math.isclose(one.mean, best.mean, rel_tol=1e-12)]
    pairs = [facing(comparison, best.name, one.name) for one in ranked[1:]]
    held: Held = {"best": slots.Name(best.name), "mean": slots.Score(best.mean)}
    if tied:
        names = slots.Names((best.name, *tied))
        said = sentence("lead.shared", names=names, mean=slots.Score(best.mean))
    elif level:
        said = _beside(best.name, level, comparison, held)
    elif pairs and complete and len(ranked) == len(comparison.methods) and all(pair.difference for pair in pairs):
        models = any(pair.scope == "models" for pair in pairs)
        said = sentence("lead.every.models" if models else "lead.every.methods", **held)
    else:
        said = sentence("lead.best", **held)
    yield Statement("lead", (said,), pair_runs(runs, *(one.name for one in ranked)))


def _beside(best: str, level: tuple[str, ...], comparison: Comparison, held: Held) -> Sentence:
    relations = {facing(comparison, best, name).relation for name in level}
    kind = "open" if relations == {"not_settled"} else "near"
    margin: Held = {} if kind == "open" else {"margin": slots.Gap(comparison.margin)}
    if len(level) <= _NAMED:
        return sentence(f"lead.{kind}.names", names=slots.Names(level), **held, **margin)
    return sentence(f"lead.{kind}.count", number=slots.Count(len(level), "other method"), **held, **margin)


def sight(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Say which gap to the reference this experiment could have missed, at the strictest step of Holm's correction.

    Over the reference's pairs of trained methods, the middle one.
    """
    free = {one.name for one in comparison.methods if one.trained and not one.fixed}
    pairs = [pair for pair in comparison.against_reference if pair.difference and {pair.first, pair.second} <= free]
    gaps = [gap for pair in pairs if (gap := _detectable(pair)) is not None]
    if not gaps or comparison.reference is None:
        return
    held: Held = {
        "reference": slots.Name(comparison.reference),
        "gap": slots.Gap(median(gaps)),
        "margin": slots.Gap(comparison.margin),
        "power": slots.Share(POWER),
    }
    said = sentence("sight.wide" if median(gaps) > comparison.margin else "sight.fine", **held)
    yield Statement("sight", (said,), pair_runs(runs, *sorted({name for pair in pairs for name in _names(pair)})))


def _names(pair: Pair) -> tuple[str, str]:
    return pair.first, pair.second


def _detectable(pair: Pair) -> float | None:
    return pair.difference.detectable(comparisons=pair.comparisons) if pair.difference else None
