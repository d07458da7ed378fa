"""What the methods that come from peft share."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bakeoff.errors import BadValue
from bakeoff.models.base import Base, head_names
from bakeoff.models.loading import quiet
from bakeoff.system.digests import bytes_of, from_json

__all__ = ["load_adapter", "save_adapter", "silence", "wrap"]


@contextmanager
def silence() -> Iterator[None]:
    """Keep peft from reporting what is meant so: random matrices are drawn from the seed again rather than kept."""
    with quiet(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Specified to not (save|load)", UserWarning)
        yield


def wrap(base: Base, make: Callable[[], Any], *, kind: str) -> nn.Module:
    """Put an adapter, drawn from the run's seed, on the base; the adapter and the whole head are trained.

    make: returns peft's configuration. Raises BadValue where peft refuses the architecture or the settings.
    """
    from peft import get_peft_model

    try:
        with silence():
            settings = make()
            # peft trains heads called "classifier" or "score" by itself; other names have to be told.
            settings.modules_to_save = sorted({name.split(".")[0] for name in head_names(base.model)})
            settings.task_type = "SEQ_CLS"
            if hasattr(settings, "fan_in_fan_out"):
                settings.fan_in_fan_out = _transposed(base, settings)
            torch.manual_seed(base.seed)
            model: nn.Module = get_peft_model(base.model, settings)
    except (AssertionError, NotImplementedError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BadValue("method", f"{kind} does not work on {base.architecture}: {reason}") from None
    return model


def _transposed(base: Base, settings: Any) -> bool:
    """Return whether the layers to change keep their weights as GPT-2 does: inputs by outputs."""
    from transformers.pytorch_utils import Conv1D

    names = tuple(f".{name}" for name in settings.target_modules)
    return any(
        isinstance(module, Conv1D) and f".{name}".endswith(names) for name, module in base.encoder.named_modules()
    )


SETS = {"exclude_modules", "modules_to_save", "target_modules"}
"""Settings that peft holds as sets."""


def save_adapter(model: Any, folder: Path) -> None:
    """Write adapter_model.safetensors and adapter_config.json.

    The base model is not asked for its vocabulary, which could need a network. Where it lies on this machine is not
    written down: bakeoff.json says which one it is, and the same run has the same bytes everywhere.
    """
    with silence():
        model.save_pretrained(folder, save_embedding_layers=False)
    config = folder / "adapter_config.json"
    settings = from_json(bytes_of(config))
    for name in SETS & settings.keys():  # written in the order of this process's hashes
        settings[name] = sorted(settings[name]) if isinstance(settings[name], list) else settings[name]
    config.write_text(
        json.dumps({**settings, "base_model_name_or_path": None}, indent=2) + "\n", encoding="utf-8", newline="\n"
    )
    (folder / "README.md").unlink(missing_ok=True)  # a model card full of blanks


def load_adapter(base: Base, folder: Path) -> nn.Module:
    """Put a saved adapter on the untouched base and return the model in evaluation mode."""
    from peft import PeftModel

    with silence():
        model: nn.Module = PeftModel.from_pretrained(base.model, folder, is_trainable=False)
    return model.eval()
