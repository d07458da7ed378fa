"""What the methods that come from peft share.

Imported by their functions, so that naming a method does not import peft.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from bakeoff.tuning.loading import quiet
from bakeoff.tuning.models import Base, head_names

__all__ = ["layer_names", "load_adapter", "save_adapter", "wrap"]


def layer_names(encoder: nn.Module) -> set[str]:
    """Return the last part of the names of all linear layers of an encoder."""
    from transformers.pytorch_utils import Conv1D

    kinds = (nn.Linear, Conv1D)
    return {name.rpartition(".")[2] for name, module in encoder.named_modules() if isinstance(module, kinds)}


def wrap(base: Base, settings: Any) -> nn.Module:
    """Put an adapter, drawn from the run's seed, on the base; the adapter and the whole head are trained."""
    from peft import get_peft_model

    # peft trains heads called "classifier" or "score" by itself; other names have to be told.
    settings.modules_to_save = sorted({name.split(".")[0] for name in head_names(base.model)})
    torch.manual_seed(base.seed)
    with quiet():
        model: nn.Module = get_peft_model(base.model, settings)
    return model


def save_adapter(model: Any, folder: Path) -> None:
    """Write adapter_model.safetensors and adapter_config.json.

    The base model is not asked for its vocabulary, which could need a network.
    """
    with quiet():
        model.save_pretrained(folder, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # a model card full of blanks


def load_adapter(base: Base, folder: Path) -> nn.Module:
    """Put a saved adapter on the untouched base and return the model in evaluation mode."""
    from peft import PeftModel

    with quiet():
        model: nn.Module = PeftModel.from_pretrained(base.model, folder, is_trainable=False)
    return model.eval()
