"""The slots of sentences: what a gap is filled with. One class per way of writing; `forms` writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

__all__ = [
    "Against", "Base", "Chance", "Compared", "Conditions", "Corrected", "Count", "Duration", "Fraction", "Gap",
    "Goal", "Groups", "Interval", "Level", "Limits", "Measured", "Measures", "Metric", "Metrics", "Name", "Names",
    "PValue", "Pairs", "Parameters", "Percent", "Points", "Quote", "Range", "Score", "Seeds", "Setting", "Settings",
    "Share", "Size", "Slot", "Split", "Trials", "Where", "Within",
]  # fmt: skip


T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Slot(Generic[T_co]):
    """A value to be written; its class says how."""

    value: T_co


class Against(NamedTuple):
    """A method held against another: its mean, the difference with its interval, p and what p is corrected for."""

    name: str
    mean: float
    estimate: float
    interval: tuple[float, float]
    p: float
    comparisons: int


class Measured(NamedTuple):
    """What was measured of a quantity under a limit; key: of the limit."""

    key: str
    low: float
    high: float


# One class a form, as a table.
# fmt: off
class Base(Slot[tuple[str, bool]]):
    """Id of a base model, and whether it is pretrained."""
class Chance(Slot[float]):
    """Probability that rests on few observations."""
class Compared(Slot[Sequence[Against]]):
    """Methods held against the same other."""
class Conditions(Slot[Sequence[tuple[str, Sequence[str], Sequence[str]]]]):
    """Entries of the environment, each with its values here and there."""
class Corrected(Slot[Sequence[tuple[Sequence[str], int]]]):
    """Names of methods, and the number of comparisons that their verdicts are corrected for."""
@dataclass(frozen=True)
class Count(Slot[int]):
    """Number of things, as in "3 seeds", or just "3"; the locale knows the noun's plurals."""

    noun: str | None = None
class Duration(Slot[float]):
    """Seconds."""
class Fraction(Slot[float]):
    """Value of a metric."""
class Gap(Slot[float]):
    """Size of a difference of the metric."""
class Goal(Slot[str]):
    """What more data would show: "better" or "either", ".models" after it where it is of theirs."""
class Groups(Slot[Sequence[tuple[Slot[Any], Sequence[str]]]]):
    """Values, each with the names of the methods that have it."""
class Interval(Slot[tuple[float, float]]):
    """Interval of a difference of the metric."""
class Level(Slot[float]):
    """Level of an interval or a test."""
class Limits(Slot[Sequence[tuple[str, float]]]):
    """Keys of limits, each with the most it allows, in the unit of records."""
class Measures(Slot[Sequence[Measured]]):
    """Quantities of one method."""
class Metric(Slot[str]):
    """Key of a metric."""
class Metrics(Slot[Sequence[str]]):
    """Keys of metrics."""
class Name(Slot[str]):
    """Name of a method or a class."""
class Names(Slot[Sequence[str]]):
    """Names of methods or classes."""
class PValue(Slot[float]):
    """P value, with its sign of equality."""
class Pairs(Slot[Sequence[tuple[str, str]]]):
    """Names of methods, two and two."""
class Parameters(Slot[float]):
    """Number of parameters."""
class Percent(Slot[float]):
    """Fraction in whole per cent."""
class Points(Slot[float]):
    """Difference of the metric, with its sign."""
class Quote(Slot[str]):
    """Text of others."""
@dataclass(frozen=True)
class Range(Slot[Sequence[float]]):
    """Smallest and largest of some values, written as `form` writes one."""

    form: type[Slot[float]]
class Score(Slot[float]):
    """Value of the declared metric, in per cent where it is a share."""
class Seeds(Slot[Sequence[int]]):
    """Seeds by number."""
class Setting(Slot[str]):
    """Value of a setting, empty for none."""
class Settings(Slot[Mapping[str, Any]]):
    """Settings by name."""
class Share(Slot[float]):
    """Fraction in per cent, with two telling digits."""
class Size(Slot[float]):
    """Bytes."""
class Split(Slot[str]):
    """Name of a split."""
class Trials(Slot[Sequence[tuple[str, float | None]]]):
    """Trials of a sweep, each with its metric on validation, None where it is not defined."""
@dataclass(frozen=True)
class Where(Slot[Sequence[int] | None]):
    """Seeds of the runs spoken of, out of `total` runs; None for a method without a seed."""

    total: int
class Within(Slot[Sequence[tuple[str, float, Sequence[Measured]]]]):
    """Methods, each with its mean and what was measured of it."""
