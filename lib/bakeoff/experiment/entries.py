"""One line of an experiment file's `methods`: a kind, a base model, hyperparameters and what of them is swept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bakeoff.data.schema import Frozen, Split
from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment.halving import Rung, halved
from bakeoff.experiment.messages import Where, complaint, shown
from bakeoff.experiment.search import MOST_TRIALS, Tune, Tuning, columns, read_tune, tuning_of
from bakeoff.methods.base import Method
from bakeoff.methods.registry import method
from bakeoff.models.sources import drawn_anew

__all__ = ["MethodEntry", "Resources", "check_options", "default_entry", "drawn", "method_entry", "varied"]


BASE_KEYS = ("model", "tokenizer")
LISTS = (frozenset, list, set, tuple)
"""What a hyperparameter may be that one list is one value of."""
OWN_KEYS = ("kind", *BASE_KEYS, "tune", "resources")


class Resources(Frozen):
    """What a run is given on a cluster; no part of what makes a run the one it is."""

    cpus: int | None = Field(
        None, ge=1, description="processor cores; left out: `threads`, or one, for each of `processes`", examples=[4]
    )
    gpus: float | None = Field(
        None,
        ge=0,
        description="GPUs, a part of one as 0.5; left out: what the method's runs computed on before, one for each of "
        "`processes`",
        examples=[1],
    )
    memory_gb: float | None = Field(
        None,
        gt=0,
        description="memory, a GB being 1024 MiB; left out: half as much again as the method's runs took before",
        examples=[8],
    )

    @field_validator("gpus")
    @classmethod
    def _whole_above_one(cls, value: float | None) -> float | None:
        if value is not None and value > 1 and value != int(value):
            raise ValueError("a run shares one GPU or has several for itself: a part of 1, or a whole number")
        return value


class MethodEntry(BaseModel):
    """A method as an experiment uses it.

    options holds every hyperparameter fixed to one value, sweep those to choose from with the values that are tried.
    tuning: what is searched, where `tune` concerns the method: the values of sweep then belong together, by place;
    rungs: of a search by halving, none where every trial is trained whole;
    declared: their values where nothing is chosen; default_of: the tuned method that this is at its declared settings
    resources: that its runs are given on a cluster, as far as they differ from the file's
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str
    kind: str
    model: str | None
    tokenizer: str | None = None
    options: dict[str, Any]
    sweep: dict[str, tuple[Any, ...]]
    tuning: Tuning | None = None
    rungs: tuple[Rung, ...] = ()
    declared: dict[str, Any] = {}
    default_of: str | None = None
    resources: Resources = Resources()

    @property
    def points(self) -> list[dict[str, Any]]:
        """Every setting to try, in order: as drawn, else each combination, the last key varying fastest."""
        rows = zip(*self.sweep.values(), strict=True) if self.tuning else product(*self.sweep.values())
        return [dict(zip(self.sweep, values, strict=True)) for values in rows] if self.sweep else []

    @property
    def method(self) -> type[Method]:
        """The class of its kind."""
        return method(self.kind)

    @property
    def varies(self) -> bool:
        """Whether another seed gives another result, with some of the values that a sweep may choose."""
        found = self.method
        return any(found.varies(found.Config(**{**self.options, **point})) for point in self.points or [{}])


def method_entry(
    name: str, body: Any, defaults: Mapping[str, Any], *, where: Where, tune: Tune | None = None
) -> MethodEntry:
    """Validate one entry of `methods` against the hyperparameters of its kind.

    where: from a path of keys in the file to the place an error names; tune: of the whole file
    What is tried of a tuned method is still to be `drawn`. Raises UnknownName or BadValue.
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
    lists = _sweep(given, found)
    for option in [option for option, values in lists.items() if len(values) == 1]:
        given[option] = lists.pop(option)[0]  # nothing to choose
    fields = found.Config.model_fields
    inherited = {option: value for option, value in defaults.items() if option in fields and option not in lists}
    options = {**inherited, **{option: value for option, value in given.items() if option not in lists}}
    if (points := math.prod(map(len, lists.values()))) > MOST_TRIALS:
        reason = f"its lists make {points:,} trials, more than {MOST_TRIALS:,}"
        raise BadValue(key, reason, where=where(["methods", name]), hint="list fewer values")
    checked = check_options(name, found, options, where=where)
    sweep = {option: _values(name, found, option, {**options, option: lists[option]}, where) for option in lists}
    tuning = _tuning(name, body.get("tune"), found, choices=sweep, tune=tune, where=where)
    searched = [*tuning.space, *tuning.choices] if tuning else []
    said = body.get("tune")
    path, own = (["methods", name, "tune"], "search" in said) if isinstance(said, dict) else (["tune"], False)
    return MethodEntry(
        name=name,
        kind=kind,
        **{part: _base(body.get(part), found, key=["methods", name, part], where=where) for part in BASE_KEYS},
        options={option: checked[option] for option in options if option not in searched},
        sweep={} if tuning else sweep,
        tuning=tuning,
        rungs=halved(tuning, found, checked, path=path, own=own, where=where) if tuning else (),
        declared={option: checked[option] for option in searched},
        resources=_resources(name, body.get("resources"), where),
    )


def _resources(name: str, given: Any, where: Where) -> Resources:
    """Check what runs of a method are given on a cluster; raises UnknownName or BadValue."""
    path = ["methods", name, "resources"]
    if given is None:
        return Resources()
    if not isinstance(given, dict):
        hint = "for example `resources: {cpus: 4, gpus: 1}`"
        raise BadValue(".".join(path), f"{shown(given)} is not a mapping of keys", where=where(path), hint=hint)
    try:
        return Resources.model_validate(given)
    except ValidationError as error:
        raise complaint(error, Resources, where=where, prefix=path) from None


def drawn(entry: MethodEntry, seed: int) -> MethodEntry:
    """Return a method with the settings that are tried of it, if it is tuned. seed: that trials run with."""
    if entry.tuning is None:
        return entry
    try:
        return entry.model_copy(update={"sweep": columns(entry.tuning, entry.method.Config, seed=seed)})
    except ValueError as error:
        raise BadValue(f"methods.{entry.name}.tune", str(error), hint="fewer trials, or wider ranges") from None


def default_entry(tuned: MethodEntry, body: Mapping[str, Any], defaults: Mapping[str, Any]) -> MethodEntry:
    """Return a row of its own for a tuned method at its declared settings; one that is a list has the usual value."""
    searched = tuned.tuning.choices if tuned.tuning else {}
    kept = {key: value for key, value in body.items() if key != "tune" and key not in searched}
    name = f"{tuned.name}_default"
    plain = method_entry(name, {**kept, "kind": tuned.kind}, defaults, where=lambda _: None)
    return plain.model_copy(update={"default_of": tuned.name})


def _tuning(
    name: str, own: Any, found: type[Method], *, choices: Mapping[str, tuple[Any, ...]], tune: Tune | None, where: Where
) -> Tuning | None:
    """Return what is searched for a method. own: what its entry says of tuning; tune: what the whole file does."""
    if own is False or (own is None and tune is None):
        return None
    if own is None and tune is not None:
        return tuning_of(tune, found.Config, choices=choices, path=["tune"], where=where)
    path = ["methods", name, "tune"]
    said = read_tune(own, where=where, path=path, under=tune)
    listed = next((option for option in said.over or {} if option in choices and option in own.get("over", {})), None)
    if listed is not None:
        reason = f"{listed} has a list of values already"
        raise BadValue(".".join([*path, "over", listed]), reason, where=where([*path, "over", listed]))
    return tuning_of(said, found.Config, choices=choices, path=path, where=where)


def varied(found: type[Method], split: Split, *, varies: bool, model: str | None) -> bool:
    """Return whether runs of a method differ from seed to seed: by random numbers, weights or drawn texts.

    varies: what the method says of its own random numbers with the settings at hand; model: its base model, if any
    A method that learns nothing but how frequent classes are learns the same from every draw with the same shares.
    """
    same_shares = found.counts_only and split.stratify and split.group is None
    drawn = found.neural and model is not None and drawn_anew(model)
    return varies or drawn or (split.resample is not None and found.trained and not same_shares)


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
        a_list = any(get_origin(kind) in LISTS for kind in (annotation, *get_args(annotation)))
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
