"""Metrics of the user's own: found in the workspace or through entry points, held to what a metric has to be."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, wraps
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np

from bakeoff.errors import UNSPEAKABLE, BadValue
from bakeoff.metrics.items import any_metric
from bakeoff.metrics.metric import Array, Ints, Items, Metric
from bakeoff.system.imports import printing_aside
from bakeoff.system.own import Own, blame, is_reference, load, offered, written_in

__all__ = ["GROUP", "metric_sources", "offers", "own_metric"]


GROUP = "bakeoff.metrics"
CLOSE, MOST = 1e-6, 1e50


def offers(taken: Mapping[str, Metric]) -> dict[str, EntryPoint]:
    """Return the metrics that installed packages offer by name; raises BadValue for a name that is taken."""
    return offered(GROUP, tuple(taken))


def own_metric(name: str, taken: Mapping[str, Metric], *, what: str, where: str | None) -> Metric | None:
    """Return the metric that `my_module:my_metric` or the name of an entry point stands for; None where nothing does.

    It is called `name` from then on. Raises BadValue or UnknownName, one line, for one that cannot be used; what goes
    wrong in its functions is a BadValue, too.
    """
    own = _found(name, taken, what=what, where=where)
    return None if own is None else _checked(own, name, tuple(one.label for one in taken.values()), what, where)


def metric_sources(name: str, taken: Mapping[str, Metric]) -> tuple[Path, ...]:
    """Return the source files that run with a metric of the user's own; none for one of bakeoff's."""
    own = None if name in taken else _found(name, taken, what="metric", where=None)
    return own.sources if own else ()


def _found(name: str, taken: Mapping[str, Metric], *, what: str, where: str | None) -> Own | None:
    if is_reference(name):
        return load(name, kind="metric", what=what, where=where)
    offer = offers(taken).get(name)
    return written_in(offer, what=what, where=where) if offer else None


@cache
def _checked(own: Own, name: str, labels: tuple[str, ...], what: str, where: str | None) -> Metric:
    found = own.value
    try:
        missing = next(_missing(found, labels), None)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001
        missing = blame(error)
    if missing:
        raise BadValue(what, f"{name} is no metric: {missing}", where=where)
    function = _guarded(found.function, name, number=True)
    items = any_metric(function) if found.items is None else _held(found.items, function, name)
    checked: Metric = replace(found, name=name, function=function, items=items)
    return checked


def _held(items: Items, function: Callable[..., Any], name: str) -> Items:
    """Return what tests of a metric need, held to what it is to be whenever it is asked: claims rest on these numbers.

    function: the metric's own
    """
    parts = {part: getattr(items, part) for part in ("scores", "shares", "resampled", "excess")}
    given = {part: _guarded(one, name) for part, one in parts.items() if one}

    def scores(gold: Ints, answers: Any) -> Array:
        found, value = _each("scores", given["scores"](gold, answers), len(gold), name), function(gold, answers)
        if not math.isfinite(value):
            return found
        part, told = "the mean of its items.scores", float(found.mean())
        if "resampled" in given:  # the scores may be pseudovalues, whose mean is the metric but for a bias
            again = given["resampled"](gold, answers, np.ones((1, len(gold))))
            part, told = "its items.resampled at equal weights", float(_each("resampled", again, 1, name)[0])
        if not math.isclose(told, value, rel_tol=CLOSE, abs_tol=CLOSE):
            reason = f"{part} is {told:g} where the metric is {value:g}"
            raise BadValue(name, reason, hint="let each text have its part, or leave items out")
        return found

    def shares(gold: Ints) -> Array:
        found = _each("shares", given["shares"](gold), len(gold), name)
        if (found < 0).any() or not math.isclose(found.sum(), 1, rel_tol=CLOSE):
            raise BadValue(
                name, f"its items.shares add up to {found.sum():g}", hint="shares are of one, none below zero"
            )
        return found

    rest = {part: one for part, one in given.items() if part not in ("scores", "shares")}
    return Items(scores=scores, shares=shares, counts=items.counts, **rest)


def _each(part: str, found: Any, many: int, name: str) -> Array:
    """Return so many finite numbers, one for each text or resample; raises BadValue for anything else."""
    try:
        numbers = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.array([])
    if numbers.shape != (many,) or not np.isfinite(numbers).all():
        each = "resample" if part == "resampled" else "text"
        raise BadValue(name, f"its items.{part} gives no finite number for each of {many:,} {each}{'s' * (many > 1)}")
    return numbers


def _missing(found: Any, labels: tuple[str, ...]) -> Iterator[str]:
    """Yield what keeps a value from being a metric, in words with the fix."""
    if not isinstance(found, Metric):
        yield "it should be a Metric(...) of bakeoff.metrics.metric"
        return
    for part, kinds, told in (
        ("label", str, "its name in a sentence"),
        ("explanation", str, "what it measures, in a sentence"),
        ("higher_is_better", bool, "True or False"),
        ("needs_logits", bool, "True or False"),
    ):
        value = getattr(found, part)
        if not isinstance(value, kinds) or (isinstance(value, str) and not value.strip()):
            yield f"{part} should be {told}"
        elif isinstance(value, str) and (odd := UNSPEAKABLE.search(value.replace("\n", " "))):
            yield f"{part} holds {odd[0]!r}, which is no letter"
    if not callable(found.function):
        yield "function should be a function of gold and of predicted classes or logits"
    if found.label in labels:
        yield f"the label {found.label!r} is taken; call it otherwise"
    units = get_args(get_type_hints(Metric)["unit"])
    if found.unit not in units:
        yield f"unit should be one of {', '.join(map(repr, units))}"
    if found.items is not None and not isinstance(found.items, Items):
        yield "items should be an Items(...) of bakeoff.metrics.metric, or be left out"


def _guarded(function: Callable[..., Any], name: str, *, number: bool = False) -> Callable[..., Any]:
    """Return a function whose faults are one line and whose infinities NaN.

    number: an array is a fault, too, and so is another number for the same answers, which the first call looks for
    """
    fresh, aside = [number], printing_aside()(function)

    @wraps(function)
    def guarded(*given: Any) -> Any:
        try:
            found = aside(*given)
            again, fresh[0] = aside(*given) if fresh[0] else found, False
            if not number:
                return found
            if getattr(found, "shape", ()):
                raise TypeError(f"an array of shape {found.shape} where a number is meant")
            value = float(found)
            if value not in (float(again), math.inf, -math.inf) and not math.isnan(value):
                raise ValueError(f"{value:g} and then {float(again):g} for the same answers")
            if MOST < abs(value) < math.inf:
                raise ValueError(f"{value:g} is too large to be compared")
            return value if math.isfinite(value) else math.nan
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise BadValue(name, f"cannot be computed: {blame(error)}") from error

    return guarded
