"""Proposes how the values of a label column become classes: as they are, bins of a grade, rare ones left out."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.labels import spelled
from bakeoff.draft.guess import GRADE_NAMES, LABEL_NAMES, is_number, named
from bakeoff.errors import BadValue, shown

__all__ = ["IMBALANCED", "Classes", "propose_classes"]


MOST, MOST_RARE, NAMED, LONGEST = 200, 50, 8, 3_500
IMBALANCED = 3.0
CODES = 20


@dataclass(frozen=True)
class Classes:
    """What a label column becomes.

    label: the setting `data.label`; where: the setting `data.where`; counts: class name -> rows, most frequent first;
    notes: one line each, for a comment and the terminal; same: value -> class it would be were those that differ by
    spaces, case or Unicode form one
    """

    label: dict[str, Any]
    counts: dict[str, int]
    where: str | None = None
    notes: tuple[str, ...] = ()
    alternative: str | None = field(default=None)
    same: dict[Any, str] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Rows of the largest class over rows of the smallest."""
        return max(self.counts.values()) / max(1, min(self.counts.values()))

    def of(self, values: pd.Series) -> pd.Series:
        """Return the class of each value, without the values that are left out."""
        if "bins" in self.label:
            return values.astype(float).ge(float(self.label["bins"][0]))
        names = values.map(spelled)
        return names[names.isin(list(self.counts))]


def propose_classes(labels: Mapping[str, pd.Series], *, fewest: int) -> Classes:
    """Propose classes for the values of a label column.

    labels: split ("all", or those of the source) -> values, named as their column, none of them missing
    fewest: texts to draw from or to train on that a class needs; where fewer than two have them, all stay
    """
    values = pd.concat(list(labels.values()))
    column, plain = str(values.name), [_plain(value) for value in values]
    counted = Counter(plain)
    if _is_grade(column, counted):
        return _binned(column, np.array(plain, dtype=float))
    supply = Counter(_plain(value) for value in labels.get("train", values))
    counts = {value: n for value, n in counted.most_common() if supply[value] >= fewest}
    if len(counts) < 2:  # noqa: PLR2004 - a small file: better rare classes than none
        counts = {value: n for value, n in counted.most_common() if supply[value]}
    rare = {value: n for value, n in counted.most_common() if value not in counts}
    if len(counts) > MOST or (len(rare) > MOST_RARE and len(repr(list(counts))) <= LONGEST):
        return _most_frequent(column, counts, of=len(counted))
    named_counts = {spelled(value): n for value, n in counts.items()}
    same, notes = _alike(dict(counted.most_common()))
    if not rare:
        return Classes({"column": column}, named_counts, notes=notes, same=same)
    mapping = {value: spelled(value) for value in _in_order(counts)} | dict.fromkeys(_in_order(rare))
    what = "training texts" if "train" in labels else "texts"
    held = sum(rare.values())
    names = ", ".join(shown(value, limit=30) for value in list(rare)[:NAMED])
    more = f" and {len(rare) - NAMED} more" if len(rare) > NAMED else ""
    said = f"classes with fewer than {fewest} {what} are left out (null): {names}{more}; they have {held:,} in all"
    return Classes({"column": column, "mapping": mapping}, named_counts, notes=(said, *notes), same=same)


def _alike(counts: Mapping[Any, int]) -> tuple[dict[Any, str], tuple[str, ...]]:
    """Find values that differ by spaces, case or Unicode form only: most likely one class, written in several ways.

    counts: value -> rows, most frequent first
    Returns value -> the most frequent of those like it, for all values (empty where none are alike), and what to say
    """
    found: dict[str, list[Any]] = {}
    for value in counts:
        key = " ".join(unicodedata.normalize("NFKC", spelled(value)).casefold().split())
        found.setdefault(key, []).append(value)
    if len(found) == len(counts):
        return {}, ()
    pairs = [" and ".join(repr(shown(name)) for name in names) for names in found.values() if len(names) > 1]
    same = {value: spelled(names[0]).strip() for names in found.values() for value in names}
    told = f"classes that differ by spaces, case or Unicode form only: {', '.join(pairs[:NAMED])}"
    return same, (f"{told}; the file has a line that makes one of each",)


def _plain(value: Any) -> Any:
    """Return Python's own value, whole numbers without a decimal point."""
    value = value.item() if isinstance(value, np.generic) else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _in_order(values: Any) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=str)


def _is_grade(column: str, counted: Counter[Any]) -> bool:
    """Return whether numbers are grades, which have an order and a distance, rather than codes of classes."""
    values = list(counted)
    if len(values) <= 2 or not all(map(is_number, values)):  # noqa: PLR2004
        return False
    if named(column, GRADE_NAMES):
        return True
    if any(isinstance(value, str) for value in values):  # such as 007 or 1.10: a spelling that tells codes apart
        places = {len(str(value).partition(".")[2]) for value in values}
        return len(values) > CODES and len(places) == 1 and 0 not in places
    whole = not any(isinstance(value, float) for value in values)
    if set(values) == set(range(len(values))) or (whole and named(column, LABEL_NAMES)):
        return False
    scale = len(values) > 3 and set(values) == set(range(1, len(values) + 1))  # noqa: PLR2004
    return scale or len(values) > CODES or not whole


def _binned(column: str, grades: np.ndarray[Any, Any]) -> Classes:
    """Cut a scale in two where its halves are most alike in number; a scale with both signs is cut at zero."""
    distinct = np.unique(grades)
    if distinct[0] < 0 < distinct[-1]:
        edge = 0.0
    else:
        edges = distinct[1:] if len(distinct) <= MOST else np.unique(np.round(np.quantile(grades, [0.4, 0.5, 0.6]), 2))
        edge = float(min(edges, key=lambda one: abs(np.mean(grades < one) - 0.5)))
    low, high = int((grades < edge).sum()), int((grades >= edge).sum())
    cut, least, most = (_plain(float(value)) for value in (edge, distinct[0], distinct[-1]))
    names = [f"below {cut}", f"{cut} and above"]
    return Classes(
        {"column": column, "bins": [cut], "names": names},
        {names[1]: high, names[0]: low} if high >= low else {names[0]: low, names[1]: high},
        notes=(f"grades from {least} to {most}, cut in two at {cut}; a grade on an edge goes up",),
        alternative=_three(distinct),
    )


def _three(distinct: Sequence[float] | np.ndarray[Any, Any]) -> str | None:
    """Spell a cut in three, with a middle, for a comment; None where there are too few grades."""
    if len(distinct) < 5 or len(distinct) > CODES:  # noqa: PLR2004
        return None
    low, high = (_plain(float(distinct[place])) for place in (len(distinct) // 2, len(distinct) // 2 + 1))
    return f"three classes: bins: [{low}, {high}], names: [low, middle, high]"


def _most_frequent(column: str, counts: dict[Any, int], *, of: int) -> Classes:
    """Keep the most frequent of very many classes. counts: value -> rows, most frequent first; of: all there are."""
    kept = dict(list(counts.items())[:MOST])
    while len(repr(list(kept))) > LONGEST:  # a condition may not be any longer
        kept.popitem()
    if "`" in column or not column.isprintable():  # neither can stand between backticks
        reason = f"column {shown(column)!r} has {of} classes, of which {MOST} are the most that are drafted"
        raise BadValue(
            "--label", reason, hint="give the column a plain name, so that a condition can choose among them"
        )
    name = column if column.isidentifier() and not iskeyword(column) else f"`{column}`"
    same, notes = _alike(kept)
    said = f"{of} classes are too many; the {len(kept)} most frequent are kept ({shown(column)})"
    return Classes(
        {"column": column},
        {spelled(value): n for value, n in kept.items()},
        where=f"{name} in {list(kept)!r}",
        notes=(said, *notes),
        same=same,
    )
