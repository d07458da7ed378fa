"""Statements about what baselines leave open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bakeoff.report.claims.findings import Runs, corrected, facing, pair_runs, pair_said
from bakeoff.report.text import slots
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.stats.compare import Comparison, Pair
from bakeoff.study.collect import Collection

__all__ = ["baselines"]


def baselines(collection: Collection, comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Hold the trained candidates against each baseline.

    Those above it are one statement, and so are those of which nothing is shown and nothing more is to be said; each
    other has its own.
    """
    known = {summary.name for summary in comparison.methods}
    rows = [row for row in collection.rows if row.name in known and row.records]
    for baseline in (row for row in rows if row.any.role == "baseline"):
        candidates = [row.name for row in rows if row.any.role != "baseline" and row.any.trained]
        tested = [facing(comparison, name, baseline.name) for name in candidates]
        pairs = {pair.first: pair for pair in tested if pair.difference}
        beaten = {name: pair for name, pair in pairs.items() if pair.better == name}
        if beaten:
            said = [*_above(baseline.name, beaten, comparison)]
            yield Statement("baseline", tuple(said), pair_runs(runs, baseline.name, *beaten))
        key = "baseline.majority" if baseline.any.kind == "majority" else "baseline"
        yield from _not_above({name: pair for name, pair in pairs.items() if name not in beaten}, key, comparison, runs)


def _above(baseline: str, beaten: Mapping[str, Pair], comparison: Comparison) -> Iterator[Sentence]:
    """Say who is above a baseline: by more than the margin or less, as methods or as the models trained here."""
    groups: dict[str, dict[str, Pair]] = {}
    for name, pair in beaten.items():
        groups.setdefault(f"{pair.relation}.{pair.scope}", {})[name] = pair
    for key, pairs in groups.items():
        yield sentence(
            f"baseline.{key}", names=corrected(pairs, comparison), b=slots.Name(baseline),
            mean=slots.Fraction(comparison.method(baseline).mean), metric=slots.Metric(comparison.metric),
            margin=slots.Gap(comparison.margin),
        )  # fmt: skip


def _not_above(pairs: Mapping[str, Pair], key: str, comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Say what the data do of candidates that are not above a baseline; key: of the sentences about it."""
    said = {name: [*_said(pair, key, comparison)] for name, pair in pairs.items()}
    plain: dict[str, list[Pair]] = {}
    for name, pair in pairs.items():
        if pair.relation == "not_settled" and len(said[name]) == 1:
            plain.setdefault(pair.scope, []).append(pair)
    several = {scope: found for scope, found in plain.items() if len(found) > 1}
    for scope, found in several.items():
        together = _together(found, f"{key}.several.{scope}", comparison)
        yield Statement("unmet", (together,), pair_runs(runs, found[0].second, *(pair.first for pair in found)))
    for name, pair in pairs.items():
        if pair not in several.get(pair.scope, ()):
            kind = "unmet" if pair.relation == "not_settled" else "baseline"  # what is settled is no doubt
            yield Statement(kind, tuple(said[name]), pair_runs(runs, name, pair.second))


def _said(pair: Pair, key: str, comparison: Comparison) -> Iterator[Sentence]:
    # "The majority class" says more than a name, but not where a method is below it.
    below = key == "baseline" and pair.relation == "not_settled" and pair.difference and pair.difference.estimate < 0
    yield from pair_said(
        "baseline" if pair.better else "baseline.below" if below else key, pair, comparison,
        mean_a=slots.Fraction(comparison.method(pair.first).mean),
        mean_b=slots.Fraction(comparison.method(pair.second).mean),
    )  # fmt: skip


def _together(pairs: Sequence[Pair], key: str, comparison: Comparison) -> Sentence:
    """Say of several pairs with the same second method that nothing is shown."""
    shown = tuple(
        slots.Against(
            pair.first, comparison.method(pair.first).mean, found.estimate, (found.low, found.high), pair.p_holm,
            comparison.corrected_for(pair.family),
        )
        for pair in pairs
        if (found := pair.difference) and pair.p_holm is not None
    )  # fmt: skip
    baseline = pairs[0].second
    return sentence(
        key, b=slots.Name(baseline), metric=slots.Metric(comparison.metric), methods=slots.Compared(shown),
        mean=slots.Fraction(comparison.method(baseline).mean), confidence=slots.Level(1 - comparison.alpha),
    )  # fmt: skip
