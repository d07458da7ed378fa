"""The grid of an experiment file: data sets and base models by name, and the cell that the file's report is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from pydantic import Field, ValidationError

from bakeoff.data.schema import Data, Frozen
from bakeoff.errors import BadValue, InputError, UnknownName
from bakeoff.experiment.messages import complaint, shown
from bakeoff.experiment.yaml_file import YamlFile
from bakeoff.system.names import NAME, reserved

__all__ = ["Base", "cell_names", "read_grid"]


BETWEEN = "/"
"""Between the data set and the base model in the name of a cell."""
LEAST = 2
MOST_CELLS = 200


class Base(Frozen):
    """A base model of a grid."""

    model: str = Field(description="as the experiment's `model`", examples=["bundled:minilm-l6"])
    tokenizer: str | None = Field(None, description="what it reads texts with; left out: its own tokenizer")


def cell_names(
    datasets: Iterable[str] | None, models: Iterable[str] | None
) -> dict[str, tuple[str | None, str | None]]:
    """Return each cell's name -> its data set and its base model, in the file's order; None for what is no axis."""
    if datasets is None and models is None:
        return {}
    axes: list[list[str | None]] = [[None] if names is None else list(names) for names in (datasets, models)]
    return {
        BETWEEN.join(name for name in (data, model) if name): (data, model) for data in axes[0] for model in axes[1]
    }


def read_grid(tree: Mapping[str, Any], source: YamlFile, *, methods: Iterable[str]) -> dict[str, Any]:
    """Return the sections of a file with those of its grid read: `data`, `model` and `tokenizer` are its own cell's.

    methods: names that no data set and no base model may have, since `--only` takes both
    Raises UnknownName or BadValue.
    """
    if tree.get("datasets") is None and tree.get("models") is None:
        if "cell" in tree:
            reason = "the file has no grid: neither `datasets` nor `models`"
            raise BadValue("cell", reason, where=source.where(["cell"]), hint="leave it out")
        return dict(tree)
    if "train_sizes" in tree:
        hint = "data.split.train fixes one number for all cells"
        reason = "it cannot be combined with `datasets` or `models`"
        raise BadValue("train_sizes", reason, where=source.where(["train_sizes"]), hint=hint)
    taken = {name.lower(): "method" for name in methods}
    datasets = _datasets(tree, source, taken) if "datasets" in tree else None
    models = _models(tree, source, taken) if "models" in tree else None
    cells = cell_names(datasets, models)
    if len(cells) > MOST_CELLS:
        key = "models" if datasets is None else "datasets"
        raise BadValue(key, f"{len(cells)} cells are more than {MOST_CELLS}", where=source.where([key]))
    asked = tree.get("cell", next(iter(cells)))
    if asked not in cells:
        raise UnknownName("cell", asked, cells, kind="cell", where=source.where(["cell"]))
    data, model = cells[asked]
    own = {"data": datasets[data]} if datasets and data else {}
    base = models[model].model_dump() if models and model else {}
    return {**tree, **own, **base, "datasets": datasets, "models": models, "cell": asked}


def _datasets(tree: Mapping[str, Any], source: YamlFile, taken: dict[str, str]) -> dict[str, Data]:
    given, common = tree["datasets"], tree.get("data") or {}
    if not isinstance(given, dict):
        hint = "name each, as in `datasets: {news: {source: news.csv}, mail: {source: mail.csv}}`"
        raise BadValue(
            "datasets", f"{shown(given)} is no mapping of names", where=source.where(["datasets"]), hint=hint
        )
    if not isinstance(common, dict):
        raise BadValue("data", f"{shown(common)} is no mapping of keys", where=source.where(["data"]))
    _enough("datasets", list(given), source, alone="write it as `data`")
    for name in given:
        _name("datasets", name, source, taken, kind="data set")
    found: dict[str, Data] = {}
    for name, own in given.items():
        found[name] = _data(name, own, common, source)
        same = next((other for other in found if other != name and _texts(found[other]) == _texts(found[name])), None)
        if same:
            reason, hint = f"the same texts and labels as {same}, which would count twice", "leave one out"
            raise BadValue(f"datasets.{name}", reason, where=source.where(["datasets", name]), hint=hint)
    return found


def _texts(data: Data) -> dict[str, Any]:
    """Return what makes texts and labels what they are, wherever a split puts them."""
    told = data.model_dump(mode="json", exclude={"split", "max_length", "deduplicate"})
    source = told["source"] if isinstance(told["source"], dict) else {"": told["source"]}
    return {**told, "source": {split: str(PurePosixPath(name)) for split, name in source.items()}}  # ./a.csv is a.csv


def _data(name: str, own: Any, common: Mapping[str, Any], source: YamlFile) -> Data:
    """Return a data set: the keys of `data`, overridden by its own; those of `split` one by one."""
    if not isinstance(own, dict):
        reason, hint = f"{shown(own)} is no mapping of keys", "write the keys of `data` that differ there"
        raise BadValue(f"datasets.{name}", reason, where=source.where(["datasets", name]), hint=hint)
    both, shared, split = {**common, **own}, common.get("split"), own.get("split")
    if isinstance(shared, dict) and isinstance(split, dict):
        both["split"] = {**shared, **split}
    here = ["datasets", name]

    def of_its_own(rest: list[Any]) -> bool:
        if rest[:1] == ["split"] and isinstance(split, dict) and len(rest) > 1:
            return rest[1] in split
        return bool(rest) and rest[0] in own

    def where(path: Any) -> str:
        rest = list(path)[len(here) :]
        return source.where([*here, *rest] if of_its_own(rest) else ["data", *rest] if rest[:1] else here)

    try:
        found = Data(**both)
    except ValidationError as error:
        raise _of_data(complaint(error, Data, where=where, prefix=here), own, common, name, source) from None
    if found.label.column in found.texts:
        reason = f"{found.label.column!r} is the column with the text"
        raise BadValue(f"datasets.{name}.label", reason, where=where([*here, "label"]), hint="name another column")
    return found


def _of_data(
    error: InputError, own: Mapping[str, Any], common: Mapping[str, Any], name: str, source: YamlFile
) -> InputError:
    """Name the key of `data` where the fault is there, not in what a data set overrides."""
    head, _, rest = error.setting.partition(f"datasets.{name}.")
    key = rest.partition(".")[0]
    if not head and key and key in common and key not in own:
        error.setting = f"data.{rest}"
    elif key not in own:
        error.where = source.where(["datasets", name])
    return error


def _models(tree: Mapping[str, Any], source: YamlFile, taken: dict[str, str]) -> dict[str, Base]:
    for key in ("model", "tokenizer"):
        if key in tree:
            reason = "`models` names the base models, with their tokenizers"
            raise BadValue(key, reason, where=source.where([key]), hint="leave it out")
    given = tree["models"]
    if isinstance(given, list):
        _enough("models", given, source, alone="write it as `model`")
        return _listed(given, source, taken)
    if not isinstance(given, dict):
        hint = "list them, or name each as in `models: {small: bundled:minilm-l6, large: owner/name}`"
        raise BadValue("models", f"{shown(given)} is no list", where=source.where(["models"]), hint=hint)
    _enough("models", list(given), source, alone="write it as `model`")
    found: dict[str, Base] = {}
    for name, body in given.items():
        _name("models", name, source, taken, kind="model")
        found[name] = _base(body, ["models", name], source)
        _distinct(found, name, ["models", name], source)
    return found


def _listed(given: list[Any], source: YamlFile, taken: dict[str, str]) -> dict[str, Base]:
    """Return base models that are listed, each called after the last part of what names it."""
    found: dict[str, Base] = {}
    for place, body in enumerate(given):
        base = _base(body, ["models", place], source)
        name = PurePosixPath(re.split(r"[:/\\]", base.model.partition("@")[0])[-1].removesuffix(".json")).name
        if given.index(body) != place:
            raise BadValue("models", f"{shown(body)} is listed twice", where=source.where(["models", place]))
        if not NAME.fullmatch(name) or name.lower() in taken:
            reason = f"{shown(base.model)} gives no name of its own to call its cells by"
            hint = "name each, as in `models: {small: bundled:minilm-l6, large: owner/name}`"
            raise BadValue("models", reason, where=source.where(["models", place]), hint=hint)
        taken[name.lower()] = "model"
        found[name] = base
    return found


def _base(body: Any, path: list[Any], source: YamlFile) -> Base:
    key = ".".join(map(str, path))
    if isinstance(body, str) and body:
        return Base(model=body)
    if not isinstance(body, dict):
        raise BadValue(key, f"{shown(body)} is not the name of a model", where=source.where(path))
    if (unknown := next((one for one in body if one not in Base.model_fields), None)) is not None:
        raise UnknownName(
            f"{key}.{unknown}", unknown, Base.model_fields, kind="key", where=source.where([*path, unknown])
        )
    try:
        return Base(**body)
    except ValidationError as error:
        raise complaint(error, Base, where=source.where, prefix=path) from None


def _distinct(found: Mapping[str, Base], name: str, path: list[Any], source: YamlFile) -> None:
    same = next((other for other, base in found.items() if base == found[name] and other != name), None)
    if same:
        raise BadValue(f"models.{name}", f"the same model as {same}", where=source.where(path), hint="leave one out")


def _enough(key: str, given: list[Any], source: YamlFile, *, alone: str) -> None:
    if len(given) < LEAST:
        reason = "one alone makes no grid" if given else "an empty list makes no grid"
        raise BadValue(key, reason, where=source.where([key]), hint=alone if given else "leave it out")


def _name(section: str, name: Any, source: YamlFile, taken: dict[str, str], *, kind: str) -> None:
    """Raise BadValue for what cannot be part of a cell's name; note the name as taken."""
    key, place = f"{section}.{name}", source.where([section, name])
    if not isinstance(name, str) or not NAME.fullmatch(name):
        hint = "a letter, then letters, digits, . _ + -"
        raise BadValue(key, f"cannot be the name of a {kind}", where=place, hint=hint)
    if (reason := reserved(name)) is not None:
        raise BadValue(key, f"cannot be the name of a {kind}: {reason}", where=place)
    if (other := taken.get(name.lower())) is not None:
        raise BadValue(key, f"a {other} has this name already", where=place, hint="choose another name")
    taken[name.lower()] = kind
