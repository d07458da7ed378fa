"""What a difference promises of the next time: a new training run of both methods, on as many new texts.

The predictive distribution of the same two parts of noise that the interval counts (Geisser 1993, ch. 2): around the
estimate, which is as uncertain as its interval says, lies the noise of one more seed and of another draw of test texts.
`tests/simulations` shows how often what was called so likely came true.
"""

from __future__ import annotations

from dataclasses import dataclass

from bakeoff.stats.difference import Difference
from bakeoff.stats.uncertainty import Part, Uncertainty

__all__ = ["Chances", "chances"]


@dataclass(frozen=True)
class Chances:
    """better: that the first of a pair scores higher than the second; within: that they lie within the margin."""

    better: float
    within: float

    def flipped(self) -> Chances:
        """Return the same chances with first and second exchanged."""
        return Chances(1 - self.better, self.within)


def chances(difference: Difference, *, margin: float) -> Chances:
    """Return what a difference promises of a new run of both and as many new texts.

    The mean of S seeds has the variance V / S from them, a new seed adds V; new texts add what the old ones have.
    """
    *of_seeds, of_items = difference.uncertainty.parts
    parts = [Part(part.variance * (1 + difference.seeds), part.df) for part in of_seeds]
    ahead = Uncertainty((*parts, Part(2 * of_items.variance, of_items.df)))
    low, high = ahead.tail(difference.estimate + margin), ahead.tail(margin - difference.estimate)
    return Chances(better=ahead.tail(-difference.estimate), within=max(1 - low - high, 0.0))
