"""From pydantic's complaints to one line a person can act on: key, value, what would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from bakeoff.errors import BadValue, InputError, UnknownName
from bakeoff.errors import shown as cut

__all__ = ["checked", "complaint", "shown"]

Given = ParamSpec("Given")
Found = TypeVar("Found")
STRICT = ConfigDict(strict=True, arbitrary_types_allowed=True)
Where = Callable[[Sequence[object]], str | None]

SHOULD = {
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "a mapping of keys"),
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("list_type", "tuple_type"), "a list"),
    "finite_number": "a finite number",
    "greater_than": "above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "below {lt}",
    "less_than_equal": "at most {le}",
    "string_type": "text",
    "too_long": "a list of at most {max_length}",
    "too_short": "a list of at least {min_length}",
}
"""Type of pydantic's complaint -> what a value should be."""


def complaint(
    error: ValidationError, model: type[BaseModel], *, where: Where, prefix: Sequence[str] = ()
) -> InputError:
    """Turn the first thing pydantic objects to into an error of ours.

    model: what was validated; where: from a path of keys to the place in the file; prefix: keys above the model
    """
    first, said = _deepest(error)
    path = _real(first)
    key = ".".join(str(part) for part in (*prefix, *path)) or "experiment"
    place = where([*prefix, *path])
    if first["type"] == "extra_forbidden":
        return UnknownName(key, path[-1], _keys_at(model, path[:-1]), kind="key", where=place)
    if first["type"] == "literal_error":
        kind = "key" if first["loc"][-1] == "[key]" else "value"
        known = [name.strip("'") for name in first["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        return UnknownName(key, first["input"], known, kind=kind, where=place)
    if first["type"] == "missing":
        return BadValue(key, "missing", where=place)
    value = "" if isinstance(first["input"], dict | BaseModel) else f"{shown(first['input'])} cannot be used: "
    return BadValue(key, f"{value}{said}", where=place)


def shown(value: object) -> str:
    """Spell a value as YAML would, cut where it is long."""
    words = {"True": "true", "False": "false", "None": "null"}
    text = repr(list(value) if isinstance(value, tuple) else value)
    text = words.get(text, text)
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004


def _deepest(error: ValidationError) -> tuple[Any, str]:
    """Return the complaint to show and its message.

    Where a value may be of several kinds pydantic complains once for each; what is said deepest inside the value
    knows most, and what is said at the same depth is joined.
    """
    errors = error.errors()
    head = _real(errors[0])
    near = [item for item in errors if _real(item)[: len(head)] == head]
    deepest = max(near, key=lambda item: len(_real(item)))
    alike = [item for item in near if _real(item) == _real(deepest)]
    if not all(item["type"] in SHOULD for item in alike):
        said = str(deepest.get("ctx", {}).get("error", deepest["msg"]))
        return deepest, said[:1].lower() + said[1:]
    words = dict.fromkeys(SHOULD[item["type"]].format(**item.get("ctx", {})) for item in alike)
    if "a number" in words:
        words.pop("a whole number", None)
    return deepest, f"it should be {' or '.join(words)}"


def _real(item: Any) -> tuple[str | int, ...]:
    """Drop the parts of a location that name pydantic's branches rather than keys."""
    loc = list(item["loc"])
    if item["type"] not in ("missing", "extra_forbidden") and loc[-1:] == ["[key]"]:
        loc.pop()
    inner = ("dict[", "tuple[", "function-")
    return tuple(part for part in loc if part not in BRANCHES and not str(part).startswith(inner))


def checked(function: Callable[Given, Found]) -> Callable[Given, Found]:
    """Let a function refuse arguments of types other than it names: BadValue, before it does anything."""
    said = signature(function)

    @cache
    def model() -> type[BaseModel]:
        fields: dict[str, Any] = {name: (one.annotation, ...) for name, one in said.parameters.items()}
        return create_model(function.__name__, __config__=STRICT, __module__=function.__module__, **fields)

    @wraps(function)
    def call(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        given = said.bind(*args, **kwargs)
        given.apply_defaults()
        try:
            model().model_validate(given.arguments)
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0])
            kind = str(said.parameters[name].annotation)
            hint = "bakeoff.load_experiment(file) reads one" if kind == "Experiment" else None
            raise BadValue(name, f"{cut(repr(given.arguments[name]))} is no {kind}", hint=hint) from None
        return function(*args, **kwargs)

    return call


BRANCHES = ("str", "int", "float", "bool", "none", "[key]")


def _keys_at(model: type[BaseModel], path: Sequence[object]) -> list[str]:
    """Return the keys that may stand at a path below a model."""
    for part in path:
        kind = model.model_fields[str(part)].annotation if part in model.model_fields else None
        inner = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, BaseModel)]
        model = inner[0] if inner else model
    return list(model.model_fields)
