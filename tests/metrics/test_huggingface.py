"""Metrics behind the interface of evaluate."""

import numpy as np
import pytest

from bakeoff.metrics.classification import METRICS
from bakeoff.metrics.huggingface import as_evaluate

GOLD = np.random.default_rng(3).integers(0, 4, 300)
LOGITS = np.random.default_rng(4).normal(size=(300, 4)) + 1.5 * np.eye(4)[GOLD]


@pytest.mark.parametrize("name", sorted(METRICS))
def test_evaluate_gives_the_same(name):
    metric = METRICS[name]
    given = LOGITS if metric.needs_logits else LOGITS.argmax(axis=1)
    assert as_evaluate(name).compute(predictions=given, references=GOLD) == {name: metric(GOLD, given)}
