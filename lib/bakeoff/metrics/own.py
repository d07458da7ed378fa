"""Metrics of the user's own: found in the workspace or through entry points, held to what a metric has to be."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, wraps
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, get_args, get_type_hints

from bakeoff.errors import BadValue
from bakeoff.metrics.items import any_metric
from bakeoff.metrics.metric import Items, Metric
from bakeoff.system.own import Own, blame, is_reference, load, offered, written_in

__all__ = ["GROUP", "metric_sources", "offers", "own_metric"]


GROUP = "bakeoff.metrics"


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
    except Exception as error:  # noqa: BLE001
        missing = blame(error)
    if missing:
        raise BadValue(what, f"{name} is no metric: {missing}", where=where)
    function = _guarded(found.function, name, number=True)
    given = found.items or any_metric(function)
    parts = {part: getattr(given, part) for part in ("scores", "shares", "resampled", "excess")}
    guarded = {part: _guarded(one, name) for part, one in parts.items() if one}
    items = Items(**guarded, counts=given.counts) if found.items else given
    checked: Metric = replace(found, name=name, function=function, items=items)
    return checked


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
        if not isinstance(value, kinds) or value == "":
            yield f"{part} should be {told}"
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
    """Return a function whose faults are one line and whose infinities NaN. number: an array is a fault, too."""

    @wraps(function)
    def guarded(*given: Any) -> Any:
        try:
            found = function(*given)
            if not getattr(found, "shape", ()):
                return value if math.isfinite(value := float(found)) else math.nan
            if number:
                raise TypeError(f"an array of shape {found.shape} where a number is meant")
            return found
        except (Exception, SystemExit) as error:
            raise BadValue(name, f"cannot be computed: {blame(error)}") from error

    return guarded
