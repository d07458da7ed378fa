"""What a conclusion says, before it is said in any language: a sentence's key and its slots.

Conditions choose keys and fill slots with values; a locale turns both into text. So one set of conditions serves every
language, and no number can reach a reader that is not in a slot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Form", "Sentence", "Slot", "Statement", "count", "sentence"]


Form = Literal[
    "base", "chance", "compared", "conditions", "corrected", "count", "duration", "fraction", "gap", "goal", "groups",
    "interval", "level", "limits", "measures", "metric", "milliseconds", "name", "names", "p", "pairs", "parameters",
    "percent", "points", "quote", "range", "seeds", "setting", "settings", "share", "size", "split", "trials",
    "where", "within",
]  # fmt: skip
"""How a value is written; each locale has one function per form.

Values that are not a single number or text: base (model id, whether pretrained); compared ((name, its mean, estimate,
(low, high), p, number of comparisons), ...); conditions ((entry of the environment, values here, values there), ...);
corrected ((names, number of comparisons), ...); goal ("better" or "either", ".models" after it where it is theirs);
groups ((slot, names), ...); limits ((key of a constraint, most), ...); measures ((key, smallest, largest), ...);
setting (text, empty for none); where (seeds, their number, number of all runs), None for a method without a seed;
within ((name, mean, measures), ...).
"""


@dataclass(frozen=True)
class Slot:
    """A value and how it is written; `noun` is what a count counts."""

    form: Form
    value: Any
    noun: str | None = None


@dataclass(frozen=True)
class Sentence:
    """One sentence: the key of its template and a slot for each of its gaps."""

    key: str
    slots: Mapping[str, Slot]


@dataclass(frozen=True)
class Statement:
    """One or more sentences that belong together, and the runs they rest on."""

    kind: str
    sentences: tuple[Sentence, ...]
    runs: tuple[str, ...]


def sentence(key: str, **slots: tuple[Form, Any] | Slot) -> Sentence:
    """Return a sentence from `gap=(form, value)` pairs."""
    return Sentence(key, {name: slot if isinstance(slot, Slot) else Slot(*slot) for name, slot in slots.items()})


def count(number: int, noun: str | None = None) -> Slot:
    """Return a slot such as "3 seeds", or just "3"; the locale knows the noun's plurals."""
    return Slot("count", number, noun)
