"""What tests of sentences share: plain text, collections changed in one place, and what every sentence must hold."""

from __future__ import annotations

import dataclasses
import itertools
import re

from bs4 import BeautifulSoup

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
MOST_WORDS = 22
"""Of a sentence, in every language; what stands in brackets is not counted, nor what is no word, as in "1 %"."""


def sentences(text):
    """Return the sentences of a text, without what stands in brackets."""
    text = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", text).replace("п. п.", "пп")
    return [one.strip() for one in re.split(r"(?<=[.!?])\s+", text) if words_of(one)]


def words_of(sentence):
    """Return the words of a sentence; a gap of a template counts as one."""
    return [one for one in re.sub(r"\{[^{}]*\}", "gap", sentence).split() if re.search(r"\w", one)]


BLOCKS = "main p, main li, figcaption, .note, caption"
"""Where a page has sentences."""


def long_sentences(html):
    """Return the sentences of a page, folded ones too, that are too long, with their words; a list of names is one."""
    page = BeautifulSoup(html, "html.parser")
    for element in page.select("script, style, nav, svg, summary, .runs, .runs + ul"):
        element.decompose()
    texts = {plain(" ".join(_of_names(block).split())) for block in page.select(BLOCKS)}
    counted = {one: len(words_of(one)) for text in texts for one in sentences(text)}
    return {one: words for one, words in counted.items() if words > MOST_WORDS}


def _of_names(block):
    """Return a block's text with one word for each list of names."""
    text = "".join("\0" if part.find_parent("strong") else str(part) for part in block.find_all(string=True))
    return re.sub(r"\0+(?:( \([^()]*\))?(, |; | \w{1,3} )\0+)*", "name", text)


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
