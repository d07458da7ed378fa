"""The metric that a report compares by, for whatever writes differences in its unit and direction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bakeoff.metrics.classification import metric_named
from bakeoff.metrics.metric import Metric

__all__ = ["declared_metric", "measuring"]


_declared: ContextVar[str] = ContextVar("metric", default="accuracy")


@contextmanager
def measuring(metric: str) -> Iterator[None]:
    """Write every difference as one in this metric until the block ends."""
    token = _declared.set(metric)
    try:
        yield
    finally:
        _declared.reset(token)


def declared_metric() -> Metric:
    """Return the metric that differences are in."""
    return metric_named(_declared.get())
