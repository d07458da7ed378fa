"""Guesses which character set bytes are in that are no UTF-8, by the letters that languages write with it.

Imported by `decoding`. Short files are the rule here: a general detector names rare tables for a few lines of Spanish
or Russian, and most tables decode anything, so that a wrong name spoils the texts without a word.
"""

# ruff: noqa: RUF001 - letters of other alphabets are what this is about

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from math import log

__all__ = ["guess_charsets"]

LANGUAGES = [
    ("cp1252", "es", "ó30 í25 á20 é15 ñ8 ú6 ü0.5 ¿2 ¡2 º0.3 ª0.3"),
    ("cp1252", "pt", "ã22 ç14 é14 á14 í10 ê9 ó6 õ4 ú4 à2 â3 ô2"),
    ("cp1252", "fr", "é60 è10 à15 ê6 ç3 ù2 î1.5 ô1.5 â1.5 û1 ë0.5 ï0.5 œ0.5"),
    ("cp1252", "de", "ü35 ä30 ß17 ö17 é0.5"),
    ("cp1252", "it", "è30 à28 ò12 ù11 ì7 é6"),
    ("cp1252", "sv, fi", "ä50 å22 ö26 é1"),
    ("cp1252", "da, no", "å38 ø33 æ27 é1"),
    ("cp1252", "is", "á14 ð20 é6 í14 ó9 ú6 ý3 þ12 æ8 ö8"),
    ("cp1250", "pl", "ą14 ę16 ł26 ó12 ś10 ż12 ć6 ń3 ź1"),
    ("cp1250", "cs, sk", "í19 á18 é9 ě8 č9 ř6 š8 ž8 ý7 ů3 ú4 ň1 ť3 ď1 ó0.5 ľ2 ô1 ä0.5"),
    ("cp1250", "hu", "á30 é32 ö10 ó11 ő9 í6 ü5 ú3 ű1.5"),
    ("cp1250", "ro", "ă30 î13 â10 ş14 ţ13"),
    ("cp1250", "hr, sl", "č30 š28 ž20 ć14 đ7"),
    ("cp1254", "tr", "ı32 ş12 ü14 ç9 ğ8 ö6 İ3 â0.5"),
    *(
        (charset, "ru", "о11 е8.5 а8 и7.4 н6.7 т6.3 с5.5 р4.7 в4.5 л4.4 к3.5 м3.2 д3 п2.8 у2.6 я2 ы1.9 ь1.7 г1.7 з1.6 "
         "б1.6 ч1.4 й1.2 х1 ж0.9 ш0.7 ю0.6 ц0.5 щ0.4 э0.3 ф0.3 ъ0.04 ё0.3")
        for charset in ("cp1251", "koi8-r", "cp866")
    ),
    ("cp1251", "uk", "о9.4 а7.2 н6.5 и6.1 і5.7 в5.4 р4.7 т5.5 е4.8 с4 к3.5 л3.6 у3.4 д3.4 м3 п2.8 з2.3 я2.3 ь1.9 б1.7 "
     "г1.5 ч1.3 й1.2 х1.1 ж0.8 ю0.9 ц0.9 ш0.7 ї0.7 є0.6 щ0.5 ф0.3 ґ0.05"),
    ("cp1253", "el", "α10 ο9 ι8 τ8 ε8 σ6 ν6 ρ4.5 υ4 κ4 π4 η4 ς4 λ3 μ3 ω2 δ2 γ2 χ1 θ1 φ0.8 β0.8 ξ0.5 ζ0.4 ψ0.2 ά2 έ2 "
     "ή2 ί3 ό3 ύ1.5 ώ1"),
    ("cp1256", "ar", "ا17 ل12 ي7 م6 و6 ن6 ر5 ت5 ب4 ع4 د3.5 ه3.5 س3 ة3 ك3 ف3 ق3 أ3 ح2 ج1.5 ش1.5 إ1.5 ص1 ط1 خ1 ذ1 ى1 "
     "ض0.8 ث0.8 ز0.7 غ0.6 ء0.5 ئ0.5 ظ0.3 آ0.3 ؤ0.3"),
]  # fmt: skip
"""Character set, language, and its letters beyond a to z with how often they are met, roughly, by 100 of them."""
LATIN = {"cp1252", "cp1250", "cp1254"}
AT_THE_END = set("ìòù")
"""Letters that end words in the languages that have them: within words the bytes are Czech."""
COMMON = {"cp1252": log(3), "cp1251": log(3)}
"""What files are in more often than in others, before anything is read."""
WIDE = ["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"]
"""Character sets whose letters are too many for a table."""
RUN = re.compile(rb"[\x80-\xff]+")
BETWEEN = re.compile(rb"[\x00-\x40\x5b-\x60\x7b-\x7f]+")
STRANGE = 0.02
"""Share, by 100, of a character that the language does not write with."""
UNLIKELY = log(0.01)
"""What stands against a language: a letter next to a to z where it has none, a capital within a word."""
SHOUTED = log(0.3)
"""What stands against a word in capitals: another table may read it as an ordinary one."""
APART = log(100)
"""Distance from which one character set is named alone."""
SHORT = 60
"""Bytes above 127 up to which two of many letters cannot be told apart."""
WORDS = 2000
"""Different words that are looked at."""
KNOWN = log(0.012)
"""Mean over characters from which bytes are a language of the table."""


def guess_charsets(sample: bytes) -> list[str]:
    """Return the character sets that bytes look like, the likeliest first: one where it is clear, none for none.

    sample: whole lines, some of whose bytes are above 127
    Several are named only where they read the bytes differently.
    """
    # Each word once: a line that is repeated is no further evidence.
    found = dict.fromkeys(word for word in BETWEEN.split(sample) if RUN.search(word))
    words = list(found)[:WORDS]
    scores: dict[str, float] = {}
    for charset, _, letters in LANGUAGES:
        score = _likelihood(words, charset, letters)
        if score is not None:
            score += COMMON.get(charset, 0.0)
            scores[charset] = max(score, scores.get(charset, score))
    ranked = sorted(scores, key=lambda charset: -scores[charset])
    size = sum(len(run) for word in words for run in RUN.findall(word))
    if not ranked or scores[ranked[0]] < KNOWN * size:
        return _wide(sample, size)
    best = next(one for one in scores if _same(sample, one, ranked[0]))  # of tables that read it alike the first
    near = [one for one in ranked if scores[ranked[0]] - scores[one] < APART and not _same(sample, one, best)]
    return [best, *near[:1]]


def _likelihood(words: list[bytes], charset: str, letters: str) -> float | None:
    """Return the log-likelihood of words in a language, None where its character set cannot read them."""
    shares = _shares(letters)
    total = 0.0
    try:
        for word in words:
            for run in RUN.finditer(word):
                total += _of_run(word, run, charset, shares)
    except UnicodeDecodeError:
        return None
    return total


def _of_run(word: bytes, run: re.Match[bytes], charset: str, shares: dict[str, float]) -> float:
    text = run.group().decode(charset)
    score = sum(log(shares.get(mark.lower(), shares.get(mark, STRANGE)) / 100) for mark in text)
    touching = run.start() > 0 or run.end() < len(word)
    if charset in LATIN:
        score += (len(text) - 1) * log(0.2) + (0.0 if touching else log(0.2))
        inner = text if run.end() < len(word) else text[:-1]
        score += log(0.05) * sum(mark in AT_THE_END for mark in inner)
    else:
        score += UNLIKELY if touching else 0.0
    capitals = sum(before.islower() and mark.isupper() for before, mark in pairwise(text))
    shouted = len(text) > 1 and text.isupper()
    return score + capitals * UNLIKELY + (SHOUTED if shouted else 0.0)


@cache
def _shares(letters: str) -> dict[str, float]:
    return {entry[0]: float(entry[1:]) for entry in letters.split()}


def _same(sample: bytes, one: str, other: str) -> bool:
    return sample.decode(one, errors="replace") == sample.decode(other, errors="replace")


def _wide(sample: bytes, size: int) -> list[str]:
    """Ask a general detector. size: how many bytes are above 127."""
    from charset_normalizer import from_bytes

    found = [match.encoding for match in from_bytes(sample, cp_isolation=WIDE)]
    return found[:2] if size < SHORT else found[:1]
