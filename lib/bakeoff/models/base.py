"""Loads a base model with its tokenizer and a head for the classes at hand."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bakeoff.errors import BadValue
from bakeoff.models.hashing import tensors_sha256
from bakeoff.models.loading import has_head, quiet, read_weights
from bakeoff.models.padding import check_architecture, check_padding
from bakeoff.models.pooling import Float32Linear, PooledClassifier, draw_head, read_last_token
from bakeoff.models.sources import LocatedModel
from bakeoff.models.tokenizer import check_vocabulary, read_tokenizer

__all__ = [
    "Base",
    "check_length",
    "check_pooling",
    "encoder_of",
    "head_names",
    "head_of",
    "is_causal",
    "load_base",
    "places",
    "poolings_of",
    "probe_pooling",
    "read_once",
    "with_head",
]


# Encoders with a pooler that the head of transformers passes by for the first token.
POOLER_UNREAD = {"big_bird"}
READS = {"cls": "first token", "last": "last token", "mean": "mean of the tokens", "pooler": "encoder's pooler"}


@dataclass(frozen=True)
class Base:
    """An untouched base model with a fresh head.

    model: classifier, float32, on the CPU; weights_sha256: of the encoder's weights that came with it, without any
    head, the same for every method; pooling: how the head reads the encoder; architecture: class of the encoder;
    positions: longest input in tokens, None where there is no limit; pooler_trained: the encoder has a pooler whose
    weights came with it
    """

    id: str
    model: Any
    tokenizer: Any
    label_names: tuple[str, ...]
    seed: int
    weights_sha256: str
    architecture: str
    pretrained: bool
    pooling: str
    positions: int | None
    pooler_trained: bool

    @property
    def encoder(self) -> Any:
        """The model without its head."""
        return encoder_of(self.model)

    @property
    def inputs(self) -> frozenset[str]:
        """Names of the arguments that the encoder takes."""
        return frozenset(inspect.signature(self.encoder.forward).parameters)


def encoder_of(model: Any) -> Any:
    """Return the part of a classifier below its head."""
    return model.encoder if isinstance(model, PooledClassifier) else model.base_model


def load_base(located: LocatedModel, *, label_names: tuple[str, ...], seed: int, pooling: str = "auto") -> Base:
    """Load a base model; its head, and all of it where it comes without weights, is drawn from `seed`.

    pooling: "auto" takes the architecture's own head where transformers has one that reads nothing random
    Raises MissingAsset for a model without usable safetensors, BadValue for a model that cannot classify texts in
    batches or a pooling it cannot do.
    """
    with quiet():
        tokenizer = read_tokenizer(located)
        torch.manual_seed(seed)
        model, missing = read_weights(located, label_names, tokenizer)
    encoder = model if not has_head(model) else model.base_model
    check_architecture(encoder, located.id)
    check_vocabulary(tokenizer, encoder, located)
    check_padding(encoder, tokenizer, name=located.id, positions=places(encoder))
    pooler_trained = getattr(encoder, "pooler", None) is not None and not any("pooler." in name for name in missing)
    base_sha256 = tensors_sha256(
        {name: one for name, one in encoder.state_dict().items() if pooler_trained or not name.startswith("pooler.")}
    )
    model, pooling = with_head(
        model, asked=pooling, n_labels=len(label_names), pooler_trained=pooler_trained, name=located.id
    )
    # For those who load the saved model with transformers alone; some encoders count positions from what they are
    # built with, so only now.
    if is_causal(encoder) or model.config.pad_token_id is None:
        model.config.pad_token_id = tokenizer.pad_token_id
    _fresh_head(model, encoder, seed)
    return Base(
        id=located.id,
        model=model,
        tokenizer=tokenizer,
        label_names=label_names,
        seed=seed,
        weights_sha256=base_sha256,
        architecture=type(encoder).__name__,
        pretrained=located.pretrained,
        pooling=pooling,
        positions=places(encoder),
        pooler_trained=pooler_trained,
    )


def with_head(model: Any, *, asked: str, n_labels: int, pooler_trained: bool, name: str) -> tuple[Any, str]:
    """Return a classifier around a model of transformers, and its pooling; a head of ours where there is no other.

    asked: "auto" takes the architecture's own head where transformers has one, but for one that reads a pooler drawn at
    random, which some methods would train and others leave: then all read the first token
    Raises BadValue for what the model cannot do.
    """
    encoder = model if not has_head(model) else model.base_model
    pooling = _pooling(asked, model, encoder)
    if asked == "auto" and pooling == "pooler" and not pooler_trained:
        asked = pooling = "cls"
    if is_causal(encoder) and isinstance(getattr(model, "score", None), nn.Linear):
        read_last_token(model)
    own_head = has_head(model) and (pooling != "last" or hasattr(model, "score"))
    if asked != "auto" or not own_head:
        check_pooling(pooling, encoder, pooler_trained=pooler_trained, name=name)
        model = PooledClassifier(encoder, pooling=pooling, n_labels=n_labels)
    return model, pooling


def check_pooling(pooling: str, encoder: Any, *, pooler_trained: bool, name: str) -> None:
    """Raise BadValue where the encoder cannot give that text vector."""
    if pooling == "pooler" and not pooler_trained:
        raise BadValue("pooling", f"{name} has no trained pooler", hint="use cls or mean")
    if pooling == "cls" and is_causal(encoder):
        raise BadValue(
            "pooling", f"{name} is causal: its first token has seen nothing but itself", hint="use last or mean"
        )


def check_length(base: Base, *, max_length: int, taken: int, setting: str) -> None:
    """Raise BadValue where texts of `max_length` tokens and the `taken` ones of the method do not fit into the model.

    setting: the key that says how long
    """
    if base.positions is None or max_length + taken <= base.positions:
        return
    beside = f" and {taken} that the method adds" if taken else ""
    fits = base.positions - taken
    raise BadValue(
        setting,
        f"{max_length} tokens{beside} are more than the {base.positions} places of {base.id}",
        hint=f"{fits} fit" if fits > 0 else "a shorter prompt, or fewer virtual tokens, would leave places for text",
    )


def read_once(base: Base) -> Any:
    """Return the base's classifier with nothing to train, with text vectors made once where its head reads one each.

    Other heads of transformers read token states, and stay as they are.
    """
    model = base.model.requires_grad_(False)
    if isinstance(model, PooledClassifier):
        model.frozen = True
        return model
    head = getattr(model, "classifier", None)
    if base.pooling != "pooler" or not isinstance(head, nn.Linear):
        return model
    return PooledClassifier(
        base.encoder, pooling="pooler", n_labels=len(base.label_names), dropout=0.0, frozen=True, head=head
    )


def probe_pooling(base: Base, asked: str) -> str:
    """Return the text vector a probe reads: what is asked for, else a trained pooler's, else the usual token's."""
    if asked != "auto":
        return asked
    if base.pooler_trained:
        return "pooler"
    return "last" if is_causal(base.encoder) else "cls"


def poolings_of(base: Base) -> tuple[str, ...]:
    """Return the text vectors that the base's encoder gives without training, the usual one first."""
    if is_causal(base.encoder):
        return ("last", "mean")
    return ("pooler", "cls", "mean") if base.pooler_trained else ("cls", "mean")


def head_names(model: Any) -> list[str]:
    """Return the names of a classifier's parameters above its encoder."""
    below = {id(parameter) for parameter in encoder_of(model).parameters()}
    return [name for name, parameter in model.named_parameters() if id(parameter) not in below]


def head_of(model: Any) -> str:
    """Say what turns token states into logits: a class of transformers, or what a linear layer of ours reads."""
    bare = model.get_base_model() if hasattr(model, "get_base_model") else model
    if not isinstance(bare, PooledClassifier):
        return type(bare).__name__
    classifier = getattr(bare.classifier, "original_module", bare.classifier)  # peft wraps what it trains beside
    head = "linear" if isinstance(classifier, nn.Linear) else str(getattr(classifier, "called", "head"))
    return f"{head} on the {READS[bare.pooling]}"


def is_causal(encoder: Any) -> bool:
    """Return whether a token's state depends on the tokens before it only."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as CAUSAL
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES as MASKED

    kind = encoder.config.model_type
    return kind in CAUSAL and kind not in MASKED


def _pooling(asked: str, model: Any, encoder: Any) -> str:
    if asked != "auto":
        return asked
    if is_causal(encoder):
        return "last"
    return _own_reading(model, encoder) if has_head(model) else "mean"


def _own_reading(model: Any, encoder: Any) -> str:
    """Say what a head of transformers reads: a pooler's output, or what the configuration names, or the first token."""
    config = encoder.config
    if getattr(encoder, "pooler", None) is not None and config.model_type not in POOLER_UNREAD:
        return "pooler"
    own = config.summary_type if hasattr(model, "sequence_summary") else getattr(config, "classifier_pooling", "cls")
    return {"bos": "cls", "first": "cls"}.get(own, own)


def _fresh_head(model: nn.Module, encoder: Any, seed: int) -> None:
    """Draw the linear layers above the encoder anew, as BERT does, and let them compute in float32; reset norms.

    A checkpoint may bring a trained head along; every method has to start from an untrained one.
    """
    below = {id(module) for module in encoder.modules()}
    generator = torch.Generator().manual_seed(seed)
    for module in (module for module in model.modules() if id(module) not in below):
        if isinstance(module, nn.Linear):
            module.__class__ = Float32Linear
            draw_head(module, encoder, generator)
        elif isinstance(module, nn.LayerNorm):
            module.reset_parameters()


def places(encoder: Any) -> int | None:
    """Return how many tokens fit; position tables of the RoBERTa family start counting after the padding id.

    A tokenizer's own limit is no part of it: whoever saved the tokenizer set it, and the encoder may read more.
    """
    limit = getattr(encoder.config, "max_position_embeddings", None)
    if limit is None or limit < 1 or "mamba" in encoder.config.model_type:
        return None
    tables = (module for name, module in encoder.named_modules() if name.endswith("position_embeddings"))
    skipped = [table.padding_idx + 1 for table in tables if getattr(table, "padding_idx", None) is not None]
    return int(limit) - max(skipped, default=0)
