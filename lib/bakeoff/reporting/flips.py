"""Test texts that the reference gets right and the best other method wrong, and the other way round.

`where_two_part` is the way in: `choose_pair` names the two, `flips` counts and picks, `flips_table` shows. Only `view`
imports this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.contenders import Contender
from bakeoff.reporting.findings import comparable
from bakeoff.reporting.language import tr, tr_in
from bakeoff.reporting.notation import fraction
from bakeoff.reporting.predictions import read_chances
from bakeoff.reporting.sentences import Statement, count, sentence
from bakeoff.reporting.table import Table
from bakeoff.reporting.verdicts import Comparison
from bakeoff.workspace import Workspace

__all__ = ["Flip", "Flips", "Side", "Texts", "choose_pair", "flips", "flips_statement", "flips_table", "where_two_part"]

SHOWN = 4
LONGEST_TEXT = 160  # characters of a text that the table shows

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


def where_two_part(
    collection: Collection,
    comparison: Comparison,
    contenders: Sequence[Contender],
    *,
    workspace: Workspace,
    texts: Texts,
) -> tuple[Statement, list[Table]] | None:
    """Return the count and the tables of texts on which two methods part; None where no two can be held together."""
    names = choose_pair(collection, comparison)
    if names is None:
        return None
    rows = [next(row for row in collection.rows if row.name == name) for name in names]
    first, second = (
        Side(next(one for one in contenders if one.name == row.name), _chances(row, workspace)) for row in rows
    )
    found, inputs = flips(first, second), rows[0].any.inputs
    known = texts(inputs.comparability_sha256) if inputs else {}
    shown = [
        flips_table(picked, names, right=right, classes=inputs.label_names if inputs else (), texts=known)
        for picked, right in ((found.first_right, names[0]), (found.second_right, names[1]))
    ]
    runs = tuple(run.run_id for row in rows for run in row.records)
    return flips_statement(found, names, runs), [table for table in shown if table]


def _chances(row: Row, workspace: Workspace) -> npt.NDArray[np.float64] | None:
    found = [read_chances(run, workspace.run_folder(run.experiment, run.run_id)) for run in row.records]
    known = [one for one in found if one is not None]
    return np.stack(known) if len(known) == len(found) else None


def choose_pair(collection: Collection, comparison: Comparison) -> tuple[str, str] | None:
    """Return the reference and the other trained method with the highest mean; baselines only where nothing else is."""
    if comparison.reference is None:
        return None
    rows = {row.name: row for row in collection.rows if row.records}
    others = [one for one in comparable(comparison) if one.name != comparison.reference and one.trained]
    candidates = [one for one in others if rows[one.name].any.role != "baseline"] or others
    return (comparison.reference, max(candidates, key=lambda one: one.mean).name) if candidates else None


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


def flips_statement(found: Flips, names: tuple[str, str], runs: tuple[str, ...]) -> Statement:
    """Say how many items both, one or neither of the two get right."""
    total = found.both + found.first_only + found.second_only + found.neither
    said = sentence(
        "flips", items=count(total, "test text"), a=("name", names[0]), b=("name", names[1]), both=count(found.both),
        first=count(found.first_only), second=count(found.second_only), neither=count(found.neither),
    )  # fmt: skip
    return Statement("flips", (said,), runs)


def flips_table(
    picked: Sequence[Flip], names: tuple[str, str], *, right: str, classes: Sequence[str], texts: Mapping[str, str]
) -> Table | None:
    """Show the picked items that `right`, one of the names, gets right; without texts, by their ids."""
    if not picked:
        return None
    known = all(flip.item_id in texts for flip in picked)
    data: dict[str, Any] = {
        tr("text") if known else tr("item"): [_short(texts[one.item_id]) if known else one.item_id for one in picked],
        tr("labelled"): [classes[one.gold] for one in picked],
        tr("{name} says", name=names[0]): [_said(one.first, classes) for one in picked],
        tr("{name} says", name=names[1]): [_said(one.second, classes) for one in picked],
    }
    wrong = names[1] if right == names[0] else names[0]
    return Table(
        pd.DataFrame(data),
        caption=tr("Test texts that {right} gets right and {wrong} wrong.", right=right, wrong=wrong),
        note=" ".join(
            [
                tr(
                    "Those on which most runs of both methods agree with what is shown; among equals, the most "
                    "confident of both together, then the lowest id. Below a class: its mean probability over the "
                    "method's runs, and how many runs gave it."
                ),
                *([] if known else [tr("The texts are not at hand where this report was made.")]),
            ]
        ),
    )


def _said(answer: Answer, classes: Sequence[str]) -> str:
    votes = tr("{done} of {total}", done=answer.votes, total=answer.runs)
    below = [votes] if answer.confidence is None else [fraction(answer.confidence), votes]
    return f"{classes[answer.given]}\n{tr_in('between numbers', ', ').join(below)}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "…"
