"""What tests of sentences share: plain text, collections changed in one place, and what every sentence must hold."""

from __future__ import annotations

import dataclasses
import itertools
import re

from bakeoff.report.claims.conclusions import draw_conclusions, said, statements
from bakeoff.report.text.language import LANGUAGES, speaking
from bakeoff.report.text.locale import locale

FORBIDDEN = {
    "en": re.compile(
        r"prove[sdn]?\b|significan|no difference|not differ|= 0\.000|because|cause[sd]?\b|due to|always|never",
        re.IGNORECASE,
    ),
    "de": re.compile(
        r"beweis|bewies|signifikan|kein(en)? unterschied|unterscheiden sich nicht|= 0,000|\bweil\b|\bwegen\b|aufgrund"
        r"|infolge|verursach|bedingt|\bimmer\b|\bstets\b|\bnie(mals)?\b",
        re.IGNORECASE,
    ),
    "ru": re.compile(
        r"доказ|значим|нет разницы|разницы нет|не различа|= 0,000|потому что|из-за|вследствие|благодаря|вызван"
        r"|обусловлен|всегда|никогда",
        re.IGNORECASE,
    ),
}
DIGITS = re.compile(r"\d+")


def plain(text):
    """Text without Markdown's escapes and emphasis, with ordinary spaces, dashes and minus signs."""
    ordinary = str.maketrans("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{MINUS SIGN}\N{EN DASH}", "  --")
    return re.sub(r"\\(.)|\*\*", r"\1", text).translate(ordinary)


def texts(collection, comparison, *kinds):
    """The conclusions of some kinds, or all, as plain text."""
    return [plain(one.text) for one in draw_conclusions(collection, comparison) if not kinds or one.kind in kinds]


def spoken(found, language="en"):
    """Statements as plain text; each is held to what every sentence must hold."""
    found = list(found)
    hold_statements(found)
    with speaking(language):
        return [plain(said(one, locale(language)).text) for one in found]


def replaced(collection, name, **changes):
    """The collection with fields of one row's records replaced."""
    rows = [
        dataclasses.replace(row, records=tuple(record.model_copy(update=changes) for record in row.records))
        if row.name == name
        else row
        for row in collection.rows
    ]
    return dataclasses.replace(collection, rows=tuple(rows))


def hold(collection, comparison):
    """No number outside the slots, no forbidden phrase, no gap left open, no empty p."""
    hold_statements(statements(collection, comparison))


def hold_statements(found):
    """As `hold`, in every language there is."""
    for language, one in itertools.product(LANGUAGES, found):
        for sentence in one.sentences:
            hold_sentence(sentence, language)


def hold_sentence(sentence, language):
    words = locale(language)
    text = words.say(sentence)
    rest = text
    for filled in sorted(words.filled(sentence).values(), key=len, reverse=True):
        rest = rest.replace(filled, " ")
    assert not DIGITS.search(rest), text
    assert "{" not in text
    assert "None" not in text
    assert ".." not in text.replace("...", ""), text
    assert not FORBIDDEN[language].search(plain(text)), text
