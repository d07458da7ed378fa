"""The conclusions of a report: sentences computed from records and verdicts, in one language, with the runs behind.

`draw_conclusions` is the way in. The conditions are in `limits`, `findings`, `economies` and `caveats`; the words in
`locales`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bakeoff.report.claims.advice import advice, lead, sight
from bakeoff.report.claims.baselines import baselines
from bakeoff.report.claims.beside import calibrated, classwise
from bakeoff.report.claims.completeness import absent, interim, left_out, redeclared, unfinished
from bakeoff.report.claims.costs import costs, sweeps
from bakeoff.report.claims.data import cut, from_scratch, imbalanced, overlap, unread
from bakeoff.report.claims.fairness import turned, unequal
from bakeoff.report.claims.findings import against_reference, highest, promised
from bakeoff.report.claims.recommendations import recommendations
from bakeoff.report.claims.resolution import cross_check, grouped, looked, noise, resolution, scope, unsettled
from bakeoff.report.claims.training import collapsed, rising, unconverged, unfound, unstable
from bakeoff.report.text.language import ENGLISH, speaking
from bakeoff.report.text.locale import Locale, locale
from bakeoff.report.text.measure import measuring
from bakeoff.report.text.sentence import Statement
from bakeoff.stats.compare import Comparison
from bakeoff.stats.sequential import Account
from bakeoff.study.beside import Facing
from bakeoff.study.collect import Collection

__all__ = ["Conclusion", "draw_conclusions", "said", "statements"]


@dataclass(frozen=True)
class Conclusion:
    """One paragraph of Markdown.

    kind: interim, resolution, scope, looks, noise, groups, lead, highest, advice, sight, chances, absent, imbalance,
    cut, unread, recommendation, reference, fairness, tuning, recall, calibration, unsettled, cross_check, baseline,
    unmet, sweep, cost, limit, warning, training, failed, missing or left_out
    runs: ids of the runs it rests on, in the order of the text
    """

    kind: str
    text: str
    runs: tuple[str, ...]


def draw_conclusions(
    collection: Collection,
    comparison: Comparison,
    *,
    account: Account | None = None,
    beside: Sequence[Sequence[Facing]] = ((), ()),
    language: str = ENGLISH,
) -> list[Conclusion]:
    """Return the conclusions in reading order; UnknownName for a language nobody has written.

    comparison: of the collection's declared rows, under their names; rows without predictions may be absent;
    account: what its claims are held to after earlier reports; beside: what was tested of probabilities and of classes
    """
    words = locale(language)
    with speaking(language), measuring(comparison.metric):
        return [said(statement, words) for statement in statements(collection, comparison, account, beside)]


def said(statement: Statement, words: Locale) -> Conclusion:
    """Put a statement into words."""
    text = " ".join(words.say(one) for one in statement.sentences)
    return Conclusion(kind=statement.kind, text=text, runs=statement.runs)


def statements(
    collection: Collection,
    comparison: Comparison,
    account: Account | None = None,
    beside: Sequence[Sequence[Facing]] = ((), ()),
) -> list[Statement]:
    """Return what holds of these records, in reading order: first what could be seen at all."""
    runs = {row.name: tuple(record.run_id for record in row.records) for row in collection.rows}
    yardsticks = {row.name for row in collection.rows if row.records and row.any.role == "baseline"}
    under_limits = [*recommendations(collection, comparison)]
    return [
        *interim(collection),
        *resolution(comparison, runs),
        *scope(comparison, runs),
        *looked(account, alpha=collection.experiment.compare.alpha),
        *noise(comparison, runs, drawn=collection.drawn),
        *grouped(collection, comparison),
        *lead(comparison, runs, complete=all(row.records for row in collection.rows)),
        *highest(comparison, runs, complete=all(row.records for row in collection.rows)),
        *advice(collection, comparison),
        *sight(comparison, runs),
        *promised(comparison, runs, drawn=collection.drawn is not None),
        *absent(collection, comparison),
        *redeclared(collection),
        *imbalanced(collection),
        *cut(collection),
        *unread(collection),
        *(one for one in under_limits if one.kind == "recommendation"),
        *against_reference(comparison, runs, last=yardsticks),
        *unequal(collection, comparison),
        *turned(collection, comparison),
        *classwise(beside[1], runs),
        *calibrated(beside[0], runs),
        *unsettled(comparison, runs, yardsticks=yardsticks),
        *cross_check(comparison, runs),
        *baselines(collection, comparison, runs),
        *sweeps(collection),
        *costs(collection, comparison),
        *(one for one in under_limits if one.kind == "limit"),
        *collapsed(collection),
        *unfound(collection),
        *rising(collection),
        *unconverged(collection),
        *unstable(comparison, runs),
        *from_scratch(collection),
        *overlap(collection),
        *unfinished(collection, comparison),
        *left_out(collection),
    ]
