"""Tables of pairs of methods, and of the noise of each method's mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bakeoff.report.claims.advice import unbeaten
from bakeoff.report.claims.findings import facing
from bakeoff.report.claims.resolution import plans
from bakeoff.report.pages.table import Table
from bakeoff.report.tables.notes import corrected, detectable, few_seeds, limited_by_seeds
from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.labels import metric_name, shown_name, verdict_words
from bakeoff.report.text.language import msg, tr, trn
from bakeoff.report.text.numbers import (
    chance,
    extended,
    fraction,
    gap,
    interval,
    level,
    p_value,
    points,
    range_of,
    whole,
)
from bakeoff.stats.compare import Comparison, Pair, Verdict
from bakeoff.stats.difference import seed_noise_interval
from bakeoff.stats.uncertainty import CONFIDENCE
from bakeoff.study.collect import Collection

__all__ = ["noise_table", "open_table", "pair_tables", "unmet_table"]


_REASONS = {
    "settings": msg("other settings"),
    "items": msg("other test texts"),
    "labels": msg("other labels"),
    "seeds": msg("no seed in common"),
}
_HOW = msg(
    "Difference: first minus second, with its uncorrected {level} interval; of two equivalent ones also the "
    "interval within the margin. Least margin: that within which they are shown to lie, at the strictest step of "
    "Holm's correction. p: of the test against no difference. p of equivalence: of the test against a difference "
    "beyond \N{PLUS-MINUS SIGN}{margin}."
)
_NEXT = msg(
    "Next run: the chance that the first is ahead when both are trained once more and tested on as many new texts. "
    "Below it: the chance that they then lie within the margin. Both by the predictive distribution of the noise "
    "between seeds and of test texts."
)


_NEXT_RUN = msg(
    "Next run: the chance that the first is ahead when both are trained and tested anew. Anew means: another seed, "
    "other training texts from the same ones, and as many new test texts. Below it: the chance that they then lie "
    "within the margin. Both by the predictive distribution of the noise between runs and of test texts."
)


def pair_tables(collection: Collection, comparison: Comparison) -> list[Table]:
    """Return a table for each family of comparisons, as far as it has pairs of its own; the first explains columns."""
    names = {row.name: shown_name(row) for row in collection.rows}
    metric = metric_name(comparison.metric)
    against = tr("Each method against the reference, in {metric} on test.", metric=metric)
    beside = tr("Each other method against each baseline, in {metric} on test.", metric=metric)
    others = tr("Every other pair of methods, in {metric} on test.", metric=metric)
    parts = (
        (against, comparison.against_reference),
        (beside, [pair for pair in comparison.pairs if pair.family == "baselines"]),
        (others, [pair for pair in comparison.pairs if pair.family == "all pairs"]),
    )
    shown = [(caption, pairs) for caption, pairs in parts if pairs]
    how = [_legend(comparison, ahead=tr(_NEXT_RUN if collection.drawn else _NEXT)), *[""] * len(shown)]
    return [
        _table(pairs, comparison, names=names, caption=caption, how=how[place])
        for place, (caption, pairs) in enumerate(shown)
    ]


def _table(pairs: Sequence[Pair], comparison: Comparison, *, names: Mapping[str, str], caption: str, how: str) -> Table:
    found = [pair.difference for pair in pairs]
    data = {
        tr("against"): [names[pair.second] for pair in pairs],
        tr("difference"): [_difference(pair, alpha=comparison.alpha) for pair in pairs],
        tr("detectable gap"): [gap(_detectable(pair)) for pair in pairs],
        tr("least margin"): [
            gap(one.least_margin(comparisons=pair.comparisons) if one else None)
            for pair, one in zip(pairs, found, strict=True)
        ],
        "p": [p_value(pair.p_holm) for pair in pairs],
        tr("p of equivalence"): [p_value(pair.p_equivalence_holm) for pair in pairs],
        tr("next run"): [_next(pair) for pair in pairs],
        tr("verdict"): [_verdict(pair) for pair in pairs],
    }
    labels = (tr("method"), [names[pair.first] for pair in pairs])
    return Table(data, labels=labels, caption=caption, note=_note(pairs, comparison, how=how))


_OPEN = 8
"""Rows of the table of open pairs; all pairs stand in the appendix."""


def open_table(collection: Collection, comparison: Comparison) -> Table | None:
    """Show the open pairs of the best mean and of the reference, and what would settle them; None without any.

    Of methods that are not shown to be worse than another; the pairs of the best mean come first.
    """
    among = unbeaten(comparison)
    names = {row.name: shown_name(row) for row in collection.rows}
    best, asked = {*among[:1]}, {*among[:1], comparison.reference}
    pairs = [
        pair for pair in comparison.pairs
        if pair.relation == "not_settled" and pair.difference and {pair.first, pair.second} <= {*among, *asked}
        and asked & {pair.first, pair.second}
    ]  # fmt: skip
    if not pairs:
        return None
    pairs.sort(key=lambda pair: not best & {pair.first, pair.second})
    shown, more, metric = pairs[:_OPEN], len(pairs) - _OPEN, metric_name(comparison.metric)
    needs = [plans(pair) for pair in shown]
    data = {
        tr("against"): [names[pair.second] for pair in shown],
        tr("difference"): [_difference(pair, alpha=comparison.alpha) for pair in shown],
        tr("seeds that settle it"): [_needed(seeds) for seeds, _ in needs],
        tr("test texts that settle it"): [_needed(items) for _, items in needs],
    }
    rest = [trn("{number} more pair stands in the appendix.", "{number} more pairs stand in the appendix.", more,
                number=whole(more))] if more > 0 else []  # fmt: skip
    return Table(
        data,
        labels=(tr("method"), [names[pair.first] for pair in shown]),
        caption=tr("Open pairs of the best mean and of the reference, in {metric}.", metric=metric),
        note=" ".join([tr(_SETTLES), *rest]),
    )


def unmet_table(collection: Collection, comparison: Comparison) -> Table | None:
    """Show by baseline which trained candidates are not shown to be better than it; None where all are."""
    known = {one.name for one in comparison.methods}
    rows = [row for row in collection.rows if row.name in known and row.records]
    baselines = [row for row in rows if row.any.role == "baseline"]
    trained = [row for row in rows if row.any.role != "baseline" and row.any.trained]
    unmet = {
        shown_name(one): [shown_name(row) for row in trained if _not_above(comparison, row.name, one.name)]
        for one in baselines
    }
    unmet = {name: others for name, others in unmet.items() if others}
    if not unmet:
        return None
    return Table(
        {tr("not shown to be better than it"): [", ".join(others) for others in unmet.values()]},
        labels=(tr("baseline"), list(unmet)),
        caption=tr("Trained methods that are not shown to be better than a baseline."),
        note=limited_by_seeds([facing(comparison, row.name, one.name) for one in baselines for row in trained],
                               comparison),
    )  # fmt: skip


def _not_above(comparison: Comparison, name: str, baseline: str) -> bool:
    pair = facing(comparison, name, baseline)
    return pair.difference is not None and pair.better != name


_SETTLES = msg("Numbers that settle it alone, if the difference stays; a dash: out of reach, or none alone.")


def _needed(number: int | None) -> str:
    return MISSING if not number else whole(number)


def _difference(pair: Pair, *, alpha: float) -> str:
    """Return estimate and interval, and for an equivalent pair the one that lies within the margin."""
    one = pair.difference
    if one is None:
        return MISSING
    inner = f"\n{level(1 - 2 * alpha)}: {interval(*one.inner)}" if pair.verdict is Verdict.EQUIVALENT else ""
    first = points(one.estimate)
    return extended(first, f"{first}\n{interval(one.low, one.high)}{inner}")


def _detectable(pair: Pair) -> float | None:
    return pair.difference.detectable(comparisons=pair.comparisons) if pair.difference else None


def _next(pair: Pair) -> str:
    found = pair.chances
    if found is None:
        return MISSING
    first = chance(found.better)
    return extended(first, f"{first}\n{chance(found.within)}")


def _verdict(pair: Pair) -> str:
    return "\n".join([verdict_words(pair), *([tr(_REASONS[pair.reason])] if pair.reason else [])])


def _note(pairs: Sequence[Pair], comparison: Comparison, *, how: str) -> str | None:
    """Say how a table's p values are corrected. how: what else is said of it."""
    tested = [pair for pair in pairs if pair.difference]
    if not tested:
        return how or None
    family = tested[0].family
    return " ".join([*([how] if how else []), corrected(family, comparison.corrected_for(family))])


def _legend(comparison: Comparison, *, ahead: str) -> str:
    """Return what the columns of these tables mean; nothing where no pair could be compared."""
    tested = [pair for pair in comparison.pairs if pair.difference]
    if not tested:
        return ""
    how = tr(_HOW, level=level(1 - comparison.alpha), margin=gap(comparison.margin))
    few = any(pair.scope == "models" for pair in tested)
    known = any(pair.chances for pair in tested)
    return " ".join([how, detectable(), *([ahead] if known else []), *([few_seeds()] if few else [])])


_NOISE = msg(
    "Between seeds: the standard deviation over single seeds, on these test texts, and its {level} interval "
    "(chi-square). Test texts: the standard error that their choice alone gives the mean. A dash between seeds: one "
    "seed, or a method that no seed changes."
)
_RUN_NOISE = msg(
    "Between runs, which differ in seed and training texts: the standard deviation, on these test texts, and its "
    "{level} interval (chi-square). Test texts: the standard error that their choice alone gives the mean. A dash "
    "between runs: one run, or a method that neither changes."
)
_HALF_WIDTH = msg("Half-width: of the {level} interval of the difference to {reference}, which counts both noises.")


def noise_table(collection: Collection, comparison: Comparison) -> Table | None:
    """Show the noise of each method and what it leaves of its comparison with the reference; None without results."""
    known = {one.name: one for one in comparison.methods}
    rows = [row for row in collection.rows if row.name in known]
    if not rows:
        return None
    found = [known[row.name] for row in rows]
    metric = metric_name(comparison.metric)
    data = {
        tr("seeds"): [tr("any") if one.fixed else whole(len(one.seeds)) for one in found],
        tr("{metric} by seed", metric=metric): [range_of(one.by_seed, fraction) for one in found],
        tr("between runs") if collection.drawn else tr("between seeds"): [
            _between(one.seed_sd, len(one.by_seed)) for one in found
        ],
        tr("test texts"): [gap(one.item_se) for one in found],
        **_differences(comparison, [one.name for one in found]),
    }
    return Table(
        data,
        labels=(tr("method"), [shown_name(row) for row in rows]),
        caption=tr("The noise in {metric} on test, by where it comes from.", metric=metric),
        note=" ".join(
            [tr(_RUN_NOISE if collection.drawn else _NOISE, level=level(CONFIDENCE)), *_about_differences(comparison)]
        ),
    )


def _between(seed_sd: float | None, seeds: int) -> str:
    if seed_sd is None:
        return MISSING
    first = gap(seed_sd)
    return extended(first, f"{first}\n{range_of(seed_noise_interval(seed_sd, seeds), gap)}")


def _differences(comparison: Comparison, names: Sequence[str]) -> dict[str, list[str]]:
    """Return what the noise leaves of each method's difference to the reference; nothing where none was computed."""
    known = {pair.first: pair for pair in comparison.against_reference if pair.difference}
    if not known:
        return {}
    found = [known.get(name) for name in names]
    return {
        tr("half-width"): [gap(one.difference.half_width if one and one.difference else None) for one in found],
        tr("detectable gap"): [gap(_detectable(one) if one else None) for one in found],
    }


def _about_differences(comparison: Comparison) -> list[str]:
    if not any(pair.difference for pair in comparison.against_reference):
        return []
    half = tr(_HALF_WIDTH, level=level(1 - comparison.alpha), reference=comparison.reference)
    few = any(pair.scope == "models" for pair in comparison.against_reference)
    return [half, *([few_seeds()] if few else []), detectable()]
