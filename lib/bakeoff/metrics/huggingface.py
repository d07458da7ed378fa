"""The metrics of `metrics` behind the interface of evaluate, for code that expects an `evaluate.Metric`.

Nothing is fetched: `evaluate.load` would ask the hub for a script. evaluate is imported where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bakeoff.metrics.classification import metric_named

if TYPE_CHECKING:
    import evaluate

__all__ = ["as_evaluate"]


def as_evaluate(name: str) -> evaluate.Metric:
    """Return the metric called `name` as an `evaluate.Metric`: `.compute(predictions=..., references=...)`.

    `predictions` are class numbers, or rows of logits for a metric that needs them. Kept in memory: evaluate would
    otherwise write each batch below the user's cache folder.
    """
    import datasets
    import evaluate

    metric = metric_named(name)
    number = datasets.Value("float64")
    prediction = datasets.Sequence(number) if metric.needs_logits else datasets.Value("int64")

    class LocalMetric(evaluate.Metric):  # type: ignore[misc, unused-ignore]
        """`metric` behind the interface of evaluate."""

        def _info(self) -> evaluate.MetricInfo:
            features = datasets.Features({"predictions": prediction, "references": datasets.Value("int64")})
            return evaluate.MetricInfo(
                description=metric.function.__doc__ or "",
                citation="",
                inputs_description="predictions and references",
                features=features,
            )

        def _compute(self, predictions: Any, references: Any) -> dict[str, float]:
            return {metric.name: metric(np.asarray(references), np.asarray(predictions))}

    return LocalMetric(config_name=metric.name, keep_in_memory=True)
