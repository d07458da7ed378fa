"""Test texts that the reference gets right and the best other method wrong, and the other way round.

`where_two_part` is the way in: `choose_pair` names the two, `flips` counts and picks, `flips_table` shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bakeoff.data.filtering import PAIR
from bakeoff.report.pages.table import Table
from bakeoff.report.text import slots
from bakeoff.report.text.language import tr, tr_in
from bakeoff.report.text.numbers import fraction
from bakeoff.report.text.sentence import Statement, sentence
from bakeoff.stats.compare import Comparison
from bakeoff.stats.inputs import Contender
from bakeoff.study.collect import Collection
from bakeoff.study.flips import Answer, Flip, Flips, Side, Texts, chances_of, choose_pair, flips
from bakeoff.system.workspace import Workspace

__all__ = ["flips_statement", "flips_table", "text_columns", "where_two_part"]

LONGEST_TEXT = 160  # characters of a text that the table shows


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
        Side(next(one for one in contenders if one.name == row.name), chances_of(row, workspace)) for row in rows
    )
    found, inputs = flips(first, second), rows[0].any.inputs
    known = texts(inputs.comparability_sha256) if inputs else {}
    shown = [
        flips_table(picked, names, right=right, classes=inputs.label_names if inputs else (), texts=known)
        for picked, right in ((found.first_right, names[0]), (found.second_right, names[1]))
    ]
    runs = tuple(run.run_id for row in rows for run in row.records)
    return flips_statement(found, names, runs), [table for table in shown if table]


def flips_statement(found: Flips, names: tuple[str, str], runs: tuple[str, ...]) -> Statement:
    """Say how many items both, one or neither of the two get right."""
    total = found.both + found.first_only + found.second_only + found.neither
    said = sentence(
        "flips", items=slots.Count(total, "test text"), a=slots.Name(names[0]), b=slots.Name(names[1]),
        both=slots.Count(found.both), first=slots.Count(found.first_only), second=slots.Count(found.second_only),
        neither=slots.Count(found.neither),
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
        **(
            text_columns([texts[one.item_id] for one in picked], shorten=_short)
            if known
            else {tr("item"): [one.item_id for one in picked]}
        ),
        tr("labelled"): [classes[one.gold] for one in picked],
        tr("{name} says", name=names[0]): [_said(one.first, classes) for one in picked],
        tr("{name} says", name=names[1]): [_said(one.second, classes) for one in picked],
    }
    wrong = names[1] if right == names[0] else names[0]
    return Table(
        data,
        caption=tr("Test texts that {right} gets right and {wrong} wrong.", right=right, wrong=wrong),
        note=" ".join(
            [
                tr(
                    "Those on which most runs of both methods agree with what is shown, the most confident of both "
                    "together first. Below a class: its mean probability over the method's runs, and how many runs "
                    "gave it."
                ),
                *([] if known else [tr("The texts are not at hand where this report was made.")]),
            ]
        ),
    )


def text_columns(texts: Sequence[str], *, shorten: Callable[[str], str]) -> dict[str, list[str]]:
    """Return a column of texts, or two where they are pairs."""
    if not any(PAIR in text for text in texts):
        return {tr("text"): [shorten(text) for text in texts]}
    pairs = [text.partition(PAIR) for text in texts]
    return {
        tr("first text"): [shorten(first) for first, _, _ in pairs],
        tr("second text"): [shorten(second) for _, _, second in pairs],
    }


def _said(answer: Answer, classes: Sequence[str]) -> str:
    votes = tr("{done} of {total}", done=answer.votes, total=answer.runs)
    below = [votes] if answer.confidence is None else [fraction(answer.confidence), votes]
    return f"{classes[answer.given]}\n{tr_in('between numbers', ', ').join(below)}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "…"
