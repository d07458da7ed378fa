"""The conclusions of a report: sentences computed from records and verdicts, in one language, with the runs behind.

`draw_conclusions` is the way in. The conditions are in `limits`, `findings`, `economies` and `caveats`; the words in
`locales`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bakeoff.reporting.caveats import baselines, collapsed, from_scratch, left_out, overlap, unfinished, unstable
from bakeoff.reporting.collect import Collection
from bakeoff.reporting.economies import costs, sweeps
from bakeoff.reporting.findings import against_reference, highest
from bakeoff.reporting.limits import cross_check, noise, resolution, scope, unsettled
from bakeoff.reporting.locales import Locale, locale
from bakeoff.reporting.sentences import Statement
from bakeoff.reporting.verdicts import Comparison

__all__ = ["Conclusion", "draw_conclusions", "said", "statements"]


@dataclass(frozen=True)
class Conclusion:
    """One paragraph of Markdown.

    kind: resolution, scope, noise, highest, reference, unsettled, cross_check, baseline, sweep, cost, warning,
    failed, missing or left_out; runs: ids of the runs it rests on, in the order of the text
    """

    kind: str
    text: str
    runs: tuple[str, ...]


def draw_conclusions(collection: Collection, comparison: Comparison, *, language: str = "en") -> list[Conclusion]:
    """Return the conclusions in reading order; UnknownName for a language nobody has written.

    comparison: of the collection's declared rows, under their names; rows without predictions may be absent
    """
    words = locale(language)
    return [said(statement, words) for statement in statements(collection, comparison)]


def said(statement: Statement, words: Locale) -> Conclusion:
    """Put a statement into words."""
    text = " ".join(words.say(one) for one in statement.sentences)
    return Conclusion(kind=statement.kind, text=text, runs=statement.runs)


def statements(collection: Collection, comparison: Comparison) -> list[Statement]:
    """Return what holds of these records, in reading order: first what could be seen at all."""
    runs = {row.name: tuple(record.run_id for record in row.records) for row in collection.rows}
    yardsticks = {row.name for row in collection.rows if row.records and row.any.role == "baseline"}
    return [
        *resolution(comparison, runs),
        *scope(comparison, runs),
        *noise(comparison, runs),
        *highest(comparison, runs, complete=all(row.records for row in collection.rows)),
        *against_reference(comparison, runs, last=yardsticks),
        *unsettled(comparison, runs),
        *cross_check(comparison, runs),
        *baselines(collection, comparison, runs),
        *sweeps(collection),
        *costs(collection),
        *collapsed(collection),
        *unstable(comparison, runs),
        *from_scratch(collection),
        *overlap(collection),
        *unfinished(collection, comparison),
        *left_out(collection),
    ]
