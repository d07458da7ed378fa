"""From pydantic's complaints to one line a person can act on: key, value, what would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bakeoff.errors import BadValue, InputError, UnknownName

__all__ = ["complaint", "shown"]


Where = Callable[[Sequence[object]], str | None]

WORDS = (
    (r"^Value error, ", ""),
    (r"^Input should be ", "it should be "),
    (r"a valid tuple|a valid list", "a list"),
    (r"a valid dictionary or instance of \w+|a valid dictionary", "a mapping of keys"),
    (r"a valid integer.*", "a whole number"),
    (r"a valid number.*", "a number"),
    (r"a valid string", "text"),
    (r"a valid boolean.*", "true or false"),
    (r"greater than or equal to ", "at least "),
    (r"less than or equal to ", "at most "),
    (r"greater than ", "above "),
    (r"less than ", "below "),
    (r"^(Tuple|List|Dictionary) should have at least 1 item.*", "it should name at least one"),
)


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
        known = re.findall(r"'([^']*)'", first["ctx"]["expected"])
        kind = "key" if first["loc"][-1] == "[key]" else "value"
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
    same = [_words(item["msg"]) for item in near if _real(item) == _real(deepest)]
    joined = " or ".join(dict.fromkeys(said.removeprefix("it should be ") for said in same))
    joined = joined.removeprefix("a whole number or ") if "number" in joined.partition(" or ")[2] else joined
    return deepest, f"it should be {joined}" if all(said.startswith("it should be ") for said in same) else same[0]


def _real(item: Any) -> tuple[str | int, ...]:
    """Drop the parts of a location that name pydantic's branches rather than keys."""
    loc = list(item["loc"])
    if item["type"] not in ("missing", "extra_forbidden") and loc[-1:] == ["[key]"]:
        loc.pop()
    return tuple(part for part in loc if part not in BRANCHES and not str(part).startswith("dict["))


BRANCHES = ("str", "int", "float", "bool", "none", "[key]")


def _words(message: str) -> str:
    for pattern, word in WORDS:
        message = re.sub(pattern, word, message)
    return message[:1].lower() + message[1:]


def _keys_at(model: type[BaseModel], path: Sequence[object]) -> list[str]:
    """Return the keys that may stand at a path below a model."""
    for part in path:
        field = model.model_fields.get(str(part))
        kinds = (get_args(field.annotation) or (field.annotation,)) if field else ()
        inner = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not inner:
            break
        model = inner[0]
    return list(model.model_fields)
