"""The words of a report: `en` has its sentences, `forms` how values are written, a folder per language the catalogue.

A sentence's English template is a message whose context is the sentence's key; `tests/reporting/messages.py` brings the
catalogues up to date. A new language is a new catalogue and a line in `language.LANGUAGES`; conditions and slots stay
as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bakeoff.report.text.english import TEMPLATES
from bakeoff.report.text.forms import FORMS
from bakeoff.report.text.language import speaking, tr_in
from bakeoff.report.text.sentence import Sentence, Slot

__all__ = ["Locale", "locale"]


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
        with speaking(self.language):
            return tr_in(sentence.key, TEMPLATES[sentence.key]).format(**self.filled(sentence))

    def filled(self, sentence: Sentence) -> dict[str, str]:
        """Return what each slot of a sentence says."""
        return {name: self.written(slot) for name, slot in sentence.slots.items()}

    def written(self, slot: Slot) -> str:
        """Return what one slot says."""
        with speaking(self.language):
            return FORMS[slot.form](slot)


def locale(language: str) -> Locale:
    """Return the sentences of a language; UnknownName lists those there are."""
    with speaking(language):
        return Locale(language)
