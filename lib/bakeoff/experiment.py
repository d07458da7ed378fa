"""The experiment file as a model: strict about keys, complete before anything runs.

`load_experiment` is the only way in. Its errors are one line: file and line, key, value, nearest valid name.
A method's own hyperparameters come from its class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bakeoff.complaints import Where, complaint
from bakeoff.entry import MethodEntry, method_entry
from bakeoff.errors import BadValue, UnknownName
from bakeoff.method import TABLE, TrainingConfig
from bakeoff.yamlfile import YamlFile, read_yaml

__all__ = ["Compare", "Data", "Experiment", "Label", "MethodEntry", "Report", "Split", "load_experiment"]

Size = Annotated[int | float, Field(gt=0)]
Scalar = str | bool | int | float
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]{0,63}")
"""What may become part of a folder's name, on every system, and is no number to papermill's -p."""


class Frozen(BaseModel):
    """Base of the file's sections: immutable, no key that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Label(Frozen):
    """Which column holds the label and how its values become classes."""

    column: str = Field("label", description="column with the label or grade")
    bins: tuple[float, ...] | None = Field(None, description="edges of a grade; a value on an edge goes up")
    mapping: dict[Scalar, str | None] | None = Field(None, description="value to class name; null drops the row")
    names: tuple[str, ...] | None = Field(None, description="class names in order")

    @field_validator("bins", "names", mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.bins is not None and self.mapping is not None:
            raise ValueError("give bins or a mapping, not both")
        if self.bins is not None and list(self.bins) != sorted(set(self.bins)):
            raise ValueError("bins must rise")
        if self.bins is not None and (self.names is None or len(self.names) != len(self.bins) + 1):
            raise ValueError(f"{len(self.bins)} bins make {len(self.bins) + 1} classes; give as many names")
        return self


class Split(Frozen):
    """How many texts go where; whole numbers are counts, numbers below one are shares."""

    train: Size = 0.7
    validation: Size = 0.15
    test: Size = 0.15
    stratify: bool = Field(True, description="keep the class shares of the whole in each split")
    seed: int = Field(42, ge=0)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        sizes = (self.train, self.validation, self.test)
        if any(isinstance(size, float) and size >= 1 for size in sizes):
            raise ValueError("a share is below one; write counts without a decimal point")
        if sum(size for size in sizes if isinstance(size, float)) > 1 + 1e-9:
            raise ValueError(f"the shares {sizes} add up to more than one")
        return self


class Data(Frozen):
    """What the texts are."""

    source: str | dict[Literal["train", "validation", "test"], str]
    text: str = Field("text", description="column with the text")
    label: Label = Field(default_factory=Label)
    where: str | None = Field(None, description="rows to keep, in the expression language of pandas.DataFrame.query")
    split: Split | None = Field(None, description="left out: the splits the source has")
    max_length: int = Field(256, ge=8, description="tokens; longer texts are cut")

    @field_validator("label", mode="before")
    @classmethod
    def _column_alone(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _splits_known(self) -> Self:
        if isinstance(self.source, str) and self.split is None:
            raise ValueError("a single source has no splits of its own; add `split: {train: ..., validation: ...}`")
        if isinstance(self.source, dict) and set(self.source) != {"train", "validation", "test"}:
            raise ValueError("name the files of all three splits: train, validation, test")
        if isinstance(self.source, dict) and self.split is not None:
            raise ValueError("the source names its splits already; leave `split` out")
        return self


class Compare(Frozen):
    """What is compared and how sure one has to be; declared before anything runs."""

    metric: Literal["accuracy", "macro_f1"] = "accuracy"
    reference: str = Field("full", description="the method every other is held against")
    alpha: float = Field(0.05, gt=0, lt=0.5, description="family-wise error rate")
    equivalence_margin: float = Field(0.01, gt=0, lt=1, description="a difference this small does not matter")


class Report(Frozen):
    """How the report introduces itself."""

    title: str | None = None
    language: Literal["en"] = "en"


class Experiment(Frozen):
    """A whole experiment file; `name` is the file's stem."""

    name: str
    file: Path
    data: Data
    model: str
    seeds: tuple[int, ...] = Field(min_length=1)
    defaults: dict[str, Any] = Field(default_factory=dict)
    methods: dict[str, MethodEntry] = Field(min_length=1)
    compare: Compare = Compare()
    report: Report = Report()

    @field_validator("seeds", mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(value)) != len(value) or not all(0 <= seed < 2**32 for seed in value):
            raise ValueError("seeds are distinct whole numbers from 0 to 4294967295")
        return value

    def entry(self, name: str) -> MethodEntry:
        """Return a method entry of this file, or the plain method of that kind where the file has none."""
        if name in self.methods:
            return self.methods[name]
        if name not in TABLE:
            raise UnknownName("method", name, {*self.methods, *TABLE}, kind="method", where=self.file.name)
        return method_entry(name, {}, self.defaults, where=lambda _: self.file.name)

    @property
    def title(self) -> str:
        """What the report is called."""
        return self.report.title or f"Comparison of fine-tuning methods: {self.name}"


def load_experiment(file: Path, *, shown_as: str | None = None) -> Experiment:
    """Read and validate an experiment file.

    shown_as: how error messages spell the file (default: as given)
    Raises MissingFile, Unparsable, UnknownName or BadValue; nothing is written anywhere.
    """
    source = read_yaml(file, shown=shown_as or str(file))
    if not NAME.fullmatch(file.stem):
        raise BadValue(f"file name {file.name!r}", "the experiment is called after it: letters, digits, . _ + - only")
    tree = _sections(source)
    defaults = _defaults(tree.get("defaults"), source.where)
    methods = _methods(tree.pop("methods", None), defaults, source)
    try:
        given = {**tree, "defaults": defaults}
        found = Experiment(name=file.stem, file=file, methods=methods, **given)
    except ValidationError as error:
        raise complaint(error, Experiment, where=source.where) from None
    if found.compare.reference not in methods:
        place = source.where(["compare", "reference"])
        raise UnknownName("compare.reference", found.compare.reference, methods, kind="method", where=place)
    return found


def _sections(source: YamlFile) -> dict[str, Any]:
    """Return the file's sections; one that is there and empty counts as left out."""
    known = [name for name in Experiment.model_fields if name not in ("name", "file")]
    for key in source.content:
        if key not in known:
            raise UnknownName(str(key), key, known, kind="key", where=source.where([key]))
    return {key: value for key, value in source.content.items() if value is not None}


def _defaults(given: Any, where: Where) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise BadValue("defaults", f"{given!r} is not a mapping of hyperparameters", where=where(["defaults"]))
    for key in given:
        if key not in TrainingConfig.model_fields:
            place = where(["defaults", key])
            raise UnknownName(f"defaults.{key}", key, TrainingConfig.model_fields, kind="key", where=place)
    try:
        TrainingConfig(**given)
    except ValidationError as error:
        raise complaint(error, TrainingConfig, where=where, prefix=["defaults"]) from None
    return given


def _methods(given: Any, defaults: Mapping[str, Any], source: YamlFile) -> dict[str, MethodEntry]:
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
