"""Reads weights from disk or hub, safely and without chatter.

Weights come from safetensors files only, and no code from a hub is ever run.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from bakeoff.errors import BadValue, MissingAsset, shown
from bakeoff.models.sources import LocatedModel, fetching, origin
from bakeoff.models.ssm import choose_mixer
from bakeoff.models.tokenizer import largest_id
from bakeoff.system.digests import bytes_of, from_json

if TYPE_CHECKING:
    from transformers import PretrainedConfig

__all__ = ["auto_class", "has_head", "quiet", "read_configuration", "read_weights"]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from reporting heads that are meant to be new; what matters is checked and raised here."""
    logger = logging.getLogger("transformers")
    from transformers.utils import logging as reports

    level, bars = logger.level, reports.is_progress_bar_enabled()
    logger.setLevel(logging.ERROR)
    reports.disable_progress_bar()
    logging.getLogger("transformers.integrations.hub_kernels").addFilter(_not_about_kernels)
    try:
        with warnings.catch_warnings():
            # peft 0.21 asks transformers 5.23 a question under its old name.
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
            yield
    finally:
        logger.setLevel(level)
        if bars:
            reports.enable_progress_bar()


def _not_about_kernels(report: logging.LogRecord) -> bool:
    """Drop the advice to install CUDA kernels, which state-space models give on every machine without them."""
    return "falling back to its reference PyTorch implementation" not in report.getMessage()


def read_weights(located: LocatedModel, label_names: tuple[str, ...], tokenizer: Any) -> tuple[Any, list[str]]:
    """Return a float32 model, with a head where transformers has one, and the names of weights not in its files.

    Raises MissingAsset for a model that is not there, is not in safetensors or lacks weights; BadValue for one that
    cannot classify.
    """
    labels = dict(enumerate(label_names))
    settings = {"id2label": labels, "label2id": {name: number for number, name in labels.items()}, "use_cache": False}
    config = read_configuration(located, **settings)
    if located.path.endswith(".json"):
        return _from_scratch(located.id, config, tokenizer), []
    with fetching(located.id, "model"):
        choose_mixer(config)
        model, report = auto_class(config, located.id).from_pretrained(
            located.path,
            config=config,
            dtype=torch.float32,
            use_safetensors=True,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
            **origin(located),
        )
    misfits = sorted(key for key, *_ in report["mismatched_keys"])
    absent = sorted({*report["missing_keys"], *misfits})
    _check_complete(model, absent, set(misfits), located.id)
    return model, absent


def read_configuration(located: LocatedModel, **settings: Any) -> PretrainedConfig:
    """Return a model's configuration, or that of one which is to start from random weights; settings: over the file's.

    Raises MissingAsset where there is none that can be read.
    """
    from transformers import AutoConfig

    with fetching(located.id, "model"):
        if not located.path.endswith(".json"):
            read: PretrainedConfig = AutoConfig.from_pretrained(located.path, **origin(located), **settings)
            _refuse_kernels(read)
            return _as_asked(read)
        tree = from_json(bytes_of(Path(located.path)))
        tree.pop("tokenizer", None)
        made: PretrainedConfig = AutoConfig.for_model(tree.pop("model_type"), **tree, **settings)
        if (getattr(made, "pad_token_id", None) or 0) >= (getattr(made, "vocab_size", None) or 1):
            made.pad_token_id = 0  # a default for another vocabulary; that of the tokenizer takes its place
        _refuse_kernels(made)
        return _as_asked(made)


def _as_asked(config: PretrainedConfig) -> PretrainedConfig:
    """Return a configuration that gives what is read here, whatever somebody else had asked a model for."""
    for name, usual in (("output_attentions", False), ("output_hidden_states", False), ("return_dict", True)):
        if getattr(config, name, usual) != usual:
            setattr(config, name, usual)
    return config


def _refuse_kernels(config: Any) -> None:
    """Raise BadValue for a configuration that asks for code of a hub: transformers fetches and runs such kernels."""
    for name, value in vars(config).items():
        if "implementation" in name and ("/" in str(value) or isinstance(value, dict)):
            reason = f"its configuration asks for {shown(value)}, and code from a hub is never run"
            raise BadValue("model", reason, hint=f"take {name.strip('_')} out of its config.json")
        if hasattr(value, "to_diff_dict"):  # a part of its own, as of models of pictures and text
            _refuse_kernels(value)


def _from_scratch(name: str, config: Any, tokenizer: Any) -> Any:
    """Return a model with weights drawn from torch's seed, with embeddings for what the tokenizer makes."""
    with fetching(name, "model"):
        tokens = {"pad_token_id": tokenizer.pad_token_id, "bos_token_id": None, "eos_token_id": None}
        config.update({**tokens, "vocab_size": largest_id(tokenizer) + 1})
        choose_mixer(config)
        return auto_class(config, name).from_config(config, dtype=torch.float32)


def auto_class(config: Any, name: str) -> Any:
    """Return the automatic class to load with: that with a head for classification where transformers has one.

    Raises BadValue for an architecture that cannot classify.
    """
    from transformers import AutoModel, AutoModelForSequenceClassification

    if getattr(config, "is_encoder_decoder", False) or not hasattr(config, "hidden_size"):
        reason = f"{name} is a {config.model_type}, no plain encoder, decoder or state-space model of text"
        raise BadValue("model", reason, hint="name one that is")
    supported = type(config) in AutoModelForSequenceClassification._model_mapping
    return AutoModelForSequenceClassification if supported else AutoModel


def _check_complete(model: Any, absent: list[str], misfits: set[str], name: str) -> None:
    """Refuse a checkpoint that lacks weights of the encoder: they would be drawn at random without a word.

    misfits: those of the absent that are there in another shape. A pooler may be missing: no head reads it then.
    Weights that are no numbers are refused, too: no learning rate makes them any.
    """
    prefix = f"{model.base_model_prefix}." if has_head(model) else ""
    lacking = [key for key in absent if key.startswith(prefix) and "pooler." not in key]
    for keys, what in (
        ([key for key in lacking if key in misfits], "have another shape in its files than its config.json describes"),
        (lacking, "are not in its files"),
        ([key for key, one in model.base_model.named_parameters() if not one.isfinite().all()], "hold NaN or infinity"),
    ):
        if keys:
            raise MissingAsset(name, f"{len(keys)} weights of the encoder {what}, {keys[0]} among them")


def has_head(model: Any) -> bool:
    """Return whether a model of transformers is more than its encoder."""
    return model.base_model is not model
