"""Turns a trained network into a model that transformers or peft loads by themselves, where that is possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from transformers import PreTrainedModel

from bakeoff.errors import BadValue
from bakeoff.models.pooling import LastRealToken, PooledClassifier

if TYPE_CHECKING:
    from bakeoff.training.artifacts import Trained

__all__ = ["is_adapter", "merged", "reads_alike", "standard_model"]


# Two layers with relu or gelu between: what the first one's outputs and their negatives leave after it adds up to
# the outputs, because relu(x) - relu(-x) = x and gelu(x) - gelu(-x) = x. So such a head can hold one linear layer.
TWO_LAYERS = {"distilbert": ("pre_classifier", "classifier"), "electra": ("classifier.dense", "classifier.out_proj")}


# A plain text, and one of a character that few vocabularies have.
PROBES = ("a", "\N{OLD PERSIAN SIGN AURAMAZDAA}")


def reads_alike(held: Trained) -> bool:
    """Return whether transformers, too, finds the token that a causal model's head reads here.

    Its heads take the last id that is not the padding id. So they miss the last token of a text where that token is
    the padding one: where the tokenizer ends texts with it, or takes it for what is not in its vocabulary.
    """
    bare = held.model.get_base_model() if hasattr(held.model, "get_base_model") else held.model
    if not isinstance(bare, LastRealToken):
        return True
    tokenizer = held.base.tokenizer
    return all(ids[-1:] != [tokenizer.pad_token_id] for ids in tokenizer(list(PROBES))["input_ids"])


def is_adapter(model: Any) -> bool:
    """Return whether a model is an adapter of peft on a classifier of transformers that reads what ours reads.

    Given word vectors, which virtual tokens are, heads of causal models in transformers do not see what is padding.
    """
    if not hasattr(model, "peft_config") or isinstance(model.get_base_model(), PooledClassifier):
        return False
    virtual = any(settings.peft_type in ("PROMPT_TUNING", "P_TUNING") for settings in model.peft_config.values())
    return not (virtual and isinstance(model.get_base_model(), LastRealToken))


def merged(model: Any, *, kind: str) -> Any:
    """Return the base model with the adapter worked into its weights; raises BadValue where peft cannot do that."""
    if not hasattr(model, "merge_and_unload"):
        raise BadValue("--merge", f"{kind} cannot be worked into the weights of its base", hint="leave --merge out")
    try:
        return model.merge_and_unload()
    except (AttributeError, NotImplementedError, ValueError) as error:
        raise BadValue("--merge", f"peft cannot merge {kind}: {error}", hint="leave --merge out") from None


def standard_model(model: Any, label_names: tuple[str, ...]) -> Any | None:
    """Return a classifier of transformers that gives the same logits as `model`, None where there is none.

    model: a classifier of transformers, which comes back as it is, or a text vector with one linear layer
    """
    if not isinstance(model, PooledClassifier):
        return model if isinstance(model, PreTrainedModel) and not hasattr(model, "peft_config") else None
    if not isinstance(model.classifier, nn.Linear):
        return None
    found = _of_same_architecture(model.encoder, label_names)
    if found is None or not _same_encoder(found, model.encoder):
        return None
    if model.pooling == "pooler" and _single_layer(found, model.classifier):
        found.classifier.load_state_dict(model.classifier.state_dict())
        return found.eval()
    names = TWO_LAYERS.get(model.encoder.config.model_type)
    if model.pooling == "cls" and names and 2 * len(label_names) <= model.classifier.in_features:
        _through(found.get_submodule(names[0]), found.get_submodule(names[1]), model.classifier)
        return found.eval()
    return None


def _of_same_architecture(encoder: Any, label_names: tuple[str, ...]) -> Any | None:
    from copy import deepcopy

    from transformers import AutoModelForSequenceClassification

    config = deepcopy(encoder.config)
    config.id2label = dict(enumerate(label_names))
    config.label2id = {name: number for number, name in config.id2label.items()}
    if type(config) not in AutoModelForSequenceClassification._model_mapping:
        return None
    return AutoModelForSequenceClassification.from_config(config, dtype=torch.float32)


def _same_encoder(found: Any, encoder: Any) -> bool:
    """Copy the encoder's weights; a class that leaves out the pooler leaves out what nothing reads."""
    report = found.base_model.load_state_dict(encoder.state_dict(), strict=False)
    return not report.missing_keys and all("pooler." in name for name in report.unexpected_keys)


def _single_layer(found: Any, wanted: nn.Linear) -> bool:
    """Return whether the head is one linear layer on the pooler's output."""
    below = {id(parameter) for parameter in found.base_model.parameters()}
    above = {name for name, parameter in found.named_parameters() if id(parameter) not in below}
    has_pooler = getattr(found.base_model, "pooler", None) is not None
    return (
        has_pooler
        and above == {"classifier.weight", "classifier.bias"}
        and (found.classifier.weight.shape == wanted.weight.shape)
    )


@torch.no_grad()
def _through(first: nn.Module, last: nn.Module, wanted: nn.Linear) -> None:
    """Make two layers with relu or gelu between them compute what one linear layer does."""
    classes = wanted.out_features
    weights: dict[str, Any] = dict(first.named_parameters()) | {f"last {n}": p for n, p in last.named_parameters()}
    for tensor in weights.values():
        tensor.zero_()
    identity = torch.eye(classes)
    weights["weight"][: 2 * classes] = torch.cat([wanted.weight, -wanted.weight])
    weights["bias"][: 2 * classes] = torch.cat([wanted.bias, -wanted.bias])
    weights["last weight"][:, : 2 * classes] = torch.cat([identity, -identity], dim=1)
