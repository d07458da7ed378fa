"""Every pair of methods with all that was computed of it; only `reporting` imports this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bakeoff.reporting.collect import Collection
from bakeoff.reporting.escape import MISSING
from bakeoff.reporting.language import msg, tr, trn
from bakeoff.reporting.noise import detectable, few_seeds
from bakeoff.reporting.notation import gap, interval, level, p_value, points, whole
from bakeoff.reporting.quantities import metric_name, shown_name, verdict_words
from bakeoff.reporting.table import Table
from bakeoff.reporting.verdicts import Comparison, Pair

__all__ = ["pair_tables"]

_REASONS = {
    "settings": msg("other settings"),
    "items": msg("other test texts"),
    "labels": msg("other labels"),
    "seeds": msg("no seed in common"),
}
_HOW = msg(
    "Difference: first minus second, with its {level} interval, which is not corrected; half-width: half of that "
    "interval. p: of the test against no difference; p of equivalence: of the test against a difference beyond "
    "\N{PLUS-MINUS SIGN}{margin}."
)


def pair_tables(collection: Collection, comparison: Comparison) -> list[Table]:
    """Return a table of each method against the reference and one of all other pairs, as far as there are any."""
    names = {row.name: shown_name(row) for row in collection.rows}
    metric = metric_name(comparison.metric)
    against = tr("Each method against the reference, in {metric} on test.", metric=metric)
    others = tr("Every other pair of methods, in {metric} on test.", metric=metric)
    rest = [pair for pair in comparison.pairs if pair.family != "reference"]
    parts = ((against, comparison.against_reference), (others, rest))
    return [_table(pairs, comparison, names=names, caption=caption) for caption, pairs in parts if pairs]


def _table(pairs: Sequence[Pair], comparison: Comparison, *, names: Mapping[str, str], caption: str) -> Table:
    found = [pair.difference for pair in pairs]
    data = {
        tr("against"): [names[pair.second] for pair in pairs],
        tr("difference"): [
            f"{points(one.estimate)}\n{interval(one.low, one.high)}" if one else MISSING for one in found
        ],
        tr("half-width"): [gap(one.half_width if one else None) for one in found],
        tr("detectable gap"): [gap(one.detectable_gap if one else None) for one in found],
        "p": [p_value(pair.p_holm) for pair in pairs],
        tr("p of equivalence"): [p_value(pair.p_equivalence_holm) for pair in pairs],
        tr("verdict"): [_verdict(pair) for pair in pairs],
    }
    index = pd.Index([names[pair.first] for pair in pairs], name=tr("method"))
    return Table(pd.DataFrame(data, index=index), caption=caption, note=_note(pairs, comparison))


def _verdict(pair: Pair) -> str:
    return "\n".join([verdict_words(pair), *([tr(_REASONS[pair.reason])] if pair.reason else [])])


def _note(pairs: Sequence[Pair], comparison: Comparison) -> str | None:
    tested = [pair for pair in pairs if pair.difference]
    if not tested:
        return None
    number = comparison.corrected_for(tested[0].family)
    how = tr(_HOW, level=level(1 - comparison.alpha), margin=gap(comparison.margin))
    corrected = trn(
        "Both after Holm's correction for {number} comparison.",
        "Both after Holm's correction for {number} comparisons.",
        number,
        number=whole(number),
    )
    few = any(pair.scope == "models" for pair in tested)
    return " ".join([how, corrected, detectable(), *([few_seeds()] if few else [])])
