"""The summary table: one row per declared method, shown in the report and kept as CSV, Markdown and LaTeX.

Reads a collection and its comparison; writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bakeoff.report.pages.table import Table
from bakeoff.report.tables.notes import summary_note
from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.labels import TIME, TRAINABLE, headline, memory, shown_name, verdict_words
from bakeoff.report.text.language import msg, tr
from bakeoff.report.text.numbers import (
    Number,
    duration,
    extended,
    fraction,
    interval,
    parameters,
    points,
    range_of,
    share,
    size,
)
from bakeoff.stats.compare import Comparison, MethodSummary, Pair, tie_groups
from bakeoff.study.collect import Collection, Row, full_parameters, mean
from bakeoff.study.diagnostics import OUTCOMES, converged, has_collapsed, outcomes_of
from bakeoff.study.frames import summary_values
from bakeoff.system.spreadsheets import guarded

__all__ = ["FILES", "additional_table", "summary_files", "summary_table", "terminal_table"]


FILES = "application/vnd.bakeoff.summary+json"
"""Form in which the summary's files leave the kernel that compared."""

_ONE_CLASS, _ONE_RUN, _ONE_SEED = _ALONE = (msg("one class"), msg("one run"), msg("one seed"))
_UNCONVERGED = msg("not converged")

Cell = Callable[..., str]
"""Joins a number and what belongs to it: a range, an interval, a word."""


def summary_table(collection: Collection, comparison: Comparison, *, lines: bool = True) -> Table:
    """Return the table of declared methods.

    lines: put ranges and intervals on lines of their own below their number; else beside it, in brackets
    """
    data = _columns(collection, comparison, _stacked if lines else _beside)
    names = [shown_name(row) for row in collection.rows]
    return Table(
        data,
        labels=(tr("method"), names),
        caption=tr("The methods compared, on the test texts."),
        links={name: row.any.run_id for name, row in zip(names, collection.rows, strict=True) if row.records},
        note=summary_note(collection, comparison),
        sortable=True,
        carried={FILES: summary_files(collection, comparison)} if lines else None,
    )


def terminal_table(collection: Collection, comparison: Comparison) -> Table:
    """Return the table narrow enough for a terminal: means and verdicts only."""
    data = _columns(collection, comparison, _bare)
    del data[tr("rank")], data[tr("group")]
    reference = collection.experiment.compare.reference
    costs = [tr("time"), tr("memory"), tr("trainable"), tr("saved"), tr("runs")]
    named = headline(collection.experiment.compare.metric).values()
    short = [*named, tr("against {reference}", reference=reference), *costs]
    return Table(
        dict(zip(short, data.values(), strict=True)),
        labels=(tr("method"), [shown_name(row) for row in collection.rows]),
        caption=tr("Means over the seeds, on test; the report has ranges, intervals and conclusions."),
    )


def _columns(collection: Collection, comparison: Comparison, cell: Cell) -> dict[str, list[str]]:
    against = {pair.first: pair for pair in comparison.against_reference}
    ranks, groups = {one.name: one for one in comparison.methods}, tie_groups(comparison)
    asked, rows = collection.experiment.compare, collection.rows
    return {
        **_quality_columns(rows, cell, metric=asked.metric),
        tr("difference to {reference}", reference=asked.reference): [
            _difference(against.get(row.name), cell) for row in rows
        ],
        tr("rank"): [_rank(ranks.get(row.name)) for row in rows],
        tr("group"): [", ".join(groups.get(row.name, ())) or MISSING for row in rows],
        **_cost_columns(collection, rows, cell),
        tr("runs"): [_runs(row, cell) for row in rows],
    }


def additional_table(collection: Collection) -> Table | None:
    """Return the table of runs outside the declared comparison, or None where there are none."""
    rows = [row for row in collection.additional if row.records]
    if not rows:
        return None
    metric = collection.experiment.compare.metric
    data = {**_quality_columns(rows, _stacked, metric=metric), **_cost_columns(collection, rows, _stacked)}
    return Table(
        data,
        labels=(tr("run"), [shown_name(row) for row in rows]),
        caption=tr("Additional runs on the test texts, which take no part in the comparison."),
        note=tr(
            "The comparison was declared in the experiment file; these runs, with other seeds or settings or from "
            "before a sweep had chosen, were added by hand. They enter no test, no figure and no conclusion."
        ),
    )


def summary_files(collection: Collection, comparison: Comparison) -> dict[str, str]:
    """Return the summary by file suffix: csv (full precision, units in the names), md, tex, and txt for a terminal."""
    table = summary_table(collection, comparison, lines=False)
    note = f"\n{table.note}\n"
    return {
        "csv": guarded(summary_values(collection, comparison)).to_csv(index=False, lineterminator="\n"),
        "md": f"{table.caption}\n\n{table.to_markdown()}{note}",
        "tex": table.to_latex(),
        "txt": f"{terminal_table(collection, comparison)}\n",
    }


# cells -------------------------------------------------------------------------------------------------------------


def _stacked(first: str, *more: str) -> str:
    return extended(first, "\n".join((first, *more)))


def _beside(first: str, *more: str) -> str:
    if not more:
        return first
    said = ", ".join(more)
    text = f"{first} {said}" if said.startswith("[") else f"{first} ({said})"
    return text if any(part[0].isalpha() for part in more) else extended(first, text)


def _bare(first: str, *more: str) -> str:
    """Keep words, drop ranges and intervals."""
    alone = {tr(text) for text in _ALONE}
    words = [text for text in more if text[0].isalpha() and text not in alone]
    return ", ".join((first, *words)) if words else first


def _quality_columns(rows: Sequence[Row], cell: Cell, *, metric: str) -> dict[str, list[str]]:
    ended = [converged(row, metric) for row in rows]
    return {
        spoken: [_quality(row, name, cell, ended=one) for row, one in zip(rows, ended, strict=True)]
        for name, spoken in headline(metric).items()
    }


def _quality(row: Row, metric: str, cell: Cell, *, ended: bool | None) -> str:
    values = row.quality(metric)
    if not values:
        return cell(MISSING, *(tr(OUTCOMES[kind]) for kind in outcomes_of(row.failures)))
    fell = [tr(_ONE_CLASS)] if has_collapsed(row) else []
    fell += [tr(_UNCONVERGED)] if ended is False else []
    if len(values) == 1:
        return cell(fraction(values[0]), tr(_ONE_RUN if row.any.deterministic else _ONE_SEED), *fell)
    return cell(fraction(mean(values)), range_of(values, fraction), *fell)


def _cost_columns(collection: Collection, rows: Sequence[Row], cell: Cell) -> dict[str, list[str]]:
    peak, full = memory(collection), full_parameters(collection)
    columns = {
        TIME.heading: [duration(mean(row.cost(TIME.field))) for row in rows],
        peak.heading: [size(mean(row.cost(peak.field))) for row in rows],
        TRAINABLE.heading: [_trainable(row, full, cell) for row in rows],
        tr("size saved"): [size(mean(row.cost("artifact_bytes"))) for row in rows],
    }
    elsewhere = [bool(row.records) and all(run.cost is None for run in row.records) for row in rows]
    if cell is _bare or not any(elsewhere):
        return columns
    said = tr("not measured here")
    return {
        name: [said if other else value for other, value in zip(elsewhere, values, strict=True)]
        for name, values in columns.items()
    }


def _trainable(row: Row, full: float | None, cell: Cell) -> str:
    own = mean(row.cost(TRAINABLE.field))
    if own is None:
        return MISSING
    return cell(parameters(own), share(own / full)) if full else parameters(own)


def _difference(pair: Pair | None, cell: Cell) -> str:
    if pair is None or pair.difference is None:
        return MISSING
    found = pair.difference
    return cell(points(found.estimate), interval(found.low, found.high), verdict_words(pair))


def _rank(summary: MethodSummary | None) -> str:
    if summary is None or summary.best_rank is None or summary.worst_rank is None:
        return MISSING
    return range_of([summary.best_rank, summary.worst_rank], lambda rank: f"{rank:.0f}")


def _runs(row: Row, cell: Cell) -> str:
    done, wanted = len(row.records), row.wanted
    shown = str(done) if done == wanted else tr("{done} of {total}", done=done, total=wanted)
    return cell(
        Number(shown, done),
        *(
            tr("{number} {outcome}", number=n, outcome=tr(OUTCOMES[kind]))
            for kind, n in outcomes_of(row.failures).items()
        ),
    )
