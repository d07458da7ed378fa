"""The packages that training needs and a report does without: the extra `train`."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable

from bakeoff.errors import MissingAsset

__all__ = ["TRAINING", "check_training", "lacking_training"]


TRAINING = ("accelerate", "datasets", "evaluate", "peft", "safetensors", "tokenizers", "torch", "transformers")
"""Top-level modules of these packages."""


def check_training() -> None:
    """Raise MissingAsset where a package that training needs is not installed; imports none of them."""
    if missing := [name for name in TRAINING if importlib.util.find_spec(name) is None]:
        raise lacking_training(missing)


def lacking_training(names: Iterable[str]) -> MissingAsset:
    """Return what to say where packages are missing that training needs."""
    reason = f"{', '.join(names)} not installed: this environment is for reports"
    return MissingAsset("training", reason, hint="`pip install 'bakeoff[train]'` brings what training needs")
