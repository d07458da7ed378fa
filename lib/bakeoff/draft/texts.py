"""What the texts are like: script, language, lengths, repetitions. Texts are read here and never shown."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from bakeoff.data.filtering import PAIR

__all__ = ["Texts", "look_at_texts", "sample_of"]


SAMPLE = 2_000
HOLLOW = frozenset(
    ("nan", "none", "null", "nil", "n/a", "na", "#n/a", "<na>", "-", "--", "?", "[deleted]", "[removed]")
)
UNSEEN = ("Cf", "Zs", "Zl", "Zp", "Cc", "Mn")
LETTERS = 400
SMALL_WORDS = "the a an and or but of to in is it was i you this that for on with not be are have my me we so at"
ENGLISH = frozenset(SMALL_WORDS.split())
ENGLISH_SHARE, LATIN_SHARE = 0.08, 0.6
"""Of English prose about a third of the words are in that list, of other languages in Latin script under 5 %."""


@dataclass(frozen=True)
class Texts:
    """Texts in numbers.

    words_p95: words of the text that 95 of 100 do not exceed; script: of most letters, as Unicode names it;
    english: the script and the small words are those of English prose; duplicates: rows whose text stood before;
    contradictions: texts that stand under more than one label; overlap: "train/test" -> shared texts; hollow: texts
    that look like missing ones -> rows
    """

    n: int
    words_p95: float
    script: str
    english: bool
    duplicates: int
    contradictions: int
    overlap: dict[str, int]
    hollow: dict[str, int]


def look_at_texts(frames: Mapping[str, pd.DataFrame]) -> Texts:
    """Look at the texts of all splits. frames: split -> columns text (str) and label, no missing value."""
    whole = pd.concat(list(frames.values()), ignore_index=True)
    sample = sample_of(whole["text"].tolist(), SAMPLE)
    script = _script(sample)
    labels = whole.groupby("text", sort=False)["label"].nunique()
    shared = {
        f"{first}/{then}": int(frames[then]["text"].isin(frames[first]["text"]).sum())
        for first, then in combinations(frames, 2)
    }
    return Texts(
        n=len(whole),
        words_p95=float(np.percentile([len(text.split()) for text in sample], 95)),
        script=script,
        english=script == "LATIN" and _english(sample),
        duplicates=sum(int(frame["text"].duplicated().sum()) for frame in frames.values()),
        contradictions=int((labels > 1).sum()),
        overlap={pair: n for pair, n in shared.items() if n},
        hollow={str(text): n for text, n in whole["text"].value_counts().items() if _hollow(str(text))},
    )


def _hollow(text: str) -> bool:
    """Return whether a text, or one of a pair, stands for none: a word for it, or signs that nobody sees."""
    parts = [part.strip().lower() for part in text.split(PAIR)]
    return any(part in HOLLOW or all(unicodedata.category(sign) in UNSEEN for sign in part) for part in parts)


def sample_of(texts: Sequence[str], size: int) -> list[str]:
    """Return so many texts at most, the same ones each time, from all over."""
    if len(texts) <= size:
        return list(texts)
    return [texts[row] for row in sorted(np.random.default_rng(0).permutation(len(texts))[:size])]


def _script(texts: Sequence[str]) -> str:
    """Return the first word of most letters' Unicode names, such as LATIN, CYRILLIC, CJK; LATIN where no letter is."""
    letters = Counter(mark for text in texts for mark in text[:LETTERS] if mark.isalpha())
    scripts: Counter[str] = Counter()
    for mark, n in letters.items():
        scripts[unicodedata.name(mark, "UNKNOWN").split()[0]] += n
    total = scripts.total()
    if not total or scripts["LATIN"] / total >= LATIN_SHARE:
        return "LATIN"
    return max((name for name in scripts if name != "LATIN"), key=scripts.__getitem__)


def _english(texts: Sequence[str]) -> bool:
    words = [word.strip(".,!?;:'\"()").lower() for text in texts for word in text.split()[:100]]
    return not words or sum(word in ENGLISH for word in words) / len(words) >= ENGLISH_SHARE
