"""Zero-shot: a causal model says how likely each class's word follows a text; no label is learnt from.

Calibration by what the model says of texts without content: Zhao et al. (2021), Calibrate Before Use.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator
from typing_extensions import override

from bakeoff.data.filtering import PAIR
from bakeoff.errors import BadValue, UnknownName
from bakeoff.methods.base import NeuralMethod
from bakeoff.methods.config import EvaluationConfig

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.models.base import Base

__all__ = ["ZeroShot"]


GAP = "{text}"
FILE = "zero_shot.json"
CONTENT_FREE = ("N/A", "[MASK]", "")
"""The texts without content of the paper."""
SCALED = ("final_logit_softcapping", "logit_scale", "logits_scaling")
"""Settings of models whose scores are no plain product with the embeddings."""


class ZeroShot(NeuralMethod):
    """Scores the word of each class after a prompt."""

    kind = "zero_shot"
    summary = "Zero-shot: a causal model scores the name of each class after the text; nothing is trained."
    trained = False
    seeded = False
    baseline = True

    class Config(EvaluationConfig):
        """The prompt and the words."""

        template: str = Field(
            "Text: {text}\nLabel:",
            description="the prompt, with the text in the place of {text}; a class's word follows it after a space",
            examples=["Review: {text}\nSentiment:"],
        )
        label_words: dict[str, str] | None = Field(
            None,
            description="class: what is said for it; left out: the names of the classes",
            examples=[{"negative": "bad", "positive": "good"}],
        )
        average: Literal["mean", "sum"] = Field(
            "mean", description="how log-probabilities of the tokens of a word of several are put together"
        )
        calibration: Literal["content_free", "none"] = Field(
            "content_free",
            description="content_free: probabilities are divided by those that texts without content get",
        )

        @field_validator("template")
        @classmethod
        def _one_gap(cls, value: str) -> str:
            if value.count(GAP) != 1 or value.endswith(GAP):
                raise ValueError(f"has {GAP} once, and words after it")
            return value

        @field_validator("label_words")
        @classmethod
        def _words(cls, value: dict[str, str] | None) -> dict[str, str] | None:
            if value is not None and not all(word.strip() for word in value.values()):
                raise ValueError("has a word for each class")
            return value

    @override
    def check(self, base: Base, config: Config) -> None:
        """Refuse a model that is not causal, or whose scores of tokens come from more than their embeddings."""
        from bakeoff.models.base import is_causal

        told, hint = base.encoder.config, "name one under `model`, for example bundled:smollm2-135m"
        if not is_causal(base.encoder):
            raise BadValue("method", f"words are scored by a causal model, and {base.architecture} is none", hint=hint)
        if not getattr(told, "tie_word_embeddings", False) or any(getattr(told, name, None) for name in SCALED):
            reason = f"the output layer of {base.architecture} with these settings is more than its token embeddings"
            raise BadValue("method", reason, hint=hint)

    @override
    def check_classes(self, names: Sequence[str], config: Config) -> None:
        """Refuse words for other classes than there are."""
        for given in config.label_words or ():
            if given not in names:
                raise UnknownName("label_words", given, names, kind="class")
        lacking = [name for name in names if config.label_words is not None and name not in config.label_words]
        if lacking:
            raise BadValue("label_words", f"class {lacking[0]!r} has none", hint="name a word for each class")

    @override
    def extra_positions(self, config: Config) -> int:
        """Return the most that prompt and word can take: a token has a byte at least."""
        words = (config.label_words or {"": " " * LONGEST}).values()
        return len(config.template.encode()) + max(len(word.encode()) for word in words)

    @override
    def build(self, base: Base, config: Config) -> nn.Module:
        """Return a classifier that scores words; NotImplementedError without a tokenizer."""
        if base.tokenizer is None:
            raise NotImplementedError("an architecture alone has no words")
        self.check_classes(base.label_names, config)
        from bakeoff.models.wording import LabelWords

        tokens, (before, after) = base.tokenizer, config.template.replace(PAIR, " ").split(GAP)
        said = config.label_words or {name: name for name in base.label_names}
        return LabelWords(
            base.encoder,
            tokenizer=tokens,
            before=before,
            after=after,
            words=[f" {said[name].strip()}" for name in base.label_names],
            mean=config.average == "mean",
            content_free=CONTENT_FREE if config.calibration == "content_free" else (),
        ).requires_grad_(requires_grad=False)

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write the words; there is nothing else that is not in the base model and the settings."""
        (folder / FILE).write_text(json.dumps({"words": model.words}) + "\n", encoding="utf-8", newline="\n")

    @override
    def load(self, folder: Path, base: Base, config: Config) -> nn.Module:
        """Build it again."""
        return self.build(base, config).eval()


LONGEST = 32
"""Bytes that the name of a class is taken to have at most where no words are given."""
