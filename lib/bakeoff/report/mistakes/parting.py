"""Where methods part: how much any two agree, and texts that one of two gets right and the other wrong."""

from __future__ import annotations

from functools import cache

from bakeoff.report.claims.conclusions import said
from bakeoff.report.figures.comparison import look
from bakeoff.report.mistakes.agreement import agreement_figure, ranked
from bakeoff.report.mistakes.explorer import parted_texts, threshold
from bakeoff.report.pages.display import Figure, Prose
from bakeoff.report.pages.links import basis
from bakeoff.report.pages.paragraphs import Paragraphs
from bakeoff.report.pages.table import Table
from bakeoff.report.tables.flips import where_two_part
from bakeoff.report.text.language import msg, tr
from bakeoff.report.text.locale import locale
from bakeoff.study.flips import chances_of
from bakeoff.study.study import StudyData

__all__ = ["parting"]


_NO_PAIR = msg("Two methods on the same texts are needed, the reference being one of them.")


def parting(study: StudyData) -> list[Table | Figure | Prose]:
    """Return on how many texts two methods part, tables of some, the agreement of all, and what can be looked up."""
    collection, texts_of = study.collection, cache(study.texts)  # which reads the data
    found = where_two_part(collection, study.comparison, study.contenders, workspace=study.workspace, texts=texts_of)
    if found is None:
        return [Prose(tr(_NO_PAIR))]
    statement, shown = found
    told = said(statement, locale(study.language))
    drawn = agreement_figure(collection, study.contenders, look(collection))
    rows = {row.name: row for row in collection.rows}
    chances = {one.name: chances_of(rows[one.name], study.workspace) for one in study.contenders}
    inputs = next((row.any.inputs for row in collection.rows if row.records and row.any.inputs), None)
    classes = inputs.label_names if inputs else ()
    texts = texts_of(inputs.comparability_sha256) if inputs else {}
    more = (
        parted_texts(ranked(collection, study.contenders), chances, classes=classes, texts=texts),
        threshold(study.contenders, chances, classes=classes),
    )
    counted = Paragraphs([(told.text, basis(told.runs, collection))], bullets=False)
    return [counted, *shown, *([drawn] if drawn else []), *(one for one in more if one)]
