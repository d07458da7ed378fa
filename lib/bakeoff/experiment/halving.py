"""Successive halving of a search: after how many epochs its trials are looked at, and how many of them go on.

All trials are trained to the first rung, the better of them to the next, and the last ones to the end (Jamieson and
Talwalkar 2016; Li et al. 2018). Each rung has a factor more epochs than the one before, for a factor fewer trials.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from bakeoff.data.schema import Frozen
from bakeoff.errors import BadValue
from bakeoff.experiment.messages import Where
from bakeoff.experiment.search import Tuning
from bakeoff.methods.base import Method

__all__ = ["Rung", "epochs_in", "halved", "ladder"]


class Rung(Frozen):
    """A look at the trials of a search. epochs: that each has behind it; trials: that are trained as far."""

    epochs: int
    trials: int


def ladder(*, trials: int, epochs: int, factor: int, rungs: int | None = None) -> tuple[Rung, ...]:
    """Return the rungs of a search, the last with all epochs: as many as asked for, else as many as there can be.

    Every rung has more epochs than the one before it and leaves a trial at least. Raises ValueError where that allows
    fewer than asked for.

    >>> [(rung.epochs, rung.trials) for rung in ladder(trials=8, epochs=4, factor=2)]
    [(1, 8), (2, 4), (4, 2)]
    """
    most = 1
    while trials >= factor**most and _epochs(epochs, factor, most) < _epochs(epochs, factor, most - 1):
        most += 1
    if rungs is not None and rungs > most:
        raise ValueError(f"{rungs} rungs are more than the {most} that {epochs} epochs and {trials} trials allow")
    number = rungs or most
    return tuple(
        Rung(epochs=_epochs(epochs, factor, number - 1 - place), trials=trials // factor**place)
        for place in range(number)
    )


def _epochs(epochs: int, factor: int, before_last: int) -> int:
    return math.ceil(Fraction(epochs, factor**before_last))


def halved(
    tuning: Tuning, found: type[Method], settings: Mapping[str, Any], *, path: Sequence[str], own: bool, where: Where
) -> tuple[Rung, ...]:
    """Return the rungs of a method's search; none where its trials are all trained whole.

    settings: the method's hyperparameters; path: of keys to what was said of tuning; own: the method itself asks for it
    A method without epochs is trained whole, and so is one with a single epoch. Raises BadValue.
    """
    if tuning.search != "halving":
        return ()
    key = ".".join(path)
    if "epochs" in {*tuning.space, *tuning.choices}:
        hint = "fix epochs, or search: quasi_random"
        raise BadValue(key, "halving stops after epochs, whose number is searched", where=where(path), hint=hint)
    epochs = settings.get("epochs") if found.neural else None
    if epochs is None and own:
        reason = f"{found.kind} has no epochs after which a trial could stop"
        raise BadValue(f"{key}.search", reason, where=where([*path, "search"]), hint="leave it out")
    if epochs is None or (epochs == 1 and tuning.rungs is None):
        return ()
    try:
        rungs = ladder(trials=tuning.trials, epochs=epochs, factor=tuning.factor, rungs=tuning.rungs)
    except ValueError as error:
        raise BadValue(f"{key}.rungs", str(error), where=where([*path, "rungs"]), hint="leave it out") from None
    if len(rungs) == 1:
        reason = f"{tuning.trials} trials are fewer than {tuning.factor}, so that halving would stop none"
        raise BadValue(f"{key}.factor", reason, where=where([*path, "factor"]), hint="more trials, or a lower factor")
    return rungs


def epochs_in(rungs: Collection[Rung]) -> int:
    """Return how many epochs a search with these rungs takes where every trial has a result."""
    spent, before = 0, 0
    for rung in rungs:
        spent += (rung.epochs - before) * rung.trials
        before = rung.epochs
    return spent
