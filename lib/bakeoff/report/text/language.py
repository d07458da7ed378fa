"""The language a report speaks: messages, plurals, lists, and the words of its pages."""

from __future__ import annotations

import functools
import gettext
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from babel import Locale
from babel.lists import format_list
from babel.numbers import get_decimal_symbol, get_group_symbol

from bakeoff.errors import UnknownName
from bakeoff.report.text.measure import measuring
from bakeoff.system.message import CATALOGUES, Message, msg

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Language",
    "Speaker",
    "in_its_language",
    "language",
    "language_attribute",
    "listed",
    "msg",
    "msgn",
    "numeral",
    "speaking",
    "spoken",
    "tool_words",
    "tr",
    "tr_in",
    "trn",
    "words",
]


ENGLISH = "en"
LANGUAGES = {ENGLISH: "en_GB", **{code: code for code in CATALOGUES}}
"""ISO 639-1 code -> locale of the Unicode CLDR, as Babel has it."""

_THIN = "\N{NARROW NO-BREAK SPACE}"
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@dataclass(frozen=True)
class Language:
    """One language: its code, its locale, and its messages; English ones are what they translate."""

    code: str
    locale: Locale
    messages: gettext.NullTranslations

    @functools.cached_property
    def signs(self) -> dict[int, str]:
        """Return what stands for Python's signs within numbers; thousands are parted by a thin space at most."""
        group = get_group_symbol(self.locale)
        # A full no-break space parts a number from its unit here.
        return str.maketrans({",": _THIN if group.isspace() else group, ".": get_decimal_symbol(self.locale)})


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Write everything in a language until the block ends; UnknownName lists those there are."""
    if code not in LANGUAGES:
        raise UnknownName("report.language", code, LANGUAGES, kind="language")
    token = _spoken.set(code)
    try:
        yield _language(code)
    finally:
        _spoken.reset(token)


def language() -> Language:
    """Return the language being spoken."""
    return _language(_spoken.get())


@functools.cache
def _language(code: str) -> Language:
    return Language(code, Locale.parse(LANGUAGES[code]), _messages(code))


def _messages(code: str) -> gettext.NullTranslations:
    """Read a catalogue; a message without a translation stays English."""
    if code == ENGLISH:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with CATALOGUES[code].open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


# messages ----------------------------------------------------------------------------------------------------------


def msgn(one: str, many: str) -> tuple[str, str]:
    """Mark a message with a plural that `trn` translates later."""
    return one, many


def tr(text: str, /, **gaps: object) -> str:
    """Return a message in the language being spoken, its named gaps filled."""
    return _filled(language().messages.gettext(text), gaps) if text else ""  # the empty message is a catalogue's header


def spoken(text: str) -> str:
    """Return a reason in the language being spoken: a `Message` translated, any other text as it is."""
    if not isinstance(text, Message):
        return text
    if text.joined:
        return "; ".join(map(spoken, text.joined))
    return tr(
        text.text, **{gap: spoken(value) if isinstance(value, str) else value for gap, value in text.gaps.items()}
    )


def tr_in(context: str, text: str, /, **gaps: object) -> str:
    """Return a message that means different things in different places; context: which place this is."""
    return _filled(language().messages.pgettext(context, text), gaps)


def trn(one: str, many: str, number: int, /, **gaps: object) -> str:
    """Return the form of a message that goes with a number."""
    return _filled(language().messages.ngettext(one, many, number), gaps)


def _filled(text: str, gaps: dict[str, object]) -> str:
    return text.format(**gaps) if gaps else text


# numbers and lists -------------------------------------------------------------------------------------------------


def numeral(shown: str) -> str:
    """Return a number as Python writes it (1,234.5) with the signs of the language being spoken."""
    return shown.translate(language().signs)


def listed(items: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return format_list(items, locale=language().locale)


def language_attribute(code: str) -> str:
    """Return the attribute of a piece of HTML that says its language, where that is not English.

    A notebook shows pieces of a report on an English page; and `stitch` tells by it whether they suit a report.
    """
    return "" if code == ENGLISH else f' lang="{code}"'


# classes -----------------------------------------------------------------------------------------------------------


class Speaker(Protocol):
    """Something that shows things to a reader in one language."""

    @property
    def language(self) -> str:
        """Its code."""


Class = TypeVar("Class", bound=type[Speaker])


def in_its_language(speaker: Class) -> Class:
    """Let every public method of a class speak the `language` of its instance, in units of its `metric` if any."""
    for name, member in list(vars(speaker).items()):
        if not name.startswith("_") and callable(member):
            setattr(speaker, name, _in_language(member))
    return speaker


def _in_language(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def spoken(self: Speaker, *args: Any, **kwargs: Any) -> Any:
        with speaking(self.language), measuring(getattr(self, "metric", "accuracy")):
            return method(self, *args, **kwargs)

    return spoken


def _catalogued(language: str) -> str:
    """Return the language of the catalogue for one with or without a region: English where there is none."""
    code = language.split("-", maxsplit=1)[0].lower()
    return code if code in LANGUAGES else ENGLISH


def words(language: str) -> dict[str, str]:
    """Return the words of a language (ISO 639-1, with or without a region), or the English ones where it has none."""
    with speaking(_catalogued(language)):
        return {
            "answer": tr("The answer"),
            "code": tr("Code"),
            "contents": tr("Contents"),
            "left_out": tr("Left out here"),
            "left_out_how": tr(
                "The report's page holds all of it; {setting} prints it too.", setting="`report: {pdf: full}`"
            ),
            "figure": tr("Figure"),
            "methods": tr("Methods, one by one"),
            "reading": tr("How to read it"),
            "skip": tr("Skip to the content"),
            "table": tr("Table"),
            "top": tr("Back to the top"),
        }


def tool_words(language: str) -> dict[str, str]:
    """Return what the script of a page says: at its tables and on its methods."""
    with speaking(_catalogued(language)):
        return {
            "columns": tr("Columns"),
            "copied": tr("Copied"),
            "copy": tr("Copy as"),
            "copy_command": tr("Copy the command"),
            "filter": tr("Filter rows"),
            "highlight": tr("highlight"),
            "matching": tr("{done} of {total} rows"),
            "methods": tr("Hide, highlight or rename methods"),
            "name": tr("name"),
            "parted": tr("Test texts that {right} gets right and {wrong} wrong."),
            "reference": tr("Held against"),
            "says": tr("{name} says"),
            "show": tr("show"),
            "tried": tr("What was tried for {method}, and what was chosen."),
        }
