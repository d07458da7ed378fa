"""Hyperparameters that methods share, validated once."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError, to_jsonable_python

__all__ = ["Config", "EvaluationConfig", "TrainingConfig"]


SEVERAL = (list, tuple, deque, set, frozenset)
"""Kinds of values that hold others."""


def _parts(value: Any) -> Any:
    """Return what lies in a value: settings by name, or values; the value itself where nothing does."""
    if isinstance(value, BaseModel):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return value


def _holds_sets(value: Any) -> bool:
    """Return whether a value, as Python has it, is a set or holds one at any depth."""
    below = _parts(value)
    below = below.values() if isinstance(below, Mapping) else below if isinstance(below, SEVERAL) else ()
    return isinstance(value, set | frozenset) or any(map(_holds_sets, below))


def _in_order(value: Any) -> Any:
    """Return a value as JSON has it, what lies in sets in one order."""
    value = _parts(value)
    if isinstance(value, set | frozenset):
        return sorted(map(_in_order, value), key=partial(json.dumps, sort_keys=True))
    if isinstance(value, Mapping):
        return {next(iter(to_jsonable_python({key: None}))): _in_order(one) for key, one in value.items()}
    return list(map(_in_order, value)) if isinstance(value, SEVERAL) else to_jsonable_python(value)


def _sorted(tree: Any) -> Any:
    """Return JSON with every list in one order, to tell what differs in nothing else."""
    if isinstance(tree, dict):
        return {key: _sorted(one) for key, one in tree.items()}
    return sorted(map(_sorted, tree), key=partial(json.dumps, sort_keys=True)) if isinstance(tree, list) else tree


def _ordered(value: Any, written: Any) -> Any:
    """Return what pydantic writes of a value with sets in one order, be it written in words of somebody else's."""
    if not _holds_sets(value):
        return written
    with suppress(TypeError, ValueError):
        found = _in_order(value)
        if _sorted(found) == _sorted(written):
            return found
    value = _parts(value)
    if isinstance(written, dict) and isinstance(value, Mapping):
        return {key: _ordered(value.get(key), one) for key, one in written.items()}
    if not isinstance(written, list) or not isinstance(value, SEVERAL):
        return written
    return _sorted(written) if isinstance(value, set | frozenset) else list(map(_ordered, value, written))


class Config(BaseModel):
    """Base of every method's hyperparameters: frozen, strict about keys, lenient about number spelling."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    most: ClassVar[int] = 1_000_000
    """Largest whole number that a hyperparameter may be."""
    logarithmic: ClassVar[frozenset[str]] = frozenset(
        ("alpha", "batch_size", "frequencies", "inverse_penalty", "learning_rate", "rank", "virtual_tokens",
         "weight_decay")
    )  # fmt: skip
    """Hyperparameters that are searched by their ratios rather than by their differences."""
    also_searched: ClassVar[Mapping[str, tuple[float, float]]] = {}
    """Hyperparameter -> the range it is searched in where the experiment file names none, beside the learning rate."""

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """Return the settings by name, as pydantic does: for JSON with sets in one order, and what follows left out.

        In Python's order of sets each process would make another run of the same settings.
        """
        found = super().model_dump(**options)
        if options.get("mode") != "json":
            return found
        derived = type(self).model_computed_fields
        return {key: _ordered(getattr(self, key, None), value) for key, value in found.items() if key not in derived}

    @classmethod
    def search_space(cls) -> dict[str, tuple[float, float]]:
        """Return hyperparameter -> the range it is searched in where the file names none; empty: nothing to search."""
        return dict(cls.also_searched)

    @field_validator("*", mode="before")
    @classmethod
    def _no_number_from_a_switch(cls, value: Any, info: Any) -> Any:
        # Python takes True for 1: `epochs: true` would train one epoch without a word.
        annotation = cls.model_fields[info.field_name].annotation
        kinds = {annotation, *get_args(annotation)}
        if isinstance(value, bool) and kinds & {int, float} and bool not in kinds:
            raise PydanticCustomError("float_type", "a switch is no number")
        # Refused before anything is allocated; a float that stands for a whole number is one.
        if int in kinds and isinstance(value, int | float) and value > cls.most:
            raise PydanticCustomError("less_than_equal", "input should be less than or equal to {le}", {"le": cls.most})
        return value


class EvaluationConfig(Config):
    """What every method that runs a neural network shares, trained or not."""

    dtype: Literal["auto", "float32", "bfloat16"] = Field("auto", description="number format of matrix products")
    eval_batch_size: int | None = Field(
        None,
        ge=1,
        description="texts per batch when predicting; left out: as many as make about 1,024 tokens for each thread",
        examples=[64],
    )
    threads: int | None = Field(
        None, ge=1, description="processor threads, which decide the last bits; left out: all cores", examples=[1]
    )
    pooling: Literal["auto", "pooler", "cls", "mean", "last"] = Field(
        "auto", description="how token states become one text vector; auto: what the architecture does by itself"
    )
    max_length: int | None = Field(None, ge=8, description="tokens per text; left out: data.max_length", examples=[128])

    @property
    def length_setting(self) -> str:
        """The key that says how many tokens of a text are read."""
        return "max_length" if self.max_length else "data.max_length"


class TrainingConfig(EvaluationConfig):
    """The hyperparameters of the one fit loop; methods inherit them and change defaults."""

    epochs: int = Field(3, ge=1, description="passes over the training texts")
    batch_size: int = Field(32, ge=1, description="texts per forward pass")
    gradient_accumulation: int = Field(1, ge=1, description="forward passes per optimizer step")
    learning_rate: float = Field(5e-5, gt=0, description="peak learning rate of AdamW")
    weight_decay: float = Field(0.0, ge=0, description="decoupled weight decay of AdamW")
    warmup_share: float = Field(0.0, ge=0, lt=1, description="share of the steps with rising learning rate")
    schedule: Literal["linear", "cosine", "constant"] = Field("linear", description="learning rate after warm-up")
    max_grad_norm: float = Field(1.0, gt=0, description="gradients are clipped to this norm")
    class_weights: Literal["none", "balanced"] = Field(
        "none", description="balanced: each class counts alike in the training loss, not in the validation loss"
    )
    processes: int = Field(
        1,
        ge=1,
        le=128,
        description="processes of one machine that train a model together, each on a GPU of its own where there are "
        "GPUs; they share each batch, so batch_size has to be a multiple",
        examples=[4],
    )

    @field_validator("processes")
    @classmethod
    def _shared_evenly(cls, value: int | None, info: ValidationInfo) -> int | None:
        batch = info.data.get("batch_size")
        if value and batch and batch % value:
            more = batch - batch % value + value
            near = f"{more - value} or {more}" if batch > value else more
            raise ValueError(f"a batch of {batch} texts cannot be shared evenly by so many; batch_size: {near} can")
        return value

    @classmethod
    def search_space(cls) -> dict[str, tuple[float, float]]:
        """Return a tenth to ten times the method's own learning rate, as wide for all, and what else it has."""
        usual = float(cls.model_fields["learning_rate"].default)
        return {"learning_rate": (float(f"{usual / 10:.3g}"), float(f"{usual * 10:.3g}")), **cls.also_searched}
