"""A pair's difference over data sets: its mean, how far it varies between them, and what the next one may show.

Random effects: data sets are a sample, each with a true difference of its own around a common mean, seen with noise.
Sources: Viechtbauer 2005 (REML), Hartung and Knapp 2001 with the floor of Roever, Knapp and Friede 2015 (interval of
the mean), Viechtbauer 2007 (Q-profile interval of tau), IntHout et al. 2016 (prediction). Knows arrays only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

__all__ = ["Pooled", "pooled"]


Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """The mean difference over data sets like these, in units of the metric; a positive one favours the first.

    se, low, high, p: of the mean, with one degree of freedom less than there are data sets; tau: standard deviation of
    true differences between data sets, with its own interval, at the same level
    next_low, next_high: where the true difference on one more data set lies with that confidence
    """

    data_sets: int
    estimate: float
    se: float
    low: float
    high: float
    p: float
    tau: float
    tau_low: float
    tau_high: float
    next_low: float
    next_high: float

    def flipped(self) -> Pooled:
        """Return the same with first and second exchanged."""
        return replace(
            self, estimate=-self.estimate, low=-self.high, high=-self.low, next_low=-self.next_high,
            next_high=-self.next_low,
        )  # fmt: skip


def pooled(estimates: Array, errors: Array, *, alpha: float) -> Pooled:
    """Pool the differences of two or more data sets (D,), each with its standard error (D,), at 1 - alpha.

    Raises ValueError for fewer, and for an error that is not positive.
    """
    from scipy.special import stdtr, stdtrit

    y, errors = np.asarray(estimates, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if len(y) < 2 or len(y) != len(errors) or not (errors > 0).all():  # noqa: PLR2004 - one varies between none
        raise ValueError(f"{len(y)} differences, standard errors {errors.tolist()}")
    unit = float(np.sqrt(np.mean(errors**2)))
    y, v, df = y / unit, (errors / unit) ** 2, len(y) - 1
    tau2 = _reml(y, v)
    mean, q, weight = _fit(y, v, tau2)
    se = math.sqrt(max(q / df, 1.0) / weight)
    reach, ahead = (-float(stdtrit(df, alpha / 2)) * size for size in (se, math.hypot(se, math.sqrt(tau2))))
    low, high = (math.sqrt(_profile(y, v, tail)) for tail in (alpha / 2, 1 - alpha / 2))
    return Pooled(
        data_sets=len(y), estimate=unit * mean, se=unit * se, low=unit * (mean - reach), high=unit * (mean + reach),
        p=2 * float(stdtr(df, -abs(mean) / se)), tau=unit * math.sqrt(tau2), tau_low=unit * low, tau_high=unit * high,
        next_low=unit * (mean - ahead), next_high=unit * (mean + ahead),
    )  # fmt: skip


def _fit(y: Array, v: Array, tau2: float) -> tuple[float, float, float]:
    """Return the weighted mean, the weighted sum of squares around it, and the sum of weights 1 / (v + tau2)."""
    w = 1 / (v + tau2)
    mean = float(w @ y / w.sum())
    return mean, float(w @ (y - mean) ** 2), float(w.sum())


def _reml(y: Array, v: Array) -> float:
    """Return the variance between data sets of the greatest restricted likelihood."""
    from scipy.optimize import minimize_scalar

    def loss(tau2: float) -> float:
        _, q, weight = _fit(y, v, tau2)
        return float(np.log(v + tau2).sum()) + math.log(weight) + q

    most = float(np.sum((y - y.mean()) ** 2)) + 1e-9  # with it, hardly anything of the spread is left to noise
    found = minimize_scalar(loss, bounds=(0.0, most), method="bounded", options={"xatol": 1e-10})
    return float(found.x) if found.fun < loss(0.0) else 0.0


def _profile(y: Array, v: Array, tail: float) -> float:
    """Return the variance between data sets at which Q has this upper tail under its chi-square, 0 where none has."""
    from scipy.optimize import brentq
    from scipy.special import chdtri

    wanted = float(chdtri(len(y) - 1, tail))

    def above(tau2: float) -> float:
        return _fit(y, v, tau2)[1] - wanted

    if above(0.0) <= 0:
        return 0.0
    high = 1.0
    while above(high) > 0:
        high *= 4
    return float(brentq(above, 0.0, high, xtol=1e-12, rtol=1e-10))
