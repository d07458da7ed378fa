"""Scores on a set of texts, and how they change from one set to another, a family of changes corrected together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bakeoff.metrics.classification import METRICS
from bakeoff.metrics.metric import Metric
from bakeoff.stats.difference import LEAST_SEEDS, paired_items, two_way
from bakeoff.stats.inputs import Measured
from bakeoff.stats.multiplicity import holm
from bakeoff.stats.subsets import Gap

__all__ = ["Change", "Score", "held_together", "is_share", "score_of"]


@dataclass(frozen=True)
class Score:
    """A method's mean metric on some texts. low, high: interval over other seeds and texts, of texts alone for few."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Change:
    """What changes from one set of texts to another: of a method's score, or of its difference to the reference.

    gap: its estimate is positive where the score is higher, or the difference more in its favour, on the named set
    low, high: interval that holds for all changes of the family at once; p: corrected for `comparisons`
    """

    method: str
    what: str
    gap: Gap
    low: float
    high: float
    p: float
    comparisons: int
    alpha: float

    @property
    def shown(self) -> bool:
        """Whether the corrected test shows a change."""
        return self.p < self.alpha


def is_share(metric: Metric) -> bool:
    """Return whether a metric lies between nothing and all, so that no interval of it reaches beyond."""
    return metric.name in METRICS and metric.unit == "pp"


def score_of(measured: Measured, metric: Metric, *, level: float) -> Score:
    """Return a method's mean with its interval at 1 - level."""
    seeds, units = len(measured.scores), measured.units
    bias = float(measured.excess.mean())
    if seeds >= LEAST_SEEDS:
        found = two_way(
            measured.scores, units=units, alpha=level, effect=measured.design_effect, bias=bias, step=measured.step
        )
    else:
        found = paired_items(
            measured.scores, units=units, alpha=level, effect=measured.design_effect, counts=False, bias=bias,
            step=measured.step,
        )  # fmt: skip
    low, high = sorted(metric.sign * end for end in (found.low, found.high))
    if is_share(metric):
        low, high = max(low, 0.0), min(high, 1.0)
    return Score(metric.sign * found.estimate, low, high)


def held_together(
    found: Sequence[tuple[str, str, Gap]], *, alpha: float, more: int, stepwise: bool
) -> tuple[Change, ...]:
    """Correct one family of changes; more: comparisons of it that are not at hand.

    stepwise: p values by Holm, which find more; else by Bonferroni, so that p and the interval of all at once agree
    """
    number = len(found) + more
    p = holm([gap.p for _, _, gap in found], more=more) if stepwise else [gap.corrected(number) for _, _, gap in found]
    return tuple(
        Change(method=method, what=what, gap=gap, p=one, comparisons=number, alpha=alpha,
               **dict(zip(("low", "high"), gap.at_once(alpha=alpha, comparisons=number), strict=True)))
        for (method, what, gap), one in zip(found, p, strict=True)
    )  # fmt: skip
