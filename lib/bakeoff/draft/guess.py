"""Which column is the text, which the label, which a group: a ranking by name and shape.

Ids, dates and nested values are never proposed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any, Literal

import pandas as pd

from bakeoff.errors import BadValue, UnknownName, shown

__all__ = [
    "GRADE_NAMES",
    "LABEL_NAMES",
    "Column",
    "Guess",
    "Kind",
    "describe",
    "filled",
    "guess_group",
    "guess_label",
    "guess_text",
    "is_number",
    "named",
]


TEXT_NAMES = ("text", "content", "review", "body", "comment", "message", "sentence", "tweet", "description", "document")
LABEL_NAMES = (
    *("label", "class", "category", "sentiment", "target", "emotion", "intent", "topic", "polarity", "y"),
    *("verdict", "opinion", "stance", "outcome", "mood", "tone", "genre", "tag", "spam", "toxic", "toxicity"),
)
GRADE_NAMES = ("score", "rating", "grade", "stars", "star", "points", "mark")
GROUP_NAMES = (
    *("movie", "film", "book", "product", "item", "author", "user", "customer", "patient", "speaker", "subject"),
    *("thread", "session", "conversation", "source", "url", "domain", "group", "asin"),
    *("фильм", "книга", "товар", "автор", "пользователь", "клиент", "пациент", "источник", "группа"),
    *("buch", "produkt", "artikel", "autor", "autorin", "nutzer", "benutzer", "kunde", "patient", "quelle", "gruppe"),
)
OTHER_NAMES = ("id", "split", "part", "lang", "language", "country", "city", "year", "month", "index", "date", "time")
FEW, MANY, REPEATED = 20, 200, 3
SURE_TEXT, SURE_LABEL = 3.0, 2.5


@dataclass(frozen=True)
class Guess:
    """A column, how it was found, and what else it could be.

    sure: nothing else comes near; others: what does; few: further columns with few values; given: not guessed;
    second: the column with the other text of a pair
    """

    column: str
    sure: bool
    others: tuple[str, ...] = ()
    few: tuple[str, ...] = ()
    given: bool = False
    second: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The column, or the two of a pair."""
        return (self.column,) if self.second is None else (self.column, self.second)

    def in_words(self) -> str:
        """Say how sure it is, without the column's name."""
        if self.given:
            return "as given"
        if not (self.others or self.few):
            return "guessed, nothing else comes near" if self.sure else "a guess"
        also = f"; it could also be {_listed(self.others)}" if self.others else ""
        further = f"; {'further ' if also else 'other '}columns with few values: {_listed(self.few)}"
        return ("guessed" if self.sure else "a guess") + also + (further if self.few else "")


def guess_text(columns: Sequence[Column], *, given: Sequence[str] = ()) -> Guess:
    """Find the column with the longest, mostly distinct texts, or the two of pairs; raises UnknownName or BadValue."""
    if given:
        first, *later = [_given("--text", name, columns) for name in given]
        return replace(first, second=later[0].column if later else None)
    pair = _pair([column.name for column in columns if column.kind == "text" and column.words > 1])
    if pair is not None:
        return Guess(pair[0], sure=True, second=pair[1])
    free = [column for column in columns if column.kind == "text" and column.distinct_share > 1 / REPEATED]
    return _best("--text", free, columns, score=_text_score, sure=lambda best, next_: best >= SURE_TEXT * next_)


PAIRS = (
    *(("premise", "hypothesis"), ("question", "sentence"), ("question", "passage"), ("question", "context")),
    *(("query", "passage"), ("query", "document"), ("claim", "evidence")),
)
NUMBERED = re.compile(r"(?P<stem>.*[a-z])[_ -]?(?P<number>[12]|(?<=[_ -])[ab])", re.IGNORECASE)


def _pair(names: Sequence[str]) -> tuple[str, str] | None:
    """Return two columns that are called as the texts of a pair are: premise and hypothesis, or text1 and text2."""
    plain = {name.lower(): name for name in names}
    for first, second in PAIRS:
        if first in plain and second in plain:
            return plain[first], plain[second]
    stems: dict[str, list[str]] = {}
    for name in sorted(names):
        if found := NUMBERED.fullmatch(name):
            stems.setdefault(found["stem"].lower(), []).append(name)
    pairs = [tuple(pair) for pair in stems.values() if len(pair) == 2]  # noqa: PLR2004
    return (pairs[0][0], pairs[0][1]) if len(pairs) == 1 else None


def guess_label(columns: Sequence[Column], *, texts: Sequence[str], given: str | None = None) -> Guess:
    """Find the column with few values, each repeated, named like a label or a grade; raises UnknownName or BadValue."""
    if given in texts:
        raise BadValue("--label", f"{shown(given)!r} is the column with the text")
    if given is not None:
        return _given("--label", given, columns)
    able = [column for column in columns if column.name not in texts and _could_be_label(column)]
    best = _best("--label", able, columns, score=_label_score, sure=lambda best, next_: best - next_ >= SURE_LABEL)
    told = (best.column, *best.others)
    return replace(best, few=tuple(c.name for c in able if c.distinct <= FEW and c.name not in told))


def guess_group(columns: Sequence[Column], *, used: Sequence[str]) -> str | None:
    """Find a column whose values stand in several rows each, as films do in reviews; None where there is none."""
    able = [
        column
        for column in columns
        if column.name not in used
        and column.kind in ("text", "number")
        and not column.ascends
        and column.distinct >= 2 * REPEATED
        and column.present >= 1.5 * column.distinct
        and named(column.name, GROUP_NAMES)
    ]
    return max(able, key=lambda column: column.distinct).name if able else None


def _listed(names: Sequence[str], *, most: int = 4) -> str:
    left = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shown, names[:most])) + left


def _given(option: str, name: str, columns: Sequence[Column]) -> Guess:
    known = [column.name for column in columns]
    if name not in known:
        raise UnknownName(option, name, known, kind="column")
    return Guess(name, sure=True, given=True)


def _best(
    option: str,
    able: Sequence[Column],
    columns: Sequence[Column],
    *,
    score: Callable[[Column], float],
    sure: Callable[[float, float], bool],
) -> Guess:
    ranked = sorted(able, key=score, reverse=True)
    if not ranked:
        what = "a text" if option == "--text" else "a label"
        names = ", ".join(shown(column.name) for column in columns)
        raise BadValue(option, f"no column looks like {what}", hint=f"name one of {names}")
    best = score(ranked[0])
    near = [column.name for column in ranked[1:] if not sure(best, score(column))]
    return Guess(ranked[0].name, sure=not near and best > 0, others=tuple(near))


def _text_score(column: Column) -> float:
    """Long, distinct, many words; a single word is an id or a link more often than a text."""
    telling = 3.0 if named(column.name, TEXT_NAMES) else 1.0
    words = 0.02 if column.words < 1.5 else 1.0  # noqa: PLR2004
    return min(column.characters, 1000.0) * column.distinct_share * telling * words


def _could_be_label(column: Column) -> bool:
    if column.kind in ("date", "nested") or column.distinct < 2 or column.ascends:  # noqa: PLR2004
        return False
    grade = column.kind == "number" and named(column.name, GRADE_NAMES)
    return grade or (column.distinct <= MANY and column.present >= REPEATED * column.distinct)


def _label_score(column: Column) -> float:
    telling = 3.0 if named(column.name, LABEL_NAMES) else 2.5 if named(column.name, GRADE_NAMES) else 0.0
    strange = 3.0 if named(column.name, (*OTHER_NAMES, *GROUP_NAMES)) and not telling else 0.0
    few = 1.0 if column.distinct <= FEW else 0.0
    short = 0.5 if column.kind != "number" and column.words <= REPEATED else 0.0
    gaps = column.missing / max(1, column.missing + column.present)
    return telling + few + short - strange - gaps


def named(column: str, names: Sequence[str]) -> bool:
    """Return whether one of some words is a word of a column's name; digits at its end do not count."""
    words = "".join(mark if mark.isalpha() else " " for mark in column.lower()).split()
    return any(word in names or word.removesuffix("s") in names for word in words)


Kind = Literal["date", "nested", "number", "text", "truth"]
DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}([T ].*)?")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
SAMPLE = 5_000
MOSTLY = 0.9


@dataclass(frozen=True)
class Column:
    """One column in numbers.

    present: rows with a value that is not blank; distinct: different values among them; words, characters: mean per
    value, of a sample; these three are 0 where values are nested; ascends: numbers without a gap or a repetition, as
    row numbers are
    """

    name: str
    kind: Kind
    present: int
    missing: int
    distinct: int
    words: float
    characters: float
    ascends: bool

    @property
    def distinct_share(self) -> float:
        """Different values over values."""
        return self.distinct / max(1, self.present)


def describe(column: pd.Series) -> Column:
    """Look at a column; its name must be a str."""
    present = filled(column)
    kind = _kind(present)
    strings = [str(value) for value in present.head(SAMPLE)] if kind != "nested" else []
    numbers = pd.to_numeric(present) if kind == "number" else None
    return Column(
        name=str(column.name),
        kind=kind,
        present=len(present),
        missing=len(column) - len(present),
        distinct=0 if kind == "nested" else int(present.nunique()),
        words=fmean(len(value.split()) for value in strings) if strings else 0.0,
        characters=fmean(map(len, strings)) if strings else 0.0,
        ascends=numbers is not None and len(numbers) > 1 and bool((numbers.diff().dropna() == 1).all()),
    )


def is_number(value: Any) -> bool:
    """Return whether a value is a number, or written like one."""
    if isinstance(value, str):
        return NUMBER.fullmatch(value.strip()) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def filled(column: pd.Series) -> pd.Series:
    """Return the values that are there, blank strings left out; categories as the values they stand for."""
    present = column.dropna()
    if isinstance(present.dtype, pd.CategoricalDtype):
        present = present.astype(present.cat.categories.dtype)
    blank = present.map(lambda value: isinstance(value, str) and not value.strip())
    return present[~blank.astype(bool)] if len(present) else present


def _kind(present: pd.Series) -> Kind:
    if pd.api.types.is_bool_dtype(present):
        return "truth"
    if pd.api.types.is_numeric_dtype(present):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(present):
        return "date"
    # All of them: one list among strings is enough to make a column's values uncountable.
    if present.map(lambda value: isinstance(value, bytes) or pd.api.types.is_list_like(value)).any():
        return "nested"
    if len(present) and present.map(is_number).all():  # kept as text for its spelling: 007, 4.50
        return "number"
    sample = present.head(SAMPLE)
    dates = sample.map(lambda value: DATE.fullmatch(str(value).strip()) is not None)
    return "date" if len(sample) and dates.mean() >= MOSTLY else "text"
