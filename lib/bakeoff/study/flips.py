"""Texts on which two methods differ: counted and picked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bakeoff.runs.predictions import read_chances
from bakeoff.stats.compare import Comparison, comparable
from bakeoff.stats.inputs import Contender
from bakeoff.study.collect import Collection, Row
from bakeoff.system.workspace import Workspace

__all__ = ["Flip", "Flips", "Side", "Texts", "agreement", "chances_of", "choose_pair", "flips"]


SHOWN = 4

Bools = npt.NDArray[np.bool_]
Texts = Callable[[str], Mapping[str, str]]
"""From the hash that runs share (`comparability_sha256`) to item id -> text; nothing where these are not at hand."""


@dataclass(frozen=True, eq=False)
class Side:
    """One method's part. contender: its predictions; chances: (S, N, C) probabilities, None where none were kept."""

    contender: Contender
    chances: npt.NDArray[np.float64] | None

    @property
    def hits(self) -> npt.NDArray[np.float64]:
        """(N,) share of the runs that are right."""
        return np.asarray((self.contender.predicted == self.contender.gold).mean(axis=0))

    def answer(self, item: int, *, right: bool) -> Answer:
        """Return the class that most runs gave an item, among the right or the wrong ones."""
        given, gold = self.contender.predicted[:, item], self.contender.gold[item]
        mine = given[given == gold] if right else given[given != gold]
        classes, votes = np.unique(mine, return_counts=True)
        best = int(classes[votes.argmax()])
        confidence = None if self.chances is None else float(self.chances[:, item, best].mean())
        return Answer(best, int(votes.max()), len(given), confidence)


@dataclass(frozen=True)
class Answer:
    """A class (number) that `votes` of `runs` gave; confidence: its mean probability over all runs, if known."""

    given: int
    votes: int
    runs: int
    confidence: float | None


@dataclass(frozen=True)
class Flip:
    """An item that only one of two methods gets right."""

    item_id: str
    gold: int
    first: Answer
    second: Answer


@dataclass(frozen=True)
class Flips:
    """Where two methods part. Counts of items by who is right in more than half of the runs; and the picked items."""

    both: int
    first_only: int
    second_only: int
    neither: int
    first_right: tuple[Flip, ...]
    second_right: tuple[Flip, ...]


def chances_of(row: Row, workspace: Workspace) -> npt.NDArray[np.float64] | None:
    """Return the probabilities (S, N, C) of a method's finished runs; None where one of them kept none."""
    found = [read_chances(run, workspace.run_folder(run.experiment, run.run_id)) for run in row.records]
    known = [one for one in found if one is not None]
    return np.stack(known) if len(known) == len(found) else None


def choose_pair(collection: Collection, comparison: Comparison) -> tuple[str, str] | None:
    """Return the reference and the other trained method with the best mean; baselines only where nothing else is."""
    if comparison.reference is None:
        return None
    rows = {row.name: row for row in collection.rows if row.records}
    others = [one for one in comparable(comparison) if one.name != comparison.reference and one.trained]
    candidates = [one for one in others if rows[one.name].any.role != "baseline"] or others
    best = max(candidates, key=lambda one: comparison.sign * one.mean, default=None)
    return (comparison.reference, best.name) if best else None


def agreement(contenders: Sequence[Contender]) -> npt.NDArray[np.float64]:
    """Return (M, M) the share of test texts that two methods give the same class, the mean over their pairs of runs.

    On the diagonal: of two runs of one method; nan for a method of one run, and for two that had other texts.
    """
    from scipy.sparse import coo_array

    classes = 1 + max((int(one.predicted.max()) for one in contenders), default=0)
    given = [_answers(one, classes) for one in contenders]
    rows = np.repeat(np.arange(len(given)), [len(one) for one in given])
    votes = coo_array((np.ones(len(rows)), (rows, np.concatenate(given)))).tocsr() if given else None
    alike = (votes @ votes.T).toarray() if votes is not None else np.zeros((0, 0))
    found = np.full(alike.shape, np.nan)
    for a, first in enumerate(contenders):
        for b, second in enumerate(contenders):
            (runs, items), others = first.predicted.shape, len(second.predicted) - (a == b)
            same = first.comparability == second.comparability and items == second.predicted.shape[1]
            if same and others:  # of one method: each of its runs is as itself
                found[a, b] = (alike[a, b] - (runs * items if a == b else 0)) / (runs * others * items)
    return found


def _answers(one: Contender, classes: int) -> npt.NDArray[np.int64]:
    """Return (S * N,) a number for each answer of each run: its text's place by item id, and the class."""
    places = classes * np.arange(one.predicted.shape[1])
    return np.asarray(places + one.predicted[:, np.argsort(one.item_ids, kind="stable")], dtype=np.int64).ravel()


def flips(first: Side, second: Side) -> Flips:
    """Count and pick. Both have the same items in the same order."""
    a, b = first.hits > 0.5, second.hits > 0.5  # noqa: PLR2004 - more than half
    return Flips(
        both=int((a & b).sum()), first_only=int((a & ~b).sum()), second_only=int((~a & b).sum()),
        neither=int((~a & ~b).sum()),
        first_right=_picked(first, second, a & ~b, first_right=True),
        second_right=_picked(first, second, ~a & b, first_right=False),
    )  # fmt: skip


def _picked(first: Side, second: Side, where: Bools, *, first_right: bool) -> tuple[Flip, ...]:
    found = []
    for item in map(int, np.flatnonzero(where)):
        one, two = first.answer(item, right=first_right), second.answer(item, right=not first_right)
        agreement = one.votes / one.runs + two.votes / two.runs
        confidence = (one.confidence or 0.0) + (two.confidence or 0.0)
        item_id = str(first.contender.item_ids[item])
        found.append(((-agreement, -confidence, item_id), Flip(item_id, int(first.contender.gold[item]), one, two)))
    return tuple(flip for _, flip in sorted(found, key=lambda entry: entry[0])[:SHOWN])
