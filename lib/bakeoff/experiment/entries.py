"""One line of an experiment file's `methods`: a kind, a base model, hyperparameters and what of them is swept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from bakeoff.data.schema import Split
from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment.messages import Where, complaint, shown
from bakeoff.methods.base import Method
from bakeoff.methods.registry import method

__all__ = ["MethodEntry", "check_options", "method_entry", "varied"]


BASE_KEYS = ("model", "tokenizer")
OWN_KEYS = ("kind", *BASE_KEYS)
MOST_TRIALS = 1000


class MethodEntry(BaseModel):
    """A method as an experiment uses it.

    options holds every hyperparameter fixed to one value, sweep those given as a list of values to choose from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str
    kind: str
    model: str | None
    tokenizer: str | None = None
    options: dict[str, Any]
    sweep: dict[str, tuple[Any, ...]]

    @property
    def method(self) -> type[Method]:
        """The class of its kind."""
        return method(self.kind)


def method_entry(name: str, body: Any, defaults: Mapping[str, Any], *, where: Where) -> MethodEntry:
    """Validate one entry of `methods` against the hyperparameters of its kind.

    where: from a path of keys in the file to the place an error names
    Raises UnknownName or BadValue.
    """
    key = f"methods.{name}"
    if not isinstance(body, dict):
        raise BadValue(key, f"{shown(body)} is not a mapping of hyperparameters", where=where(["methods", name]))
    kind = body.get("kind", name)
    what, place = (f"{key}.kind", ["methods", name, "kind"]) if "kind" in body else (key, ["methods", name])
    if not isinstance(kind, str):
        raise BadValue(what, f"{shown(kind)} is not the name of a method", where=where(place))
    found = method(kind, what=what, where=where(place))
    given = {option: value for option, value in body.items() if option not in OWN_KEYS}
    _known(given, found, name=name, where=where)
    sweep = _sweep(given, found)
    if (points := math.prod(map(len, sweep.values()))) > MOST_TRIALS:
        reason = f"its lists make {points:,} trials, more than {MOST_TRIALS:,}"
        raise BadValue(key, reason, where=where(["methods", name]), hint="list fewer values")
    for option in [option for option, values in sweep.items() if len(values) == 1]:
        given[option] = sweep.pop(option)[0]  # nothing to choose
    fields = found.Config.model_fields
    inherited = {option: value for option, value in defaults.items() if option in fields and option not in sweep}
    options = {**inherited, **{option: value for option, value in given.items() if option not in sweep}}
    checked = check_options(name, found, options, where=where)
    return MethodEntry(
        name=name,
        kind=kind,
        **{part: _base(body.get(part), found, key=["methods", name, part], where=where) for part in BASE_KEYS},
        options={option: checked[option] for option in options},
        sweep={option: _values(name, found, option, {**options, option: sweep[option]}, where) for option in sweep},
    )


def varied(found: type[Method], split: Split) -> bool:
    """Return whether runs of a method differ from seed to seed: by its own random numbers, or by the texts they draw.

    A method that learns nothing but how frequent classes are learns the same from every draw with the same shares.
    """
    same_shares = found.counts_only and split.stratify and split.group is None
    return found.seeded or (split.resample is not None and not same_shares)


def check_options(
    name: str, found: type[Method], options: Mapping[str, Any], *, where: Where | None = None
) -> dict[str, Any]:
    """Return the full hyperparameters of a method with `options` applied, as JSON holds them.

    Raises UnknownName or BadValue.
    """
    try:
        return found.Config(**options).model_dump(mode="json")
    except ValidationError as error:
        raise complaint(error, found.Config, where=where or (lambda _: None), prefix=["methods", name]) from None


def _known(given: Mapping[Any, Any], found: type[Method], *, name: str, where: Where) -> None:
    fields = found.Config.model_fields
    for option in given:
        if option not in fields:
            known, place = [*fields, *OWN_KEYS], where(["methods", name, option])
            raise UnknownName(f"methods.{name}.{option}", option, known, kind="key", where=place)


def _base(given: Any, found: type[Method], *, key: list[str], where: Where) -> str | None:
    """Check the name of a model or tokenizer; key: path of keys in the file."""
    if given is None:
        return None
    if not found.neural:
        reason = f"{shown(given)} cannot be used: {found.kind} reads texts only, without a base model"
        raise BadValue(".".join(key), reason, where=where(key))
    if not isinstance(given, str):
        raise BadValue(".".join(key), f"{shown(given)} is not the name of a {key[-1]}", where=where(key))
    return given


def _sweep(given: Mapping[str, Any], found: type[Method]) -> dict[str, list[Any]]:
    """Return the hyperparameters given as a list of values; one that is a list by nature takes a list of lists."""

    def swept(option: str, value: Any) -> bool:
        if not isinstance(value, list):
            return False
        annotation = found.Config.model_fields[option].annotation
        a_list = any(get_origin(kind) in (tuple, list) for kind in (annotation, *get_args(annotation)))
        return not a_list or any(isinstance(item, list) for item in value)

    return {option: value for option, value in given.items() if swept(option, value)}


def _values(name: str, found: type[Method], option: str, options: dict[str, Any], where: Where) -> tuple[Any, ...]:
    """Check every value of a sweep; return them as JSON holds them."""
    given, path = options[option], ["methods", name, option]
    if not given:
        raise BadValue(".".join(path), "an empty list leaves nothing to choose from", where=where(path))
    checked: list[Any] = []
    for position, value in enumerate(given):
        if value is None:  # to the notebook it would be a parameter that nobody gave
            hint = "write out the value it stands for"
            raise BadValue(".".join(path), "null cannot be chosen", where=where([*path, position]), hint=hint)

        def place(_: object, position: int = position) -> str | None:
            return where([*path, position])

        single = check_options(name, found, {**options, option: value}, where=place)[option]
        if single in checked:
            raise BadValue(".".join(path), f"{shown(value)} is listed twice", where=place(None))
        checked.append(single)
    return tuple(checked)
