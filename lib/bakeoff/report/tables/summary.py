"""The summary table: one row per declared method, shown in the report and kept as CSV, Markdown and LaTeX.

Reads a collection and its comparison; writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bakeoff.report.claims.advice import unbeaten
from bakeoff.report.pages.pictures import Bars, Intervals
from bakeoff.report.pages.table import Looks, Source, Table
from bakeoff.report.tables.limits import Column, limits_script
from bakeoff.report.tables.limits import costs as _costs
from bakeoff.report.tables.notes import summary_note
from bakeoff.report.text.escape import MISSING, escape_html, escape_markdown
from bakeoff.report.text.labels import metric_name, shown_name, verdict_words
from bakeoff.report.text.language import msg, tr
from bakeoff.report.text.numbers import Number, extended, in_unit, interval, points, score
from bakeoff.stats.compare import Comparison, Pair
from bakeoff.study.collect import Collection, Row, mean
from bakeoff.study.diagnostics import OUTCOMES, converged, has_collapsed, outcomes_of
from bakeoff.study.frames import summary_values
from bakeoff.system.spreadsheets import csv_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FILES", "additional_table", "overview", "summary_files", "summary_table", "terminal_table"]


FILES = "application/vnd.bakeoff.summary+json"
"""Form in which the summary's files leave the kernel that compared."""

_ONE_CLASS, _UNCONVERGED = msg("one class"), msg("not converged")


def summary_table(collection: Collection, comparison: Comparison) -> Table:
    """Return the table of declared methods, the best by the declared metric first."""
    rows = _sorted(collection, comparison)
    names = [shown_name(row) for row in rows]
    against = {pair.first: pair for pair in comparison.against_reference}
    table = Table(
        _columns(collection, comparison, rows),
        labels=(tr("method"), names),
        caption=tr("The methods compared, on the test texts."),
        links={name: row.any.run_id for name, row in zip(names, rows, strict=True) if row.records},
        note=summary_note(collection, comparison),
        sortable=True,
    )
    return table.looking(
        Looks(
            rows=_kinds(rows, comparison),
            pictures={
                _against(collection): _intervals(rows, against, comparison),
                **{one.heading: Bars([one.of(row) for row in rows]) for one in _costs(collection) if one.drawn},
            },
            hints={one.heading: one.hint for one in _costs(collection)},
            script=_script(collection, comparison, rows),
            wide=True,
            sources=_sources(collection, comparison, rows),
        )
    )


def _script(collection: Collection, comparison: Comparison, rows: Sequence[Row]) -> dict[str, object]:
    """Return what the page needs to set limits, and to hold the methods against another one of them."""
    script = limits_script(collection, comparison, rows)
    places = {row.name: place for place, row in enumerate(rows)}
    known = [pair for pair in comparison.pairs if pair.difference and {pair.first, pair.second} <= places.keys()]
    both = [one for pair in known for one in (pair, pair.flipped())]
    told = [[places[one.first], places[one.second], _difference(one), verdict_words(one)] for one in both]
    against = _against_words("{reference}")
    return {**script, "pairs": told, "against": against, "itself": tr("reference")} if script else {}


def overview(collection: Collection, comparison: Comparison, *, head: str = "") -> Table:
    """Return the table as the report shows it: with the files that are kept of it. head: Markdown above the table."""
    table = summary_table(collection, comparison)
    table.carried[FILES] = summary_files(collection, comparison, head=head)
    return table


def terminal_table(collection: Collection, comparison: Comparison) -> Table:
    """Return the table narrow enough for a terminal: means and verdicts only."""
    rows = _sorted(collection, comparison)
    against = {pair.first: pair for pair in comparison.against_reference}
    return Table(
        {
            metric_name(comparison.metric): [_quality(row, comparison.metric) for row in rows],
            tr("against {reference}", reference=collection.experiment.compare.reference): [
                _found(row, against.get(row.name), comparison) for row in rows
            ],
            **{one.short: [one.form(one.of(row)) for row in rows] for one in _costs(collection) if one.short},
            tr("runs"): [_runs(row) for row in rows],
        },
        labels=(tr("method"), [shown_name(row) for row in rows]),
        caption=tr("Means over the seeds, on test; the report has intervals and conclusions."),
    )


def additional_table(collection: Collection) -> Table | None:
    """Return the table of runs outside the declared comparison, or None where there are none."""
    rows = [row for row in collection.additional if row.records]
    if not rows:
        return None
    metric = collection.experiment.compare.metric
    data = {
        metric_name(metric): [_quality(row, metric) for row in rows],
        **{one.heading: [one.form(one.of(row)) for row in rows] for one in _costs(collection)},
        tr("runs"): [_runs(row) for row in rows],
    }
    return Table(
        data,
        labels=(tr("run"), [shown_name(row) for row in rows]),
        caption=tr("Additional runs on the test texts, which take no part in the comparison."),
        note=tr(
            "The comparison was declared in the experiment file. These runs, with other seeds or settings or from "
            "before a sweep had chosen, were added by hand. They enter no test, no figure and no conclusion."
        ),
    )


def summary_files(collection: Collection, comparison: Comparison, *, head: str = "") -> dict[str, str]:
    """Return name -> text of the summary's files, csv in full precision with units in the names of columns.

    summary.md is fit for a pull request: `head`, the table, and the note below it folded; summary.txt for a terminal
    """
    table = summary_table(collection, comparison)
    note = escape_html(summary_note(collection, comparison, drawn=False))
    folded = f"\n<details><summary>{escape_html(tr('How to read the table'))}</summary>\n\n{note}\n\n</details>\n"
    return {
        "summary.csv": _csv(summary_values(collection, comparison)),
        "summary.md": f"{head}{escape_markdown(table.caption)}\n\n{table.to_markdown()}{folded}",
        "summary.tex": table.to_latex(),
        "summary.txt": f"{terminal_table(collection, comparison)}\n",
        "pairs.csv": _csv(comparison.to_frame().assign(metric=comparison.metric)),
    }


def _csv(frame: pd.DataFrame) -> str:
    return csv_of(frame)


# rows and columns ---------------------------------------------------------------------------------------------------


def _sorted(collection: Collection, comparison: Comparison) -> list[Row]:
    """Return the rows, the best mean first, those without one last; equal ones in the order of the file."""
    metric, sign = comparison.metric, comparison.sign
    means = {row.name: mean(row.quality(metric)) for row in collection.rows}
    known = [(-sign * value, row) for row in collection.rows if (value := means[row.name]) is not None]
    rest = [row for row in collection.rows if means[row.name] is None]
    return [*(row for _, row in sorted(known, key=lambda one: one[0])), *rest]


def _columns(collection: Collection, comparison: Comparison, rows: Sequence[Row]) -> dict[str, list[str]]:
    against = {pair.first: pair for pair in comparison.against_reference}
    return {
        metric_name(comparison.metric): [_quality(row, comparison.metric) for row in rows],
        _against(collection): [_difference(against.get(row.name)) for row in rows],
        tr("finding"): [_found(row, against.get(row.name), comparison) for row in rows],
        **{one.heading: [one.form(one.of(row)) for row in rows] for one in _costs(collection)},
        **_incomplete(rows),
    }


def _against(collection: Collection) -> str:
    return _against_words(collection.experiment.compare.reference)


def _against_words(reference: str) -> str:
    unit = in_unit("").strip()
    if unit:
        return tr("difference to {reference}, {unit}", reference=reference, unit=unit)
    return tr("difference to {reference}", reference=reference)


def _incomplete(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Return a column of how many runs are in, where that is not all of them for every row."""
    if all(len(row.records) == row.wanted and not row.failures for row in rows):
        return {}
    return {tr("runs"): [_runs(row) for row in rows]}


def _kinds(rows: Sequence[Row], comparison: Comparison) -> list[str]:
    level = unbeaten(comparison)
    yardsticks = {row.name for row in rows if row.records and row.any.role == "baseline"}
    kinds = ({"level": row.name in level, "baseline": row.name in yardsticks} for row in rows)
    return [" ".join(name for name, holds in kind.items() if holds) for kind in kinds]


def _sources(collection: Collection, comparison: Comparison, rows: Sequence[Row]) -> dict[str, list[Source]]:
    """Return where the numbers of each column come from: of what in which records each is a mean."""
    metric, reference = f"test.metrics.{comparison.metric}", comparison.reference
    held = next((row for row in rows if row.name == reference and row.records), None)
    compared = {pair.first for pair in comparison.against_reference if pair.difference}
    return {
        metric_name(comparison.metric): [Source(_ids(row), metric) for row in rows],
        _against(collection): [
            _of_pair(row, held, metric) if held and row.name in compared else Source([], metric) for row in rows
        ],
        **{one.heading: [_of_cost(one, row, collection) for row in rows] for one in _costs(collection)},
        tr("runs"): [Source(_ids(row), "status") for row in rows],
    }


def _of_pair(row: Row, held: Row, path: str) -> Source:
    """Return the runs that a difference is of: those with the same seeds, or all where seeds change nothing."""
    fixed = row.any.deterministic or held.any.deterministic
    pairs = ((row, held), (held, row))
    mine, theirs = (
        [run.run_id for run in one.records if fixed or run.seed in {run.seed for run in other.records}]
        for one, other in pairs
    )
    return Source(mine, path, minus=theirs)


def _of_cost(column: Column, row: Row, collection: Collection) -> Source:
    trials = collection.sweeps.get(row.method, ()) if column.searched else ()
    return Source(_ids(row), f"cost.{column.field}", plus=[trial.run_id for trial in trials])


def _ids(row: Row) -> list[str]:
    return [record.run_id for record in row.records]


def _intervals(rows: Sequence[Row], against: Mapping[str, Pair], comparison: Comparison) -> Intervals:
    """Return the differences on one axis: as wide as the trained methods need, with the band of the margin."""
    found = {name: pair.difference for name, pair in against.items() if pair.difference}
    ends = [(one.low, one.estimate, one.high) if (one := found.get(row.name)) is not None else None for row in rows]
    trained = [
        end for row, end in zip(rows, ends, strict=True) if end and row.records and row.any.role != "baseline"
    ] or [end for end in ends if end]
    low = min([-comparison.margin, *(end[0] for end in trained)])
    high = max([comparison.margin, *(end[2] for end in trained)])
    held = frozenset(place for place, row in enumerate(rows) if row.name == comparison.reference and row.records)
    return Intervals(ends, held=held, axis=(low, high), band=comparison.margin)


# cells -------------------------------------------------------------------------------------------------------------


def _quality(row: Row, metric: str) -> str:
    values = row.quality(metric)
    if not values:
        return "\n".join([MISSING, *(tr(OUTCOMES[kind]) for kind in outcomes_of(row.failures))])
    fell = [tr(_ONE_CLASS)] if has_collapsed(row) else []
    fell += [tr(_UNCONVERGED)] if converged(row, metric) is False else []
    shown = score(mean(values))
    return extended(shown, "\n".join([shown, *fell]))


def _difference(pair: Pair | None) -> str:
    if pair is None or pair.difference is None:
        return MISSING
    found = pair.difference
    shown = points(found.estimate, unit=False)
    return extended(shown, f"{shown} {interval(found.low, found.high)}")


def _found(row: Row, pair: Pair | None, comparison: Comparison) -> str:
    if row.name == comparison.reference and row.records:
        return tr("reference")
    return verdict_words(pair) if pair and pair.difference else MISSING


def _runs(row: Row) -> str:
    done, wanted = len(row.records), row.wanted
    shown = str(done) if done == wanted else tr("{done} of {total}", done=done, total=wanted)
    failed = [
        tr("{number} {outcome}", number=n, outcome=tr(OUTCOMES[kind])) for kind, n in outcomes_of(row.failures).items()
    ]
    return extended(Number(shown, done), "\n".join([shown, *failed]))
