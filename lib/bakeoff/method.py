"""What a fine-tuning method declares about itself, and the one table that finds methods by name.

The method files live in `bakeoff.tuning.methods` and are imported only when asked for; they must not import torch
at import time, so that planning stays quick. Anything above `errors` may import this module.
"""

from __future__ import annotations

import importlib
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bakeoff.errors import UnknownName

__all__ = ["TABLE", "Config", "EvaluationConfig", "Method", "TrainingConfig", "method"]

TABLE: dict[str, str] = {
    "adalora": "bakeoff.tuning.methods.adalora:Adalora",
    "bitfit": "bakeoff.tuning.methods.bitfit:Bitfit",
    "c3a": "bakeoff.tuning.methods.c3a:C3a",
    "delora": "bakeoff.tuning.methods.delora:Delora",
    "dora": "bakeoff.tuning.methods.dora:Dora",
    "fourierft": "bakeoff.tuning.methods.fourierft:Fourierft",
    "full": "bakeoff.tuning.methods.full:Full",
    "gralora": "bakeoff.tuning.methods.gralora:Gralora",
    "hira": "bakeoff.tuning.methods.hira:Hira",
    "hra": "bakeoff.tuning.methods.hra:Hra",
    "ia3": "bakeoff.tuning.methods.ia3:Ia3",
    "linear_probe": "bakeoff.tuning.methods.linear_probe:LinearProbe",
    "ln_tuning": "bakeoff.tuning.methods.ln_tuning:LnTuning",
    "loha": "bakeoff.tuning.methods.loha:Loha",
    "lokr": "bakeoff.tuning.methods.lokr:Lokr",
    "lora": "bakeoff.tuning.methods.lora:Lora",
    "majority": "bakeoff.tuning.methods.majority:Majority",
    "miss": "bakeoff.tuning.methods.miss:Miss",
    "oft": "bakeoff.tuning.methods.oft:Oft",
    "pissa": "bakeoff.tuning.methods.pissa:Pissa",
    "prefix": "bakeoff.tuning.methods.prefix:Prefix",
    "prompt": "bakeoff.tuning.methods.prompt:Prompt",
    "ptuning": "bakeoff.tuning.methods.ptuning:Ptuning",
    "randlora": "bakeoff.tuning.methods.randlora:Randlora",
    "road": "bakeoff.tuning.methods.road:Road",
    "rslora": "bakeoff.tuning.methods.rslora:Rslora",
    "tfidf": "bakeoff.tuning.methods.tfidf:Tfidf",
    "top_layers": "bakeoff.tuning.methods.top_layers:TopLayers",
    "untrained": "bakeoff.tuning.methods.untrained:Untrained",
    "vblora": "bakeoff.tuning.methods.vblora:Vblora",
    "vera": "bakeoff.tuning.methods.vera:Vera",
    "waveft": "bakeoff.tuning.methods.waveft:Waveft",
}


class Config(BaseModel):
    """Base of every method's hyperparameters: frozen, strict about keys, lenient about number spelling."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_number_from_a_switch(cls, value: Any, info: Any) -> Any:
        # Python takes True for 1: `epochs: true` would train one epoch without a word.
        annotation = cls.model_fields[info.field_name].annotation
        kinds = {annotation, *get_args(annotation)}
        if isinstance(value, bool) and kinds & {int, float} and bool not in kinds:
            raise ValueError("it should be a number")
        return value


class EvaluationConfig(Config):
    """What every method that runs a neural network shares, trained or not."""

    dtype: Literal["auto", "float32", "bfloat16"] = Field("auto", description="number format of matrix products")
    eval_batch_size: int = Field(64, ge=1, description="texts per batch when predicting")
    threads: int | None = Field(
        None, ge=1, description="processor threads, which decide the last bits; left out: all cores"
    )
    pooling: Literal["auto", "pooler", "cls", "mean", "last"] = Field(
        "auto", description="how token states become one text vector; auto: what the architecture does by itself"
    )
    max_length: int | None = Field(None, ge=8, description="tokens per text; left out: data.max_length")


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


class Method:
    """One way to get from training texts to a classifier.

    A subclass is a file in `bakeoff.tuning.methods`. It is either neural (`build` a model for the fit loop) or
    classical (`fit` texts directly); `bakeoff.tuning.methods` holds the two abstract bases.
    """

    kind: ClassVar[str]
    summary: ClassVar[str]
    """One sentence for tables of methods."""
    neural: ClassVar[bool]
    """Starts from a base model; False: reads texts only."""
    trained: ClassVar[bool] = True
    """Its quality depends on training labels; False for baselines such as a random head."""
    seeded: ClassVar[bool] = True
    """Another seed gives another result; False: one run stands for all seeds."""
    baseline: ClassVar[bool] = False
    """A yardstick rather than a candidate for the choice."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose version can change its numbers, beyond the common ones."""
    Config: ClassVar[type[Config]]


def method(kind: str, *, what: str = "method", where: str | None = None) -> type[Method]:
    """Return the method class called `kind`; raises UnknownName, which lists the known ones."""
    if kind not in TABLE:
        raise UnknownName(what, kind, TABLE, kind="method", where=where)
    module, _, name = TABLE[kind].partition(":")
    found: type[Method] = getattr(importlib.import_module(module), name)
    return found
