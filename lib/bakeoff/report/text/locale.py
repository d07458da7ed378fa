"""The words of a report: `en` has its sentences, `forms` how values are written, a folder per language the catalogue.

A sentence's English template is a message whose context is the sentence's key; `tests/support/messages.py` brings the
catalogues up to date. A new language is a new catalogue; conditions and slots stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bakeoff.report.text.english import TEMPLATES as english  # noqa: N811 - those of this module hold more
from bakeoff.report.text.forms import written
from bakeoff.report.text.language import speaking, tr_in
from bakeoff.report.text.measure import declared_metric, measuring
from bakeoff.report.text.sentence import Sentence
from bakeoff.report.text.slots import Slot

__all__ = ["LOWER", "TEMPLATES", "Locale", "locale"]


LOWER = ".lower"
"""Ends the key of a sentence about a metric of which the lower value is the better."""

_HIGHER = {
    "highest": "lowest", "scored higher": "scored better", "score higher": "score better",
    "scored lower": "scored worse", "scored below": "scored worse than", ", higher than": ", better than",
    "do not lie below": "do not lie above",
}  # fmt: skip
"""Words that are true of a metric of which the higher value is the better, and what replaces them."""


def _lower(text: str) -> str:
    for word, other in _HIGHER.items():
        text = text.replace(word, other)
    return text


TEMPLATES = {**english, **{f"{key}{LOWER}": _lower(text) for key, text in english.items() if _lower(text) != text}}


@dataclass(frozen=True)
class Locale:
    """The sentences of one language."""

    language: str

    @property
    def templates(self) -> Mapping[str, str]:
        """Sentence key -> text with gaps."""
        with speaking(self.language):
            return {key: tr_in(key, text) for key, text in TEMPLATES.items()}

    def say(self, sentence: Sentence) -> str:
        """Return a sentence as Markdown; KeyError where its template or one of its slots is missing."""
        with speaking(self.language), measuring(sentence.metric or declared_metric().name):
            lower = f"{sentence.key}{LOWER}"
            key = lower if lower in TEMPLATES and not declared_metric().higher_is_better else sentence.key
            return tr_in(key, TEMPLATES[key]).format(**self.filled(sentence))

    def filled(self, sentence: Sentence) -> dict[str, str]:
        """Return what each slot of a sentence says."""
        return {name: self.written(slot) for name, slot in sentence.slots.items()}

    def written(self, slot: Slot[Any]) -> str:
        """Return what one slot says."""
        with speaking(self.language):
            return written(slot)


def locale(language: str) -> Locale:
    """Return the sentences of a language; UnknownName lists those there are."""
    with speaking(language):
        return Locale(language)
