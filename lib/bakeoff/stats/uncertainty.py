"""How far an estimate can be off that several independent sources of noise blur, each known from few observations.

Knows numbers only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["CONFIDENCE", "Part", "Uncertainty", "at_least", "mean_of"]


CONFIDENCE = 0.95
"""Of intervals beside the declared comparison: of times, of gains in training, of the noise itself."""


@dataclass(frozen=True)
class Part:
    """One source of noise: its variance in the estimate, and the degrees of freedom with which that is known."""

    variance: float
    df: float


@dataclass(frozen=True)
class Uncertainty:
    """The noise of an estimate, in its unit: at least one part with a variance.

    The reach at a level is the root of the sum of squares of what each part would reach alone, t quantile times
    standard error (Howe 1974, "Approximate confidence limits on the mean of X + Y"). Where one part makes all the
    noise that is Student's t test with its degrees of freedom; where both count it is on the safe side (with three
    seeds a 95 % interval may cover .975). Satterthwaite's single t with the degrees of freedom of the sum claims too
    much where the part with few of them is large: it came out small by chance just where the other then decides.
    `tests/simulations` shows both ends.
    """

    parts: tuple[Part, ...]

    @property
    def se(self) -> float:
        """The standard error."""
        return math.sqrt(sum(part.variance for part in self.parts))

    def reach(self, level: float) -> float:
        """Return the distance that chance alone exceeds to one side with probability `level`, below one half."""
        from scipy.special import stdtrit

        return math.sqrt(sum(part.variance * float(stdtrit(part.df, level)) ** 2 for part in self.parts))

    def tail(self, distance: float) -> float:
        """Return the probability that chance alone exceeds `distance` to one side: what `reach` inverts."""
        from scipy.optimize import brentq
        from scipy.special import stdtr

        if distance < 0:
            return 1 - self.tail(-distance)
        parts = [part for part in self.parts if part.variance > 0]
        # The answer lies between those of Student's t with the most and the fewest degrees of freedom.
        low, high = sorted(float(stdtr(df, -distance / self.se)) for df in _extremes(parts))
        low, high = max(low, _SMALLEST), max(high, _SMALLEST)
        if self.reach(low) <= distance:
            return low
        ends = math.log(low) - _ROUNDING, min(math.log(high) + _ROUNDING, math.log(0.5))
        return math.exp(float(brentq(lambda log: self.reach(math.exp(log)) - distance, *ends, xtol=1e-9)))

    def finds(self, gap: float, level: float) -> float:
        """Return the chance that an estimate of a true gap exceeds its reach, which is estimated anew with it."""
        return self._found(gap, self._reaches(level)) if self.se > 0 else float(gap > 0)

    def _found(self, gap: float, reaches: npt.NDArray[np.float64]) -> float:
        from scipy.special import ndtr

        return float(ndtr((gap - reaches) / self.se).mean())

    def holds(self, gap: float, margin: float, level: float) -> float:
        """Return the chance that a true gap is shown to lie within a margin, by one test to either side."""
        return self._held(gap, margin, self._reaches(level)) if self.se > 0 else float(gap < margin)

    def _held(self, gap: float, margin: float, reaches: npt.NDArray[np.float64]) -> float:
        from scipy.special import ndtr

        room = margin - reaches
        within = ndtr((room - gap) / self.se) - ndtr((-room - gap) / self.se)
        return float(np.maximum(within, 0.0).mean())

    def detectable(self, level: float, power: float) -> float:
        """Return the true gap that `finds` gives a chance of `power`."""
        return self._least(lambda gap, reaches: self._found(gap, reaches) - power, level)

    def provable(self, level: float, power: float) -> float:
        """Return the margin within which two equal methods are shown to lie with a chance of `power`."""
        return self._least(lambda margin, reaches: self._held(0.0, margin, reaches) - power, level)

    def _least(self, short: Callable[[float, npt.NDArray[np.float64]], float], level: float) -> float:
        from scipy.optimize import brentq

        if self.se == 0:
            return 0.0
        high, reaches = self.reach(level), self._reaches(level)
        while short(high, reaches) < 0:
            high *= 2
        return float(brentq(short, 0.0, high, args=(reaches,), xtol=1e-9 * high))

    def _reaches(self, level: float) -> npt.NDArray[np.float64]:
        """Return equally likely values of the reach: variances are estimated with the noise of their chi-square."""
        from scipy.special import chdtri, stdtrit

        shares = (np.arange(_STEPS) + 0.5) / _STEPS
        squares = np.zeros(1)
        for part in self.parts:
            if part.variance > 0:
                estimates = part.variance * chdtri(part.df, shares) / part.df
                squares = np.add.outer(squares, estimates * float(stdtrit(part.df, level)) ** 2).ravel()
        return np.sqrt(squares)


_STEPS = 64


def mean_of(values: Sequence[float]) -> Part:
    """Return the noise of the mean of two or more values, as Student's t has it."""
    mean = sum(values) / len(values)
    df = len(values) - 1
    return Part(sum((value - mean) ** 2 for value in values) / (df * len(values)), df)


def at_least(se: float, *parts: Part) -> Uncertainty:
    """Return the uncertainty of these parts, the last one raised where they fall short of a standard error."""
    *others, last = parts
    floor = se**2 - sum(part.variance for part in others)
    return Uncertainty((*others, Part(max(last.variance, floor), last.df)))


_SMALLEST = 1e-100
"""Probabilities below it are none to tell apart, and for some of them `stdtrit` has no number."""

_ROUNDING = 1e-6
"""By which the ends are moved apart, in logarithms: the answer may be one of them."""


def _extremes(parts: list[Part]) -> tuple[float, float]:
    freedoms = [part.df for part in parts]
    return min(freedoms), max(freedoms)
