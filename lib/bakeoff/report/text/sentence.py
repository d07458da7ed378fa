"""What a conclusion says, before it is said in any language: a sentence's key and its slots.

Conditions choose keys and fill slots with values; a locale turns both into text. So one set of conditions serves every
language, and no number can reach a reader that is not in a slot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bakeoff.report.text.english import TEMPLATES
from bakeoff.report.text.slots import Slot

__all__ = ["Sentence", "Statement", "sentence"]


@dataclass(frozen=True)
class Sentence:
    """One sentence: the key of its template and a slot for each of its gaps.

    metric: that its differences are in; None for the declared one
    """

    key: str
    slots: Mapping[str, Slot[Any]]
    metric: str | None = None


@dataclass(frozen=True)
class Statement:
    """One or more sentences that belong together, and the runs they rest on."""

    kind: str
    sentences: tuple[Sentence, ...]
    runs: tuple[str, ...]


def sentence(key: str, **slots: Slot[Any]) -> Sentence:
    """Return a sentence from a slot per gap; KeyError for a key that the catalogue does not have."""
    if key not in TEMPLATES:
        raise KeyError(key)
    return Sentence(key, slots)
