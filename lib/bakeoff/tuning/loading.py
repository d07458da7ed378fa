"""Reads tokenizers and weights from disk or hub, safely and without chatter.

Imported by `models`, `adapters` and functions of method files. Weights come from safetensors files only, and no code
from a hub is ever run.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from bakeoff.bases import LocatedModel, locate_model
from bakeoff.errors import MissingAsset
from bakeoff.workspace import Workspace

__all__ = ["has_head", "quiet", "read_tokenizer", "read_weights"]


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


def read_tokenizer(located: LocatedModel) -> Any:
    """Return the tokenizer of a model, able to pad; raises MissingAsset."""
    from transformers import AutoTokenizer

    source = located
    if located.path.endswith(".json"):
        named = json.loads(Path(located.path).read_text(encoding="utf-8"))["tokenizer"]
        source = locate_model(named, workspace=Workspace(Path.cwd()))
    tokenizer = AutoTokenizer.from_pretrained(
        source.path,
        revision=_revision(source),
        use_fast=True,
        trust_remote_code=False,
        local_files_only=_is_local(source),
    )
    if tokenizer.pad_token is None:
        if tokenizer.eos_token is None:
            raise MissingAsset(located.id, "its tokenizer has no padding token and no end token to stand in for it")
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def _is_local(located: LocatedModel) -> bool:
    return Path(located.path).exists()


def _revision(located: LocatedModel) -> str:
    return located.revision if located.revision and not _is_local(located) else "main"


def read_weights(located: LocatedModel, label_names: tuple[str, ...], tokenizer: Any) -> tuple[Any, list[str]]:
    """Return a model, with a head where transformers has one, and the names of weights that did not come with it.

    Raises MissingAsset for a model that is not there, is not in safetensors or lacks weights.
    """
    from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification

    labels = dict(enumerate(label_names))
    settings = {"id2label": labels, "label2id": {name: number for number, name in labels.items()}, "use_cache": False}
    if located.path.endswith(".json"):
        tree = json.loads(Path(located.path).read_text(encoding="utf-8"))
        del tree["tokenizer"]
        config = AutoConfig.for_model(tree.pop("model_type"), **tree, **settings)
        tokens = {"pad_token_id": tokenizer.pad_token_id, "bos_token_id": None, "eos_token_id": None}
        config.update({**tokens, "vocab_size": len(tokenizer)})
        return AutoModel.from_config(config, dtype=torch.float32), []
    common = {"revision": _revision(located), "trust_remote_code": False, "local_files_only": _is_local(located)}
    try:
        config = AutoConfig.from_pretrained(located.path, **common, **settings)
        kind = AutoModelForSequenceClassification if _supported(config) else AutoModel
        config.pad_token_id = tokenizer.pad_token_id
        model, report = kind.from_pretrained(
            located.path,
            config=config,
            dtype=torch.float32,
            use_safetensors=True,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
            **common,
        )
    except (OSError, ValueError) as error:
        raise MissingAsset(located.id, " ".join(str(error).split())) from None
    _check_complete(model, report, located.id)
    return model, sorted(report["missing_keys"])


def _supported(config: Any) -> bool:
    from transformers import AutoModelForSequenceClassification

    return type(config) in AutoModelForSequenceClassification._model_mapping


def _check_complete(model: Any, report: dict[str, Any], name: str) -> None:
    """Refuse a checkpoint that lacks weights of the encoder: they would be drawn at random without a word."""
    prefix = f"{model.base_model_prefix}." if has_head(model) else ""
    absent = {*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])}
    lacking = sorted(key for key in absent if key.startswith(prefix) and "pooler." not in key)
    if lacking:
        raise MissingAsset(name, f"{len(lacking)} weights of the encoder are not in its files, {lacking[0]} among them")


def has_head(model: Any) -> bool:
    """Tell whether a model of transformers is more than its encoder."""
    return model.base_model is not model
