"""The raw values of the summary: full precision, units in the column names, nothing rounded, nothing formatted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from bakeoff.runs.record import Record
from bakeoff.stats.compare import Comparison, MethodSummary, Pair, tie_groups
from bakeoff.study.collect import (
    PARAMS_TRAINABLE,
    TRAIN_TIME,
    Collection,
    Row,
    from_scratch,
    full_parameters,
    mean,
    memory_field,
)
from bakeoff.study.diagnostics import OUTCOMES, converged, outcomes_of
from bakeoff.study.sweeps import stopped_of, trials_of

__all__ = ["QUALITIES", "runs_frame", "summary_values"]

QUALITIES = ("accuracy", "macro_f1", "weighted_f1", "mcc", "auroc", "average_precision", "log_loss", "brier", "ece")
"""Metrics of every table that shows all there are, in their order; the declared one joins them."""


def summary_values(collection: Collection, comparison: Comparison) -> pd.DataFrame:
    """Return one row per declared method; a value nobody measured is missing."""
    against = {pair.first: pair for pair in comparison.against_reference}
    found, groups = {one.name: one for one in comparison.methods}, tie_groups(comparison)
    rows = [
        {
            **_row(row, collection, against.get(row.name)),
            **_standing(found.get(row.name)),
            "group": " ".join(groups.get(row.name, ())) or None,
            "compared_by": comparison.metric,
        }
        for row in collection.rows
    ]
    return pd.DataFrame(rows)


def _standing(found: MethodSummary | None) -> dict[str, float | None]:
    """Return where a method stands, and the two noises of the metric that methods are compared by."""
    return {
        "seed_sd_pp": _points(found.seed_sd if found else None),
        "item_se_pp": _points(found.item_se if found else None),
        "rank_best": found.best_rank if found else None,
        "rank_worst": found.worst_rank if found else None,
    }


def _points(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _row(row: Row, collection: Collection, pair: Pair | None) -> dict[str, Any]:
    experiment = collection.experiment
    qualities = dict.fromkeys((*QUALITIES, *experiment.unrecorded, experiment.compare.metric))
    trainable, full = mean(row.cost(PARAMS_TRAINABLE)), full_parameters(collection)
    return {
        **_identity(row, collection),
        **{f"{name}_test_{key}": value for name in qualities for key, value in _spread(row.quality(name)).items()},
        **_difference(pair),
        **{f"{TRAIN_TIME}_{key}": value for key, value in _spread(row.cost(TRAIN_TIME)).items()},
        **{f"peak_memory_train_bytes_{key}": v for key, v in _spread(row.cost(memory_field(collection))).items()},
        "peak_memory_of": memory_field(collection),
        "params_trainable": trainable,
        "params_trainable_share_of_full": trainable / full if trainable is not None and full else None,
        "artifact_bytes": mean(row.cost("artifact_bytes")),
    }


def _identity(row: Row, collection: Collection) -> dict[str, Any]:
    runs = (*row.records, *row.failures)
    inputs = runs[0].inputs if runs else None
    return {
        "method": row.name,
        "kind": runs[0].kind if runs else None,
        "model": inputs.model_id if inputs else None,
        "from_scratch": from_scratch(row) if runs else None,
        "pretrained": inputs.model_pretrained if inputs else None,
        "trials": trials_of(collection, row) if runs else None,
        "trials_stopped": stopped_of(collection, row) if runs else None,
        "runs": len(row.records),
        "runs_failed": len(row.failures),
        "runs_missing": len(row.missing),
        "runs_unusable": len(row.unusable),
        "failures": ", ".join(f"{n} {OUTCOMES[kind]}" for kind, n in outcomes_of(row.failures).items()) or None,
        "seeds": " ".join(map(str, row.seeds)),
        "converged": converged(row, collection.experiment.compare.metric),
    }


def _spread(values: Sequence[float]) -> dict[str, float | None]:
    return {"mean": mean(values), "min": min(values, default=None), "max": max(values, default=None)}


def _difference(pair: Pair | None) -> dict[str, Any]:
    found = pair.difference if pair else None
    detectable = found.detectable(comparisons=pair.comparisons) if pair and found else None
    return {
        "reference": pair.second if pair else None,
        "difference_to_reference_pp": 100 * found.estimate if found else None,
        "difference_low_pp": 100 * found.low if found else None,
        "difference_high_pp": 100 * found.high if found else None,
        "difference_half_width_pp": 100 * found.half_width if found else None,
        "detectable_gap_pp": 100 * detectable if detectable is not None else None,
        "p_holm": pair.p_holm if pair else None,
        "verdict": pair.finding if pair else None,
        "better": pair.better if pair else None,
    }


def runs_frame(collection: Collection) -> pd.DataFrame:
    """Return one row per finished run of a declared method: what it is, its scores by split, its costs."""
    return pd.DataFrame([_run(row, record) for row in collection.rows for record in row.records])


def _run(row: Row, record: Record) -> dict[str, Any]:
    scores = {
        f"{split}_{name}": value
        for split, quality in (("test", record.test), ("validation", record.validation))
        for name, value in (quality.metrics if quality else {}).items()
    }
    costs = record.cost.model_dump() if record.cost else {}
    settings = {f"param_{name}": value for name, value in record.params.items()}
    return {
        "run_id": record.run_id, "method": row.name, "kind": record.kind, "seed": record.seed, **scores, **costs,
        **settings,
    }  # fmt: skip
