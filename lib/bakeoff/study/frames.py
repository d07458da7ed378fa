"""The raw values of the summary: full precision, units in the column names, nothing rounded, nothing formatted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from bakeoff.metrics.classification import metric_named
from bakeoff.metrics.metric import Metric
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
    """Return one row per declared method; a value nobody measured is missing.

    Differences and noises end in _pp, percentage points, where the metric is a share, in _nats where it is measured in
    these, and else have no ending and the metric's own unit. A positive difference favours the method.
    """
    in_unit = _In(metric_named(comparison.metric))
    against = {pair.first: pair for pair in comparison.against_reference}
    found, groups = {one.name: one for one in comparison.methods}, tie_groups(comparison)
    rows = [
        {
            **_row(row, collection, against.get(row.name), in_unit),
            **_standing(found.get(row.name), in_unit),
            "group": " ".join(groups.get(row.name, ())) or None,
            "compared_by": comparison.metric,
        }
        for row in collection.rows
    ]
    return pd.DataFrame(rows)


class _In:
    """Names and values of differences in the unit of a metric."""

    def __init__(self, metric: Metric) -> None:
        self.ending, self.scale = f"_{metric.unit}" if metric.unit else "", 100 if metric.unit == "pp" else 1

    def __call__(self, **values: float | None) -> dict[str, float | None]:
        return {f"{name}{self.ending}": None if value is None else self.scale * value for name, value in values.items()}


def _standing(found: MethodSummary | None, in_unit: _In) -> dict[str, float | None]:
    """Return where a method stands, and the two noises of the metric that methods are compared by."""
    return {
        **in_unit(seed_sd=found.seed_sd if found else None, item_se=found.item_se if found else None),
        "rank_best": found.best_rank if found else None,
        "rank_worst": found.worst_rank if found else None,
    }


def _row(row: Row, collection: Collection, pair: Pair | None, in_unit: _In) -> dict[str, Any]:
    experiment = collection.experiment
    qualities = dict.fromkeys((*QUALITIES, *experiment.unrecorded, experiment.compare.metric))
    trainable, full = mean(row.cost(PARAMS_TRAINABLE)), full_parameters(collection)
    return {
        **_identity(row, collection),
        **{f"{name}_test_{key}": value for name in qualities for key, value in _spread(row.quality(name)).items()},
        **_difference(pair, in_unit),
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


def _difference(pair: Pair | None, in_unit: _In) -> dict[str, Any]:
    found = pair.difference if pair else None
    return {
        "reference": pair.second if pair else None,
        **in_unit(
            difference_to_reference=found.estimate if found else None,
            difference_low=found.low if found else None,
            difference_high=found.high if found else None,
            difference_half_width=found.half_width if found else None,
            detectable_gap=found.detectable(comparisons=pair.comparisons) if pair and found else None,
        ),
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
