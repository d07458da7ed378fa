"""Many comparisons at once: correction within a family, and tests that a difference is too small to matter.

Knows differences and numbers only; `verdicts` imports it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bakeoff.reporting.statistics import Difference

__all__ = ["equivalence_p", "holm"]


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the p values of one family, adjusted by Holm 1979; they bound the chance of any false claim in it.

    statsmodels has the same (the tests compare), but collects garbage at every call, which costs more than all else.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return tuple(adjusted.tolist())


def equivalence_p(difference: Difference, *, margin: float) -> float:
    """Return the p value of "the difference lies outside +-margin" (two one-sided t tests, Schuirmann 1987).

    statsmodels has it for raw samples only (the tests compare), not for a standard error from several mean squares.
    """
    return difference.uncertainty.tail(margin - abs(difference.estimate))
