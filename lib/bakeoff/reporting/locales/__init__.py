"""The languages of a report's prose, one module each.

A module holds `TEMPLATES` (sentence key -> text with gaps) and `FORMS` (form -> function that writes a value). A new
language is a new module and a line in `LANGUAGES`; conditions and slots stay as they are.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bakeoff.errors import UnknownName
from bakeoff.reporting.sentences import Form, Sentence, Slot

__all__ = ["LANGUAGES", "Locale", "locale"]

LANGUAGES = {"en": "bakeoff.reporting.locales.en"}


@dataclass(frozen=True)
class Locale:
    """One language: templates with gaps, and how each form of value is written."""

    templates: Mapping[str, str]
    forms: Mapping[Form, Callable[[Slot], str]]

    def say(self, sentence: Sentence) -> str:
        """Return a sentence as Markdown; KeyError where its template or one of its slots is missing."""
        return self.templates[sentence.key].format(**self.filled(sentence))

    def filled(self, sentence: Sentence) -> dict[str, str]:
        """Return what each slot of a sentence says."""
        return {name: self.forms[slot.form](slot) for name, slot in sentence.slots.items()}


def locale(language: str) -> Locale:
    """Return the words of a language; UnknownName lists those there are."""
    if language not in LANGUAGES:
        raise UnknownName("report.language", language, LANGUAGES, kind="language")
    module = importlib.import_module(LANGUAGES[language])
    return Locale(templates=module.TEMPLATES, forms=module.FORMS)
