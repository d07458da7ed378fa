"""The parts of an experiment file that only other parts or the methods' classes can judge: keys, name, methods.

Imported by `experiment`; imports `complaints`, `entry`, `errors`, `method` and `yamlfile`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bakeoff.complaints import Where, complaint, shown
from bakeoff.entry import MethodEntry, method_entry
from bakeoff.errors import BadValue, UnknownName
from bakeoff.method import TrainingConfig
from bakeoff.yamlfile import YamlFile

__all__ = ["NAME", "read_defaults", "read_methods", "read_name", "read_sections"]

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]{0,63}")
"""What may become part of a folder's name, on every system, and is no number to papermill's -p."""


def read_sections(source: YamlFile, known: Collection[str]) -> dict[str, Any]:
    """Return the file's sections; one that is there and empty counts as left out. Raises UnknownName."""
    for key in source.content:
        if key not in known:
            raise UnknownName(str(key), key, known, kind="key", where=source.where([key]))
    return {key: value for key, value in source.content.items() if value is not None}


def read_name(given: Any, file: Path, where: Where) -> str:
    """Return what the experiment is called: as the file says, else its stem; raises BadValue."""
    rule = "letters, digits, . _ + - only, a letter first"
    if given is None and not NAME.fullmatch(file.stem):
        raise BadValue(f"file name {file.name!r}", f"the experiment is called after it: {rule}")
    if given is not None and not (isinstance(given, str) and NAME.fullmatch(given)):
        raise BadValue("name", f"{shown(given)} cannot be used: {rule}", where=where(["name"]))
    return given or file.stem


def read_defaults(given: Any, where: Where) -> dict[str, Any]:
    """Return the hyperparameters every method starts from; raises UnknownName or BadValue."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise BadValue("defaults", f"{given!r} is not a mapping of hyperparameters", where=where(["defaults"]))
    for key in given:
        if key not in TrainingConfig.model_fields:
            place = where(["defaults", key])
            raise UnknownName(f"defaults.{key}", key, TrainingConfig.model_fields, kind="key", where=place)
        if isinstance(given[key], list):
            reason = f"{shown(given[key])} cannot be used: a list of values is a sweep of one method"
            hint = f"write it under methods.NAME.{key}"
            raise BadValue(f"defaults.{key}", reason, where=where(["defaults", key]), hint=hint)
    try:
        TrainingConfig(**given)
    except ValidationError as error:
        raise complaint(error, TrainingConfig, where=where, prefix=["defaults"]) from None
    return given


def read_methods(given: Any, defaults: Mapping[str, Any], source: YamlFile) -> dict[str, MethodEntry]:
    """Return the methods by name, in the file's order; raises UnknownName or BadValue."""
    if not isinstance(given, dict) or not given:
        place = source.where(["methods"])
        raise BadValue("methods", "name at least one method", where=place, hint="for example `methods: {full: {}}`")
    found: dict[str, MethodEntry] = {}
    for name, body in given.items():
        place = source.where(["methods", name])
        if not isinstance(name, str) or not NAME.fullmatch(name):
            hint = "a letter, then letters, digits, . _ + -"
            raise BadValue(f"methods.{name}", "cannot be the name of a method", where=place, hint=hint)
        if name.lower() in (other.lower() for other in found):
            raise BadValue(f"methods.{name}", "another method's name differs in case only", where=place)
        found[name] = method_entry(name, {} if body is None else body, defaults, where=source.where)
    return found
