"""Methods of the user's own: found in the workspace or through entry points, held to what a method has to be."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Collection, Iterator
from functools import cache
from importlib.metadata import EntryPoint
from os import PathLike
from typing import Any, cast

from bakeoff.errors import UNSPEAKABLE, BadValue
from bakeoff.methods.base import ClassicalMethod, Method, NeuralMethod
from bakeoff.methods.config import Config, TrainingConfig
from bakeoff.methods.frozen import FeaturesMethod
from bakeoff.system.digests import canonical, from_json
from bakeoff.system.own import Own, blame, is_reference, load, offered, written_in

__all__ = ["GROUP", "brought_by", "offers", "own_method"]


GROUP = "bakeoff.methods"
RESERVED = ("kind", "model", "tokenizer", "tune", "params", "method", "seed", "role", "changes")
"""Keys of an entry and parameters of train.ipynb, which no hyperparameter can be called after."""
_OWN: dict[type[Method], Own] = {}
_NAMES: dict[type[Method], dict[str, type[Method]]] = {}


def offers(taken: Collection[str]) -> dict[str, EntryPoint]:
    """Return the methods that installed packages offer by name; raises BadValue for a name that is taken."""
    return offered(GROUP, tuple(taken))


def own_method(kind: str, taken: Collection[str], *, what: str, where: str | None) -> type[Method] | None:
    """Return the class that `my_module:MyMethod` or the name of an entry point stands for; None where nothing does.

    It is called `kind` from then on. Raises BadValue or UnknownName, one line, for one that cannot be used.
    """
    if is_reference(kind):
        own = load(kind, kind="method", what=what, where=where)
    elif kind in offers(taken):
        own = written_in(offers(taken)[kind], what=what, where=where)
    else:
        return None
    return _checked(own, kind, what, where)


def brought_by(found: type[Method]) -> Own | None:
    """Return what is known of a method of the user's own, None for one of bakeoff's."""
    return _OWN.get(found)


@cache
def _checked(own: Own, kind: str, what: str, where: str | None) -> type[Method]:
    found = own.value
    try:
        missing = next(_missing(found, own), None)
        if not missing:
            found = _called(found, kind)
            _OWN[found] = own
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001
        missing = blame(error)
    if missing:
        raise BadValue(what, f"{kind} is no method: {missing}", where=where)
    checked: type[Method] = found
    return checked


def _called(found: type[Method], kind: str) -> type[Method]:
    """Return a class under a name, by which its code is known; under a second one it is a class of its own."""
    names = _NAMES.setdefault(found, {})
    if kind not in names:
        own, made = {"__module__": found.__module__, "__doc__": found.__doc__}, cast("Callable[..., Any]", type(found))
        names[kind] = made(found.__name__, (found,), own) if names else found
        names[kind].kind, names[kind].summary = kind, _summary(found)
    return names[kind]


def _missing(found: Any, own: Own) -> Iterator[str]:
    """Yield what keeps a class from being a method, in words with the fix."""
    name = getattr(found, "__name__", own.module)
    if not (inspect.isclass(found) and issubclass(found, Method)):
        yield f"{name} should be a class derived from NeuralMethod or ClassicalMethod of bakeoff.methods.base"
        return
    if found.__module__ not in own.modules:
        yield f"{name} belongs to {found.__module__}; derive a class of your own from it"
    if not issubclass(found, NeuralMethod | ClassicalMethod):
        yield f"{name} should be derived from NeuralMethod or ClassicalMethod rather than from Method"
    if lacking := sorted(getattr(found, "__abstractmethods__", ())):
        yield f"{name} lacks {', '.join(f'{one}()' for one in lacking)}"
    if not _summary(found):
        yield f"{name} says not what it does; begin its docstring with a sentence"
    config = getattr(found, "Config", None)
    if not (inspect.isclass(config) and issubclass(config, Config)):
        yield f"{name}.Config should be a class derived from Config or TrainingConfig of bakeoff.methods.config"
        return
    looped = issubclass(found, NeuralMethod) and not issubclass(found, FeaturesMethod)
    if looped and not issubclass(config, TrainingConfig):
        yield f"{name}.Config should be derived from TrainingConfig, whose settings the fit loop reads"
    for key, what in (
        ("libraries", 'distributions, as in ("scikit-learn",)'),
        ("modules", 'modules, as in ("scipy.stats",)'),
    ):
        listed: Any = getattr(found, key)
        if not isinstance(listed, tuple | list) or not all(isinstance(one, str) and one for one in listed):
            yield f"{name}.{key} should be names of {what}"
    yield from _unexplained(config, name)
    yield from _unsearchable(config, name)
    yield from _unfit(found, config, name)


def _unfit(found: type[Method], config: type[Config], name: str) -> Iterator[str]:
    """Yield what keeps defaults from being written down and read again as the same, or the method from using them."""
    try:
        held = config()
        written = canonical(held.model_dump(mode="json", warnings=False)).encode()
        same = config(**from_json(written.decode())) == held == config()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001
        yield f"the defaults of {name}.Config cannot be used: {blame(error)}"
        return
    if not same:
        yield f"the defaults of {name}.Config are not the same when they are made again, or read from JSON"
    for called in (found.varies, found.chooses):
        bool(called(held))
    if not isinstance(found.file_of(held), str | PathLike | None):
        yield f"{name}.file_of() should return the name of a file, or None"


def _unexplained(config: type[Config], name: str) -> Iterator[str]:
    for key, field in config.model_fields.items():
        if key in RESERVED:
            yield f"{name}.Config.{key} has a name that is taken; call it otherwise"
        if field.is_required():
            yield f"{name}.Config.{key} has no default; write {key}: ... = Field(DEFAULT, description=...)"
        if field.alias or field.validation_alias:
            yield f"{name}.Config.{key} has an alias; settings go by their names, so leave it out"
        if not field.description:
            yield f"{name}.Config.{key} has no description; write Field(..., description=...)"


def _unsearchable(config: type[Config], name: str) -> Iterator[str]:
    space: Any = config.search_space()
    if not isinstance(space, dict) or not all(
        key in config.model_fields and _is_range(ends) for key, ends in space.items()
    ):
        yield f"{name}.Config.search_space() should give settings two numbers each, the lower first"


def _is_range(ends: Any) -> bool:
    pair = isinstance(ends, tuple | list) and len(ends) == 2 and all(isinstance(end, int | float) for end in ends)  # noqa: PLR2004
    return pair and -math.inf < ends[0] < ends[1] < math.inf


def _summary(found: type[Method]) -> str:
    """Return the class's own `summary`, else the first sentence of its docstring, with a full stop."""
    said = vars(found).get("summary") or (vars(found).get("__doc__") or "").strip().partition("\n\n")[0]
    line = " ".join(UNSPEAKABLE.sub(" ", str(said)).split())
    return f"{line.rstrip('.')}." if line else ""
