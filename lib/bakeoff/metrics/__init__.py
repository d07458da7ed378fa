"""Metric functions, one row each, and what the tests need of them; `load` gives each to code of one's own.

Importing this costs nothing: evaluate, pandas and the rest are imported where they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import evaluate

__all__ = ["load"]


def load(name: str) -> evaluate.Metric:
    """Return a metric as an `evaluate.Metric`: `.compute(predictions=..., references=...)` and `evaluate.combine`.

    references: class numbers (N,); predictions: logits (N, C), or class numbers (N,) where the metric needs no logits
    Nothing is fetched and nothing is kept on disk; `evaluate.load` would ask the hub for a script.
    Raises UnknownName for a metric nobody knows.

    >>> from bakeoff import metrics
    >>> metrics.load("macro_f1").compute(predictions=[0, 1, 1, 0], references=[0, 1, 0, 0])
    {'macro_f1': 0.7333333333333334}
    >>> import evaluate
    >>> both = evaluate.combine([metrics.load("accuracy"), metrics.load("auroc")])
    >>> both.compute(predictions=[[2.0, 1.0], [0.5, 1.5], [1.5, 0.0]], references=[0, 1, 1])
    {'accuracy': 0.6666666666666666, 'auroc': 0.5}
    """
    import datasets
    import evaluate
    import numpy as np

    from bakeoff.metrics.classification import metric_named

    metric = metric_named(name)
    gold, logits = datasets.Value("int64"), datasets.Sequence(datasets.Value("float64"))
    given = [logits] if metric.needs_logits else [datasets.Value("int64"), logits]

    class LocalMetric(evaluate.Metric):  # type: ignore[misc, unused-ignore]
        """`metric` behind the interface of evaluate."""

        def _info(self) -> evaluate.MetricInfo:
            return evaluate.MetricInfo(
                description=metric.function.__doc__ or "",
                citation="",
                inputs_description="predictions and references",
                features=[datasets.Features({"predictions": one, "references": gold}) for one in given],
            )

        def _compute(self, predictions: Any, references: Any) -> dict[str, float]:
            found = np.asarray(predictions)
            if found.ndim > 1 and not metric.needs_logits:
                found = found.argmax(axis=1)
            return {metric.name: metric(np.asarray(references), found)}

    # In memory, because evaluate would otherwise write each batch below the user's cache folder.
    return LocalMetric(config_name=metric.name, keep_in_memory=True)
