"""Which method works on which architecture, found without weights and without training.

An architecture is laid out on torch's meta device, which has shapes and no numbers, and the method is asked to change
it; what it cannot do is a BadValue, whose words are the reason.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import torch

from bakeoff.errors import BadValue
from bakeoff.methods.config import EvaluationConfig
from bakeoff.methods.own import brought_by
from bakeoff.methods.registry import kinds, method
from bakeoff.models.base import Base, check_length, places, with_head
from bakeoff.models.loading import auto_class, has_head, quiet, read_configuration
from bakeoff.models.padding import check_architecture
from bakeoff.models.sources import LocatedModel
from bakeoff.models.tiny import ARCHITECTURES, tiny_config
from bakeoff.models.tokenizer import check_room, check_vocabulary, read_tokenizer
from bakeoff.system.own import blame

if TYPE_CHECKING:
    from transformers import PretrainedConfig

    from bakeoff.methods.base import NeuralMethod

__all__ = ["hinting", "instead", "matrix_lines", "outline", "refusal", "support_matrix"]


LABELS = ("negative", "positive")
VOCABULARY = 64
WORKS, REFUSED = "yes", "-"


def refusal(
    kind: str, config: Any, base: PretrainedConfig | LocatedModel, *, max_length: int | None = None
) -> BadValue | None:
    """Return why a method cannot work on a base model, None where nothing speaks against it.

    kind: of a neural method; config: its hyperparameters; base: an architecture's configuration or a model on this
    machine, of which only the configuration and, for a length, the tokenizer are read
    max_length: tokens of the longest text, None: not looked at
    """
    try:
        found = outline(base, config)
        if max_length is not None and isinstance(base, LocatedModel):
            tokenizer = _tokenizer_of(base)
            if base.pretrained:  # else the embeddings are made for what the tokenizer makes
                check_vocabulary(tokenizer, found.encoder, base)
            check_room(tokenizer, base, max_length=max_length, setting=config.length_setting)
            taken = cast("type[NeuralMethod]", method(kind))().extra_positions(config)
            check_length(found, max_length=max_length, taken=taken, setting=config.length_setting)
        return _tried(kind, config, found)
    except BadValue as error:
        return error


def instead(base: Base, *kinds: str) -> str | None:
    """Return the hint of a refusal: which of some methods work on the architecture with their defaults, else full.

    kinds: left out, lora; None where nothing works. None of them may ask this when it is refused.
    """
    config = copy.deepcopy(base.encoder.config)
    for tried in (kinds or ("lora",), ("full",)):
        works = [kind for kind in tried if refusal(kind, method(kind).Config(), config) is None]
        if works:
            return f"{' or '.join(works)} works here"
    return None


@contextmanager
def hinting(base: Base) -> Iterator[None]:
    """Turn the alternatives of a refusal into its hint: those that work on the architecture."""
    try:
        yield
    except BadValue as error:
        if error.alternatives:
            error.hint = instead(base, *error.alternatives)
        raise


@cache
def _tokenizer_of(located: LocatedModel) -> Any:
    """Read a tokenizer; raises MissingAsset for a model whose texts cannot be read: now rather than in every run."""
    with quiet():
        return read_tokenizer(located)


def _tried(kind: str, config: Any, base: Base) -> BadValue | None:
    found = cast("type[NeuralMethod]", method(kind))()
    try:
        with hinting(base):
            found.check(base, config)
            found.build(base, config)
    except BadValue as error:
        return error
    except NotImplementedError:  # needs numbers, which the meta device has none of
        return None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if isinstance(error, MemoryError) or "allocate memory" in str(error):
            return BadValue("method", f"{kind} with these settings is larger than this machine's memory")
        if brought_by(type(found)) is None:
            raise
        return BadValue("method", f"{kind} does not work on {base.architecture}: {blame(error)}")
    return None


@cache
def support_matrix() -> dict[str, dict[str, str | None]]:
    """Return neural method -> architecture -> None where it works with its defaults, else the reason why not."""
    tiny = {name: tiny_config(name, vocab_size=VOCABULARY) for name in ARCHITECTURES}
    outlines = {name: outline(config, EvaluationConfig()) for name, config in tiny.items()}
    neural = [kind for kind in kinds() if method(kind).neural]
    return {kind: {name: _reason(kind, base) for name, base in outlines.items()} for kind in neural}


def _reason(kind: str, base: Base) -> str | None:
    own = replace(base, model=copy.deepcopy(base.model))  # a method changes what it is given
    error = _tried(kind, method(kind).Config(), own)
    if error is None:
        return None
    return f"{error.reason}; {error.hint}" if error.hint else error.reason


def matrix_lines() -> list[str]:
    """Return the support matrix as lines of text: a row for each method, then the reasons, numbered."""
    matrix = support_matrix()
    numbers: dict[str, int] = {}
    for row in matrix.values():
        for reason in row.values():
            if reason:
                numbers.setdefault(reason, len(numbers) + 1)
    rows = [["", *ARCHITECTURES]]
    for kind, row in matrix.items():
        rows.append([kind, *(f"{REFUSED} {numbers[reason]}" if reason else WORKS for reason in row.values())])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*table, "", *(f"{number:>3}  {reason}" for reason, number in numbers.items())]


def outline(base: PretrainedConfig | LocatedModel, config: EvaluationConfig) -> Base:
    """Lay out a base model without weights, as `models.load_base` would load it."""
    located = base if isinstance(base, LocatedModel) else None
    architecture = read_configuration(base) if isinstance(base, LocatedModel) else base
    name = located.id if located else str(architecture.model_type)
    with quiet(), torch.device("meta"):
        bare = auto_class(architecture, name).from_config(architecture)
        encoder = bare.base_model if has_head(bare) else bare
        check_architecture(encoder, name)
        pooler = getattr(encoder, "pooler", None) is not None
        model, pooling = with_head(bare, asked=config.pooling, n_labels=len(LABELS), pooler_trained=pooler, name=name)
    return Base(
        id=name,
        model=model,
        tokenizer=None,
        label_names=LABELS,
        seed=0,
        weights_sha256="",
        architecture=type(encoder).__name__,
        pretrained=located.pretrained if located else False,
        pooling=pooling,
        positions=places(encoder),  # laid out without numbers, a table of positions has its size
        pooler_trained=pooler,
    )
