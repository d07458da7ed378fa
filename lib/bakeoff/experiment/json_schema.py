"""The JSON Schema of an experiment file, made from the models that validate it, so that editors complete its keys.

The schema is as strict about keys as `load_experiment`; what several keys have to agree on, and spellings it is lenient
about, are for `load_experiment` alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from bakeoff.experiment.entries import BASE_KEYS
from bakeoff.experiment.further import MAIN, slicing_schema
from bakeoff.experiment.grid import LEAST
from bakeoff.experiment.model import Experiment
from bakeoff.methods.config import Config, TrainingConfig
from bakeoff.methods.registry import kinds, method

__all__ = ["experiment_schema"]


Schema = dict[str, Any]
OWN_KIND = {"pattern": "^[\\w.]+:\\w+$", "description": "a method of your own, as my_module:MyMethod"}
NOT_IN_THE_FILE = ("file", "changes")
REQUIRED = ("seeds", "methods")
EITHER = (("data", "datasets"), ("model", "models"))
ANY_KIND = "entry"
TITLE = "An experiment of bakeoff: the data, the base model, the methods to compare and the seeds."


def experiment_schema(own: Collection[str] = ()) -> Schema:
    """Return the schema as JSON holds it, draft 2020-12. own: methods of the workspace whose keys it knows as well."""
    known = sorted({*kinds(), *own})
    tree = Experiment.model_json_schema()
    parts: Schema = {name: part for name, part in tree["$defs"].items() if name != "MethodEntry"}
    parts["Data"]["properties"]["label"] = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Label"}]}
    parts["SomeData"] = {key: part for key, part in parts["Data"].items() if key != "required"}
    parts |= {_of_kind(kind): _entry(kind) for kind in known}
    parts[ANY_KIND] = _any_kind(known)
    sections = {key: part for key, part in tree["properties"].items() if key not in NOT_IN_THE_FILE}
    further = [{"type": "string"}, _ref("Further")]
    sections["slices"]["items"] = slicing_schema()
    sections["tests"]["additionalProperties"] = {"anyOf": further}
    sections["tests"]["properties"] = {MAIN: {"type": "null", "description": "the data's own test split"}}
    parts["Further"]["properties"]["label"]["anyOf"].append({"type": "string"})
    sections |= _grid(sections)
    sections |= {"defaults": _described(TrainingConfig), "methods": _methods(known)}
    found = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": TITLE,
        "type": "object",
        "additionalProperties": False,
        "required": list(REQUIRED),
        "allOf": [_either(*keys) for keys in EITHER],
        "properties": {key: part if key in REQUIRED else _or_empty(part) for key, part in sections.items()},
        "$defs": parts,
    }
    clean: Schema = _clean(found)
    return clean


def _either(one: str, many: str) -> Schema:
    """Return that a file has what is given once for all or by name; with `datasets`, `data` need not name a source."""
    whole: Schema = {"required": [one]}
    if one == "data":
        whole["properties"] = {one: _ref("Data")}
    return {"if": {"required": [many], "properties": {many: {"type": ["array", "object"]}}}, "else": whole}


def _grid(sections: Schema) -> Schema:
    told = {key: {name: sections[key][name] for name in ("description", "examples")} for key in ("datasets", "models")}
    base = {"anyOf": [{"type": "string"}, _ref("Base")]}
    named: Schema = {"type": "object", "minProperties": LEAST}
    return {
        "data": {**sections["data"], **_ref("SomeData")},
        "datasets": {**named, "additionalProperties": _ref("SomeData"), **told["datasets"]},
        "models": {
            "anyOf": [{**named, "additionalProperties": base}, {"type": "array", "minItems": LEAST, "items": base}],
            **told["models"],
        },
    }


def _methods(known: Sequence[str]) -> Schema:
    """Return the schema of all entries: one is of the kind it names, or else of the kind it is called after."""
    chosen = {"type": "object", "required": ["kind"]}
    named = {kind: {"if": chosen, "then": _ref(ANY_KIND), "else": _or_empty(_ref(_of_kind(kind)))} for kind in known}
    return {"type": "object", "minProperties": 1, "properties": named, "additionalProperties": _ref(ANY_KIND)}


def _any_kind(known: Sequence[str]) -> Schema:
    cases = [
        {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": _ref(_of_kind(kind))}
        for kind in known
    ]
    kind = {"anyOf": [{"enum": list(known)}, OWN_KIND]}
    return {"type": "object", "required": ["kind"], "properties": {"kind": kind}, "allOf": cases}


def _entry(kind: str) -> Schema:
    """Return the schema of one entry: every hyperparameter is one value or, as a sweep, a list of values."""
    found = method(kind)
    tree = _described(found.Config)
    own: Schema = {"kind": {"const": kind, "description": "left out: the kind this entry is called after"}}
    own["tune"] = {
        "anyOf": [_ref("Tune"), {"const": False}],
        "description": "what is searched for this method; its keys override the experiment's; false: nothing is",
        "examples": [{"trials": 16}],
    }
    own["resources"] = {**_ref("Resources"), "description": "of a cluster for its runs, instead of the experiment's"}
    if found.neural:
        own |= {key: {"type": "string", "description": f"instead of the experiment's {key}"} for key in BASE_KEYS}
    options = {name: _or_list(part) for name, part in tree["properties"].items()} if "properties" in tree else {}
    return {**tree, "description": found.summary, "properties": {**own, **options}}


def _described(config: type[Config]) -> Schema:
    return config.model_json_schema()


def _or_list(part: Schema) -> Schema:
    told = {key: value for key, value in part.items() if key in ("description", "default", "examples")}
    value = {key: rest for key, rest in part.items() if key not in told}
    return {**told, "anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}


def _or_empty(part: Schema) -> Schema:
    return {"anyOf": [part, {"type": "null"}]}


def _of_kind(kind: str) -> str:
    return f"{ANY_KIND}.{kind}"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _clean(part: Any) -> Any:
    """Drop pydantic's made-up titles and spell its limits on numbers of either kind the way the standard does."""
    if isinstance(part, list):
        return [_clean(item) for item in part]
    if not isinstance(part, dict):
        return part
    limits = {"gt": "exclusiveMinimum"}
    kept = {key: value for key, value in part.items() if key != "title" or not isinstance(value, str)}
    return {limits.get(key, key): _clean(value) for key, value in kept.items()}
