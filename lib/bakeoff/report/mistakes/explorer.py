"""What a reader of the HTML can look up: texts on which any two methods part, and another threshold for two classes.

Both are data in the page, for its script; of bounded size, so that a large test makes no large report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from bakeoff.report.pages.display import Prose
from bakeoff.report.text.escape import clean, escape_html, escape_markdown
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import language, language_attribute, tr
from bakeoff.stats.inputs import Contender
from bakeoff.system.digests import canonical

__all__ = ["Explorer", "parted_texts", "threshold"]


_TEXTS, _LETTERS, _LONGEST = 300, 200_000, 2000  # texts, characters of all of them and of one
_STEPS = 100  # of a probability

Chances = Mapping[str, npt.NDArray[np.float64] | None]
"""By method: the probabilities (S, N, C) of its runs, None where they kept none."""


class Explorer(Prose):
    """Data for the page's script. kind: the attribute they stand in; without a script the page says `otherwise`."""

    def __init__(self, kind: str, data: Mapping[str, Any], otherwise: str) -> None:
        super().__init__(escape_markdown(otherwise))
        self.kind, self.data, self.otherwise = kind, data, otherwise

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        told = escape_html(canonical(self.data))
        html = (
            f'<div class="explore" data-{self.kind}="{told}"{language_attribute(language().code)}>'
            f"<p>{escape_html(self.otherwise)}</p></div>"
        )
        return {**super()._repr_mimebundle_(), "text/html": html, "text/x-typst": ""}


def parted_texts(
    contenders: Sequence[Contender], chances: Chances, *, classes: Sequence[str], texts: Mapping[str, str]
) -> Explorer | None:
    """Return texts on which methods part, some for every two of them; None where no two had the same texts and part.

    contenders: the best first; those opened with are the first and the next that parts from it
    texts: item id -> text; where an item has none, its id stands for it
    """
    alike = _alike(contenders)
    if len(alike) < 2:  # noqa: PLR2004
        return None
    given = np.stack([_voted(one, len(classes)) for one in alike])
    parted = np.flatnonzero((given != given[0]).any(axis=0))
    picked = list(_picked(given, [texts.get(str(item), str(item)) for item in alike[0].item_ids]))
    if not picked:
        return None
    sure = [_sure(chances.get(one.name), mine) for one, mine in zip(alike, given, strict=True)]
    shown = [
        [clean(texts.get(str(alike[0].item_ids[place]), str(alike[0].item_ids[place])))[:_LONGEST],
         int(alike[0].gold[place]), given[:, place].tolist(), [None if one is None else one[place] for one in sure]]
        for place in picked
    ]  # fmt: skip
    told = {
        "names": [one.name for one in alike], "open": _opened(given[:, picked]),
        "classes": [clean(name) for name in classes], "texts": shown,
        "first": tr("first method"), "second": tr("second method"), "search": tr("Search the texts"),
        "class": tr("labelled"), "any": tr("any"), "says": tr("{name} says", name="{name}"),
        "count": tr("{done} of {total} texts", done="{done}", total="{total}"), "more": tr("Show more"),
        "sort": tr("The surest first"),
        "note": tr("In this page: {shown} of the {parted} test texts on which methods part. Below a text: the class "
                   "that most runs gave it, with its mean probability.", shown=len(shown), parted=len(parted)),
    }  # fmt: skip
    return Explorer("texts", told, tr("With scripts switched on, texts on which any two methods part are shown here."))


def _opened(given: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Return the places of the two methods that are shown first; given: classes (K, N) of texts on which some part."""
    return next((a, b) for a, b in combinations(range(len(given)), 2) if (given[a] != given[b]).any())


def _alike(contenders: Sequence[Contender]) -> list[Contender]:
    """Return the methods that had the same texts in the same order, the most that can be found."""
    groups: list[list[Contender]] = []
    for one in contenders:
        mine = next((group for group in groups if _same_texts(group[0], one)), None)
        groups.append([one]) if mine is None else mine.append(one)
    return max(groups, key=len, default=[])


def _same_texts(one: Contender, other: Contender) -> bool:
    return one.comparability == other.comparability and np.array_equal(one.item_ids, other.item_ids)


def _voted(one: Contender, classes: int) -> npt.NDArray[np.int64]:
    """Return the class (N,) that most runs gave each text; of equal ones the first."""
    votes = np.stack([(one.predicted == number).sum(axis=0) for number in range(classes)])
    return np.asarray(votes.argmax(axis=0))


def _sure(chances: npt.NDArray[np.float64] | None, given: npt.NDArray[np.int64]) -> list[int] | None:
    """Return the mean probability of the class given to each text, in percent."""
    if chances is None:
        return None
    mean = chances.mean(axis=0)[np.arange(len(given)), given]
    return [int(value) for value in np.rint(100 * mean)]


def _picked(given: npt.NDArray[np.int64], texts: Sequence[str]) -> Iterator[int]:
    """Yield places of texts, in turn one on which each two methods part, until there are enough."""
    queues = [list(np.flatnonzero(given[a] != given[b])) for a, b in combinations(range(len(given)), 2)]
    taken: set[int] = set()
    letters = 0
    while any(queues):
        for queue in queues:
            while queue and int(queue[0]) in taken:
                queue.pop(0)
            if not queue:
                continue
            place = int(queue.pop(0))
            letters += min(len(texts[place]), _LONGEST)
            if len(taken) == _TEXTS or (letters > _LETTERS and taken):
                return
            taken.add(place)
            yield place


def threshold(contenders: Sequence[Contender], chances: Chances, *, classes: Sequence[str]) -> Explorer | None:
    """Return, for two classes, how many answers have which probability, by true class; None without probabilities."""
    known = [(one, found) for one in contenders if (found := chances.get(one.name)) is not None]
    if len(classes) != 2 or not known:  # noqa: PLR2004
        return None
    told = {
        "names": [one.name for one, _ in known], "classes": [clean(name) for name in classes],
        "counts": [[_counts(one.gold, found[:, :, sought], sought) for sought in range(2)] for one, found in known],
        "sought": tr("class sought"), "at": tr("given from a probability of"),
        "heads": [tr("method"), metric_name("accuracy"), tr("precision"), tr("recall"), "F1"],
        "note": tr("A threshold chosen here is chosen on the test texts: it describes them, and promises nothing of "
                   "other texts. No finding of this report uses it."),
    }  # fmt: skip
    return Explorer("threshold", told, tr("With scripts switched on, another threshold can be tried here."))


def _counts(
    gold: npt.NDArray[np.integer[Any]], chances: npt.NDArray[np.float64], sought: int
) -> tuple[list[int], list[int]]:
    """Return by step of probability the number of answers to texts of the class sought, and to the others."""
    steps = np.minimum(np.floor(chances * _STEPS + 1e-9).astype(int), _STEPS)
    own, others = (
        np.bincount(steps[:, held].ravel(), minlength=_STEPS + 1).tolist() for held in (gold == sought, gold != sought)
    )
    return own, others
