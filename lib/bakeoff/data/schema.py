"""What the data of an experiment may be, and what is known of them: the vocabulary of files and records."""

from __future__ import annotations

import codecs
from contextlib import suppress
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

__all__ = ["Data", "Label", "Part", "Split", "SplitFacts"]


Size = Annotated[int | float, Field(gt=0)]
Scalar = str | bool | int | float


def _without(spelled: dict[str, Any], unset: dict[str, Any]) -> dict[str, Any]:
    """Leave out settings that are younger than records and say nothing: those keep their runs."""
    return {key: value for key, value in spelled.items() if key not in unset or value != unset[key]}


class Frozen(BaseModel):
    """Base of the file's sections: immutable, no key that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Label(Frozen):
    """Which column holds the label and how its values become classes."""

    column: str = Field("label", description="column with the label or grade")
    bins: tuple[float, ...] | None = Field(
        None, description="edges of a grade; a value on an edge goes up", examples=[[5.0]]
    )
    mapping: dict[Scalar, str | None] | None = Field(
        None,
        description="value to class name; null drops the row",
        examples=[{"good": "positive", "bad": "negative", "unsure": None}],
    )
    names: tuple[str, ...] | None = Field(None, description="class names in order", examples=[["negative", "positive"]])

    @property
    def ordered(self) -> bool:
        """Whether the classes are given in an order."""
        return self.names is not None

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
    `splitting`, which knows whether the source has any.
    """

    train: Size | None = Field(
        None, description="texts to train on; left out: the rest, or all of the source's own", examples=[2000]
    )
    validation: Size | None = Field(
        None, description="texts to choose on; a source without them gives some of train", examples=[0.1]
    )
    test: Size | None = Field(None, description="texts to judge on", examples=[1000])
    stratify: bool = Field(True, description="keep the class shares of the whole in each split")
    seed: int = Field(42, ge=0, description="fixes which texts go where")
    resample: Literal["train"] | None = Field(
        None,
        description="`train`: each of `seeds` draws its own training texts from all that validation and test leave",
        examples=["train"],
    )
    column: str | None = Field(
        None, description="column that says which split a row is in: train, validation, test", examples=["split"]
    )
    group: str | None = Field(
        None,
        description="column whose values stay together in splits drawn; those that a source's own share are counted",
        examples=["film"],
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        sizes = (self.train, self.validation, self.test)
        if any(isinstance(size, float) and size >= 1 for size in sizes):
            raise ValueError("a share is below one; write counts without a decimal point")
        return self

    @model_serializer(mode="wrap")
    def _as_recorded(self, spell: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(spell(self), {"column": None})


class Data(Frozen):
    """What the texts are."""

    source: str | dict[Literal["train", "validation", "test"], str] = Field(
        description="a file, a file for each split, a folder, a set of a hub, or a bundled one",
        examples=["reviews.csv"],
    )
    config: str | None = Field(
        None, description="configuration of a hub data set; not used by other sources", examples=["split"]
    )
    encoding: str = Field("utf-8", description="of csv, tsv, json, jsonl and txt files")
    separator: str | None = Field(
        None,
        min_length=1,
        max_length=1,
        description="between csv columns, an ASCII character; left out: told from the rows",
        examples=[";"],
    )
    header: bool = Field(
        True, description="the first line of csv and tsv files names the columns; false: column_1, column_2 and so on"
    )
    text: str | tuple[str, str] = Field(
        "text",
        description="column with the text, or two for pairs of texts",
        examples=["review", ["premise", "hypothesis"]],
    )
    label: Label = Field(default_factory=Label)
    where: str | None = Field(
        None,
        description="rows to keep: a condition, as in `len(text) > 20 and score != 0`",
        examples=["len(text) > 20"],
    )
    deduplicate: bool = Field(False, description="leave out repeated texts, and those of train that stand in test")
    split: Split = Field(default_factory=Split)
    max_length: int = Field(256, ge=8, description="tokens; longer texts are cut")

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns with the text: one, or the two of a pair."""
        return (self.text,) if isinstance(self.text, str) else self.text

    @field_validator("text", mode="before")
    @classmethod
    def _two_columns(cls, value: Any) -> Any:
        if isinstance(value, list) and (len(value) != len(set(map(str, value))) or len(value) != 2):  # noqa: PLR2004
            raise ValueError("one column, or two different ones for pairs of texts")
        return tuple(value) if isinstance(value, list) else value

    @model_serializer(mode="wrap")
    def _as_recorded(self, spell: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(spell(self), {"header": True})

    @field_validator("separator")
    @classmethod
    def _between_columns(cls, value: str | None) -> str | None:
        if value is not None and (not value.isascii() or value in '"\r\n'):
            raise ValueError("an ASCII character that is no quote and ends no line")
        return value

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


class Part(BaseModel):
    """Base of a record's parts: immutable, nothing undeclared, every number finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SplitFacts(Part):
    """One split of the data.

    labels: class name -> number of texts; words_*: white-space separated words per text;
    duplicates: texts that stand in the split more than once, counted beyond the first; contradictory: those of them
    with another label than the first; source_split: which of the source's own splits the texts are from ("all": it
    has none of its own) and source_n: the texts that one had to give; groups: distinct values of the group column;
    pool_n: the texts that each seed draws its own from, None where all seeds have the same
    """

    n: int
    labels: dict[str, int]
    item_ids_sha256: str
    words_median: float
    words_p95: float
    words_max: int
    duplicates: int
    contradictory: int | None = None
    source_split: str | None = None
    source_n: int | None = None
    groups: int | None = None
    pool_n: int | None = None
