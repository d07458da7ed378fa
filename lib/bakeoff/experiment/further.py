"""On which texts methods are tested beside the whole test split: further test sets, and slices of the test texts."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from bakeoff.data.schema import Data, Frozen, Label, Split

__all__ = ["LENGTH", "MAIN", "Further", "Slicing", "slicing_schema"]


MAIN = "main"
"""What the data's own test split is called among test sets."""


class Further(Frozen):
    """A further test set. What is left out is as in `data`; a condition or group column that is null is none."""

    source: str = Field(
        description="a file, a folder, a set of a hub, or a bundled one", examples=["bundled:icwsm2014/tweets"]
    )
    config: str | None = Field(None, description="configuration of a hub data set")
    encoding: str | None = Field(None, description="of csv, tsv, json, jsonl and txt files")
    separator: str | None = Field(None, description="between csv columns")
    header: bool | None = Field(None, description="the first line of csv and tsv files names the columns")
    text: str | tuple[str, str] | None = Field(
        None, description="column with the text, or two for pairs of texts", examples=["review"]
    )
    label: Label | None = Field(None, description="column with the label, and how its values become the same classes")
    where: str | None = Field(None, description="rows to keep, as in `data`; null: all", examples=["len(text) > 20"])
    group: str | None = Field(None, description="column whose values were drawn together, as `data.split.group`")
    split: str = Field("test", description="which split of a source that has splits of its own")
    size: int | None = Field(None, ge=2, description="texts to draw, with the seed of `data.split`; left out: all")

    @model_validator(mode="before")
    @classmethod
    def _source_alone(cls, value: Any) -> Any:
        return {"source": value} if isinstance(value, str) else value

    @field_validator("label", mode="before")
    @classmethod
    def _column_alone(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value

    @field_validator("text", mode="before")
    @classmethod
    def _two_columns(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    def of(self, data: Data) -> Data:
        """Return how the set is read, beside an experiment's data; raises pydantic's ValidationError."""
        given = {key: getattr(self, key) for key in self.model_fields_set}
        own = {key: value for key, value in given.items() if key in Data.model_fields}
        kept = {key: value for key, value in own.items() if value is not None or key in ("config", "where")}
        split = Split(seed=data.split.seed, stratify=data.split.stratify, group=given.get("group", data.split.group))
        return Data(**{**data.model_dump(), **kept, "split": split})


LENGTH = "length"
"""What slices the texts by their number of words."""


class Slicing(Frozen):
    """One way to cut the test texts. column: None for length; edges: of numbers, a value on an edge goes up."""

    column: str | None = None
    edges: tuple[float, ...] | None = Field(None, min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _spelled(cls, value: Any) -> Any:
        """Read `length`, the name of a column, `{length: [10, 30]}`, `{price: [5]}` or `{column: length}`."""
        if isinstance(value, str):
            return {} if value == LENGTH else {"column": value}
        if isinstance(value, Slicing):
            return value
        if not isinstance(value, dict) or len(value) != 1:
            raise ValueError("a slicing is `length`, the name of a column, or one of these with edges: {length: [20]}")
        ((name, edges),) = value.items()
        if name == "column" and isinstance(edges, str):
            return {"column": edges}
        column = None if name == LENGTH else name
        return {"column": column, "edges": tuple(edges) if isinstance(edges, list) else edges}

    @field_validator("edges")
    @classmethod
    def _rising(cls, value: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if value is not None and list(value) != sorted(set(value)):
            raise ValueError("edges must rise")
        return value

    @property
    def name(self) -> str:
        """What the slicing is called in errors and tables."""
        return LENGTH if self.column is None else self.column


def slicing_schema() -> dict[str, Any]:
    """Return what one entry of `slices` may be, as JSON Schema."""
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 1}
    one = {"type": "object", "minProperties": 1, "maxProperties": 1}
    return {
        "anyOf": [
            {"type": "string"},
            {
                **one,
                "properties": {"column": {"anyOf": [{"type": "string"}, numbers]}},
                "additionalProperties": numbers,
            },
        ]
    }
