"""How exact each method's mean is: seed noise and test-set noise, told apart; only `reporting` imports this."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bakeoff.reporting.collect import Collection
from bakeoff.reporting.language import msg, tr
from bakeoff.reporting.notation import fraction, gap, level, range_of, share, whole
from bakeoff.reporting.quantities import metric_name, shown_name
from bakeoff.reporting.statistics import LEAST_SEEDS, POWER
from bakeoff.reporting.table import Table
from bakeoff.reporting.verdicts import Comparison

__all__ = ["detectable", "few_seeds", "noise_table"]

_NOISE = msg(
    "Between seeds: the standard deviation of the values of single seeds, on these test texts. Test texts: the "
    "standard error that their choice alone gives the mean. A dash between seeds: one seed, or a method that no seed "
    "changes."
)
_HALF_WIDTH = msg("Half-width: of the {level} interval of the difference to {reference}, which counts both noises.")
_DETECTABLE = msg(
    "Detectable gap: the true difference that a comparison as noisy as this one finds with a chance of {power}, before "
    "any correction for the number of comparisons."
)
_FEW_SEEDS = msg("With fewer than {seeds} seeds in common, the choice of test texts alone is counted.")


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
        tr("between seeds"): [gap(one.seed_sd) for one in found],
        tr("test texts"): [gap(one.item_se) for one in found],
        **_differences(comparison, [one.name for one in found]),
    }
    return Table(
        pd.DataFrame(data, index=pd.Index([shown_name(row) for row in rows], name=tr("method"))),
        caption=tr("The noise in {metric} on test, by where it comes from.", metric=metric),
        note=" ".join([tr(_NOISE), *_about_differences(comparison)]),
    )


def _differences(comparison: Comparison, names: Sequence[str]) -> dict[str, list[str]]:
    """Return what the noise leaves of each method's difference to the reference; nothing where none was computed."""
    known = {pair.first: pair.difference for pair in comparison.against_reference if pair.difference}
    if not known:
        return {}
    found = [known.get(name) for name in names]
    return {
        tr("half-width"): [gap(one.half_width if one else None) for one in found],
        tr("detectable gap"): [gap(one.detectable_gap if one else None) for one in found],
    }


def _about_differences(comparison: Comparison) -> list[str]:
    if not any(pair.difference for pair in comparison.against_reference):
        return []
    half = tr(_HALF_WIDTH, level=level(1 - comparison.alpha), reference=comparison.reference)
    few = any(pair.scope == "models" for pair in comparison.against_reference)
    return [half, *([few_seeds()] if few else []), detectable()]


def detectable() -> str:
    """Say what a detectable gap is."""
    return tr(_DETECTABLE, power=share(POWER))


def few_seeds() -> str:
    """Say what intervals count where seeds are too few to tell their noise."""
    return tr(_FEW_SEEDS, seeds=LEAST_SEEDS)
