"""`tune:` of an experiment file: how many settings each method is tried with, and where in their ranges these lie.

Every trained method gets the same number of trials. Points of `quasi_random` are those of Halton (1960), shifted as a
whole by a random amount (Cranley and Patterson 1976), which covers a range more evenly than chance does and, unlike a
grid, tries another value of every setting each time (Bergstra and Bengio 2012; Bousquet et al. 2017).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Annotated, Any, Literal, get_args

import numpy as np
from pydantic import BeforeValidator, Field, ValidationError

from bakeoff.data.schema import Frozen
from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment.messages import Where, complaint, shown
from bakeoff.methods.config import Config

__all__ = ["MOST_TRIALS", "Tune", "Tuning", "columns", "read_tune", "tuning_of"]


Search = Literal["quasi_random", "grid", "halving"]
MOST_TRIALS = 1000
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53)
DIGITS = 3
"""Of a drawn number: enough to tell rates apart, few enough to be read and typed."""
ROUNDS = 1000
"""Points drawn for a trial at most until one is new: in a narrow range few numbers of three digits differ."""


def _a_range(value: Any) -> Any:
    numbers = isinstance(value, list | tuple) and all(
        isinstance(end, int | float) and not isinstance(end, bool) and math.isfinite(end) for end in value
    )
    if not numbers or len(value) != 2:  # noqa: PLR2004
        raise ValueError("it should be a range of numbers: [low, high]")
    low, high = value
    if low >= high:
        raise ValueError("the first number of a range should be below the second")
    return (float(low), float(high))


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Range = Annotated[tuple[float, float], BeforeValidator(_a_range)]
Over = dict[str, Range] | Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Tune(Frozen):
    """How settings of trained methods are chosen on validation: the same number of trials for each."""

    trials: int = Field(8, ge=2, le=MOST_TRIALS, description="settings that every method is tried with")
    over: Annotated[Over, Field(min_length=1)] | None = Field(
        None,
        description="hyperparameters and their ranges, [low, high], or a list of names for the ranges that each method "
        "declares; left out: all that it declares",
        examples=[{"learning_rate": [1e-5, 3e-3]}],
    )
    search: Search = Field(
        "quasi_random",
        description="how trials are spread over the ranges: a shifted Halton sequence, or even steps; halving: the "
        "sequence, all its trials for a part of the epochs and the better ones for more",
    )
    factor: int = Field(
        2, ge=2, le=MOST_TRIALS, description="halving: one trial in so many goes on, to so many times the epochs"
    )
    rungs: int | None = Field(
        None,
        ge=2,
        description="halving: how often trials are looked at, the last time at the end; left out: as often as epochs "
        "and trials allow",
        examples=[2],
    )
    also_default: bool = Field(
        False, description="whether NAME_default, a row of its own, has the method at the settings it is declared with"
    )


class Tuning(Frozen):
    """What is searched for one method. space: hyperparameter -> its range; choices: hyperparameter -> listed values."""

    trials: int
    search: Search
    factor: int = 2
    rungs: int | None = None
    space: dict[str, tuple[float, float]]
    choices: dict[str, tuple[Any, ...]] = Field(default_factory=dict)
    also_default: bool = False


def read_tune(given: Any, *, where: Where, path: Sequence[str] = ("tune",), under: Tune | None = None) -> Tune:
    """Return what a file or a method says of tuning; raises UnknownName or BadValue.

    path: of keys to it in the file; under: what holds for the whole file, where a method says more
    """
    if not isinstance(given, dict):
        hint = "for example `tune: {trials: 8}`"
        raise BadValue(".".join(path), f"{shown(given)} is not a mapping of keys", where=where(path), hint=hint)
    try:
        own = Tune.model_validate(given)
    except ValidationError as error:
        raise complaint(error, Tune, where=where, prefix=path) from None
    said = {key: getattr(own, key) for key in own.model_fields_set}
    found = under.model_copy(update=said) if under else own
    for key in ("factor", "rungs"):
        if key in said and found.search != "halving":
            reason = f"{found.search} has no {key}"
            raise BadValue(".".join([*path, key]), reason, where=where([*path, key]), hint="search: halving has")
    return found


def tuning_of(
    tune: Tune, config: type[Config], *, choices: Mapping[str, tuple[Any, ...]], path: Sequence[str], where: Where
) -> Tuning | None:
    """Return what is searched for a method; None where the file's tuning has nothing that concerns it.

    choices: values that the method lists, which are drawn from as well; path: of keys to what was said, which is the
    method's own where it is longer than one
    Raises UnknownName or BadValue.
    """
    own, declared = len(path) > 1, {name: (float(a), float(b)) for name, (a, b) in config.search_space().items()}
    over = _ranges(tune, declared)
    known = config.model_fields if isinstance(tune.over, dict) else declared
    for name in (tune.over or ()) if own else ():
        if name not in known:
            place = where([*path, "over", name])
            raise UnknownName(".".join([*path, "over", name]), name, known, kind="key", where=place)
    space = {name: over[name] for name in over if name in config.model_fields and name not in choices}
    if not own and not (declared and space):
        return None
    if not space and not choices:
        reason = "the method declares no range of its own"
        raise BadValue(".".join(path), reason, where=where(path), hint="name hyperparameters and ranges in `over`")
    for name, ends in space.items():
        _check_range(name, ends, config, path=[*path, "over"], where=where)
    in_order = sorted(space, key=lambda name: name != "learning_rate")  # the first one bears the most even row
    found = Tuning(
        trials=tune.trials, search=tune.search, space={name: space[name] for name in in_order}, choices=dict(choices),
        also_default=tune.also_default, factor=tune.factor, rungs=tune.rungs,
    )  # fmt: skip
    most, names = _different(found, config), [*space, *choices]
    if most < found.trials:
        reason = f"{found.trials} trials are more than the {most:.0f} different settings of {' and '.join(names)}"
        raise BadValue(".".join([*path, "trials"]), reason, where=where([*path, "trials"]))
    if len(names) > len(PRIMES):
        raise BadValue(".".join(path), f"{len(names)} hyperparameters are more than {len(PRIMES)}", where=where(path))
    try:
        columns(found, config, seed=0)
    except ValueError as error:
        hint = f"another number of trials, or {'search: quasi_random' if found.search == 'grid' else 'wider ranges'}"
        raise BadValue(".".join(path), str(error), where=where(path), hint=hint) from None
    return found


def _ranges(tune: Tune, declared: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Return the ranges to search: those that are given, else those that the method declares, all or by name."""
    if isinstance(tune.over, dict):
        return tune.over
    return {name: ends for name, ends in declared.items() if tune.over is None or name in tune.over}


def _check_range(name: str, ends: tuple[float, float], config: type[Config], *, path: list[str], where: Where) -> None:
    key, place, whole = ".".join([*path, name]), where([*path, name]), _is_whole(config, name)
    if whole is None:
        raise BadValue(key, f"{name} is no number", where=place, hint=f"list its values under methods.NAME.{name}")
    if name in config.logarithmic and ends[0] <= 0:
        raise BadValue(key, f"its scale is logarithmic, and {ends[0]:g} has no place on it", where=place)
    for end in ends:
        try:
            config(**{name: int(end) if whole and end.is_integer() else end})
        except ValidationError as error:
            raise complaint(error, config, where=where, prefix=path) from None


def _is_whole(config: type[Config], name: str) -> bool | None:
    """Return whether a hyperparameter is a whole number; None where it is no number at all."""
    annotation = config.model_fields[name].annotation
    kinds = {annotation, *get_args(annotation)}
    return False if float in kinds else True if int in kinds else None


def _different(tuning: Tuning, config: type[Config]) -> float:
    """Return how many different points a space has."""
    whole = [high - low + 1 if _is_whole(config, name) else math.inf for name, (low, high) in tuning.space.items()]
    return math.prod([*whole, *map(len, tuning.choices.values())])


def columns(tuning: Tuning, config: type[Config], *, seed: int) -> dict[str, tuple[Any, ...]]:
    """Return the points to try, as hyperparameter -> its value in each of them; no two are the same.

    seed: of the shift, which is one for each hyperparameter, so that methods with the same range try the same values
    """
    names = [*tuning.space, *tuning.choices]
    found = _grid(tuning, config) if tuning.search == "grid" else _drawn(tuning, config, seed)
    return dict(zip(names, zip(*found, strict=True), strict=True))


def _drawn(tuning: Tuning, config: type[Config], seed: int) -> list[tuple[Any, ...]]:
    names = [*tuning.space, *tuning.choices]
    shifts = [_shift(seed, name) for name in names]

    def points() -> Iterator[tuple[Any, ...]]:
        seen = set()
        for index in range(ROUNDS * tuning.trials):
            places = [(_radical_inverse(index, PRIMES[k]) + shift) % 1 for k, shift in enumerate(shifts)]
            point = tuple(_at(tuning, config, name, place) for name, place in zip(names, places, strict=True))
            if repr(point) not in seen:
                seen.add(repr(point))
                yield point

    found = list(islice(points(), tuning.trials))
    if len(found) < tuning.trials:
        told = f"{len(found)} settings of {' and '.join(names)} that differ in three digits"
        raise ValueError(f"{tuning.trials} trials are more than the {told}")
    return found


def _shift(seed: int, name: str) -> float:
    state = np.random.SeedSequence([seed, *name.encode()]).generate_state(1, np.uint64)
    return float(state[0]) / 2**64


def _radical_inverse(index: int, base: int) -> float:
    """Return the digits of a number in some base, mirrored at the point: 0, 1/2, 1/4, 3/4, 1/8 ... for base 2."""
    found, unit = 0.0, 1.0
    while index:
        unit /= base
        index, digit = divmod(index, base)
        found += digit * unit
    return found


def _at(tuning: Tuning, config: type[Config], name: str, place: float) -> Any:
    """Return the value at a place, from 0 to below 1, of a range or a list."""
    if name in tuning.choices:
        values = tuning.choices[name]
        return values[int(place * len(values))]
    low, high = tuning.space[name]
    whole, log = bool(_is_whole(config, name)), name in config.logarithmic
    if whole:  # every number has a stretch of its own
        low, high = low - 0.5, high + 0.5
    value = low * (high / low) ** place if log else low + place * (high - low)
    return _spelled(value, tuning.space[name], whole=whole)


def _spelled(value: float, within: tuple[float, float], *, whole: bool) -> float | int:
    rounded = round(value) if whole else float(f"{value:.{DIGITS}g}")
    low, high = within
    kept = min(max(rounded, low), high)
    return int(kept) if whole else kept


def _grid(tuning: Tuning, config: type[Config]) -> list[tuple[Any, ...]]:
    """Return every combination of even steps and listed values; ValueError where so many trials make no grid."""
    listed = math.prod(map(len, tuning.choices.values()))
    each = tuning.trials // listed if tuning.trials % listed == 0 else 0
    for steps in _products(each, len(tuning.space)):
        axes = [
            _steps(ends, n, log=name in config.logarithmic, whole=bool(_is_whole(config, name)))
            for (name, ends), n in zip(tuning.space.items(), steps, strict=True)
        ]
        if all(len(set(axis)) == len(axis) for axis in axes):
            return list(product(*axes, *tuning.choices.values()))
    raise ValueError(f"{tuning.trials} trials make no grid over {' and '.join([*tuning.space, *tuning.choices])}")


def _steps(ends: tuple[float, float], number: int, *, log: bool, whole: bool) -> list[float | int]:
    places = np.geomspace(*ends, number) if log else np.linspace(*ends, number)
    return [_spelled(float(value), ends, whole=whole) for value in places]


def _products(number: int, parts: int) -> list[tuple[int, ...]]:
    """Return a number as products of so many factors of at least 2, the most even first, then those that fall."""

    def found(rest: int, left: int) -> Iterator[tuple[int, ...]]:
        if left == 0:
            yield from [()] if rest == 1 else []
            return
        for factor in (factor for factor in range(rest, 1, -1) if rest % factor == 0):
            yield from ((factor, *more) for more in found(rest // factor, left - 1))

    return sorted(found(number, parts), key=lambda one: max(one) - min(one) if one else 0)
