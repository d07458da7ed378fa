"""The experiment file as a model: strict about keys, complete before anything runs.

`load_experiment` is the only way in. Its errors are one line: file and line, key, value, nearest valid name.
A method's own hyperparameters come from its class.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bakeoff.changes import apply_changes, place_of
from bakeoff.complaints import complaint
from bakeoff.entry import MethodEntry, method_entry
from bakeoff.errors import BadValue, UnknownName
from bakeoff.method import TABLE
from bakeoff.sections import read_defaults, read_methods, read_name, read_sections
from bakeoff.yamlfile import read_yaml

__all__ = ["Compare", "Constraints", "Data", "Experiment", "Label", "MethodEntry", "Report", "Split", "load_experiment"]

Size = Annotated[int | float, Field(gt=0)]
Scalar = str | bool | int | float


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
        given = (*(self.names or ()), *(name for name in (self.mapping or {}).values() if name is not None))
        if len(set(self.names or ())) != len(self.names or ()) or not all(name.strip() for name in given):
            raise ValueError("names of classes are distinct and not blank")
        return self


class Split(Frozen):
    """How many texts go where; whole numbers are counts, numbers below one are shares of all there are.

    A source with splits of its own keeps them, and sizes are of each. A size that is left out is settled by
    `tuning.splitting`, which knows whether the source has any.
    """

    train: Size | None = Field(None, description="texts to train on; left out: the rest, or all of the source's own")
    validation: Size | None = Field(None, description="texts to choose on; a source without them gives some of train")
    test: Size | None = Field(None, description="texts to judge on")
    stratify: bool = Field(True, description="keep the class shares of the whole in each split")
    seed: int = Field(42, ge=0)
    group: str | None = Field(
        None,
        description="column whose values stay together in splits drawn; those that a source's own share are counted",
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        sizes = (self.train, self.validation, self.test)
        if any(isinstance(size, float) and size >= 1 for size in sizes):
            raise ValueError("a share is below one; write counts without a decimal point")
        return self


class Data(Frozen):
    """What the texts are."""

    source: str | dict[Literal["train", "validation", "test"], str]
    config: str | None = Field(None, description="configuration of a hub data set; not used by other sources")
    encoding: str = Field("utf-8", description="of csv, tsv, jsonl and txt files")
    separator: str | None = Field(
        None, min_length=1, max_length=1, description="between csv columns; left out: told from the header"
    )
    text: str = Field("text", description="column with the text")
    label: Label = Field(default_factory=Label)
    where: str | None = Field(None, description="rows to keep: a condition, as in `len(text) > 20 and score != 0`")
    deduplicate: bool = Field(False, description="leave out repeated texts, and those of train that stand in test")
    split: Split = Field(default_factory=Split)
    max_length: int = Field(256, ge=8, description="tokens; longer texts are cut")

    @field_validator("label", mode="before")
    @classmethod
    def _column_alone(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value

    @field_validator("split", mode="before")
    @classmethod
    def _left_empty(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            with suppress(UnicodeError):
                b"a".decode(value)  # unlike a look-up, this refuses what is no encoding of texts
            return codecs.lookup(value).name
        except LookupError:
            raise ValueError("no such encoding is known; for example utf-8, utf-16, cp1251, latin-1") from None

    @model_validator(mode="after")
    def _splits_named(self) -> Self:
        if isinstance(self.source, dict) and not {"train", "test"} <= set(self.source):
            raise ValueError("name the files of train and test; validation may be left out")
        return self


class Compare(Frozen):
    """What is compared and how sure one has to be; declared before anything runs."""

    metric: Literal["accuracy", "macro_f1"] = "accuracy"
    reference: str = Field("full", description="the method every other is held against")
    alpha: float = Field(0.05, gt=0, lt=0.5, description="family-wise error rate")
    equivalence_margin: float = Field(0.01, gt=0, lt=1, description="a difference this small does not matter")


class Constraints(Frozen):
    """Limits a method has to stay within in every run to be recommended; declared before anything runs."""

    train_minutes: float | None = Field(None, gt=0, description="training time of a run, in minutes")
    peak_memory_gb: float | None = Field(None, gt=0, description="peak memory in training, a GB being 1024 MiB")
    trainable_share: float | None = Field(None, gt=0, le=1, description="trained parameters by all of the model's")
    artifact_mb: float | None = Field(None, gt=0, description="size of what is saved, an MB being 1024 KiB")
    inference_ms: float | None = Field(None, gt=0, description="time to predict one test text, in milliseconds")


class Report(Frozen):
    """How the report introduces itself."""

    title: str | None = None
    language: Literal["en", "ru"] = "en"


class Experiment(Frozen):
    """A whole experiment file.

    name: what its folder of reports is called, the file's stem unless the file says otherwise; changes: settings
    changed from the command line, as they were typed
    """

    name: str = Field(description="what its folder in reports/ is called; left out: the file's name without .yaml")
    file: Path
    changes: tuple[str, ...] = ()
    data: Data
    model: str
    tokenizer: str | None = Field(None, description="what `model` reads texts with; left out: its own tokenizer")
    seeds: tuple[int, ...] = Field(min_length=1)
    defaults: dict[str, Any] = Field(default_factory=dict)
    methods: dict[str, MethodEntry] = Field(min_length=1)
    compare: Compare = Compare()
    constraints: Constraints = Constraints()
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

    def base_of(self, entry: MethodEntry) -> tuple[str, str | None]:
        """Return the names of the base model an entry uses and of its tokenizer, None where the model brings it.

        The file's tokenizer belongs to the file's model: an entry with a model of its own does not inherit it.
        """
        return (entry.model, entry.tokenizer) if entry.model else (self.model, entry.tokenizer or self.tokenizer)

    def place(self, key: str, *, file: str) -> str:
        """Return where a dotted key has its value from: a change from the command line, else the file."""
        return place_of(self.changes, key) or file


def load_experiment(file: Path, *, shown_as: str | None = None, changes: Sequence[str] = ()) -> Experiment:
    """Read and validate an experiment file.

    shown_as: how error messages spell the file (default: as given); changes: as for `--set`, made before validation
    Raises MissingFile, Unparsable, UnknownName or BadValue; nothing is written anywhere.
    """
    source = apply_changes(read_yaml(file, shown=shown_as or str(file)), changes)
    tree = read_sections(source, [key for key in Experiment.model_fields if key not in ("file", "changes")])
    name = read_name(tree.pop("name", None), file, source.where)
    defaults = read_defaults(tree.get("defaults"), source.where)
    methods = read_methods(tree.pop("methods", None), defaults, source)
    try:
        given = {**tree, "defaults": defaults}
        found = Experiment(name=name, file=file, changes=tuple(changes), methods=methods, **given)
    except ValidationError as error:
        raise complaint(error, Experiment, where=source.where) from None
    if found.data.text == found.data.label.column:
        reason = f"{found.data.text!r} is the column with the text"
        raise BadValue("data.label", reason, where=source.where(["data", "label"]), hint="name another column")
    if found.compare.reference not in methods:
        place = source.where(["compare", "reference"])
        raise UnknownName("compare.reference", found.compare.reference, methods, kind="method", where=place)
    return found
