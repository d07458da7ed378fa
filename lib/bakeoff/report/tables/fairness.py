"""The fairness ledger: under which conditions each method was trained and measured, as tables.

`fairness` says in sentences what of it differs between the methods compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bakeoff.report.pages.table import Table
from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.labels import pretrained_words, shown_name
from bakeoff.report.text.language import tr, tr_in
from bakeoff.report.text.numbers import Number, extended, range_of, share, whole
from bakeoff.runs.record import Record
from bakeoff.study.collect import Collection, Row, base_model
from bakeoff.study.comparability import shares, starts
from bakeoff.study.sweeps import trials_of
from bakeoff.system.message import msg

__all__ = ["conditions_table", "effort_table"]


Read = Callable[[Record], str | None]


_STARTS = {"cold": msg("cold"), "forked": msg("forked")}


def _rows(collection: Collection) -> list[Row]:
    return [row for row in collection.rows if row.records]


def _cells(rows: Sequence[Row], read: Read) -> list[str]:
    """Return what the runs of each row have in common; where they differ, all of it."""
    found = [list(dict.fromkeys(shown for run in row.records if (shown := read(run)))) for row in rows]
    return [extended(cells[0], _between(cells[0]).join(cells)) if cells else MISSING for cells in found]


def _between(cell: str) -> str:
    return tr_in("between numbers", ", ") if isinstance(cell, Number) else ", "


def _training(field: str, form: Callable[[float | None], str] = whole) -> Read:
    def read(run: Record) -> str | None:
        value = getattr(run.training, field) if run.training else None
        return None if value is None else form(value)

    return read


def effort_table(collection: Collection) -> Table | None:
    """Show what each method was given to learn with."""
    rows = _rows(collection)
    if not rows:
        return None
    data = {
        tr("trials"): [whole(trials_of(collection, row)) if row.any.trained else MISSING for row in rows],
        tr("epochs"): _cells(rows, _by_steps("epochs")),
        tr("steps"): _cells(rows, _by_steps("steps")),
        tr("texts seen"): _cells(rows, _training("samples_seen")),
        tr("texts a step"): _cells(rows, _training("effective_batch")),
        tr("tokens at most"): _cells(
            rows, lambda run: whole(run.inputs.max_length) if run.inputs and _reads_tokens(run) else None
        ),
        tr("texts cut"): _cells(rows, _training("truncated_share", share)),
        tr("padding"): [_padding(row) for row in rows],
        tr("number format"): _cells(rows, lambda run: run.training.dtype if run.training else None),
        tr("pooling"): _cells(rows, lambda run: run.training.pooling if run.training else None),
        tr("class weights"): _cells(rows, _weights),
    }
    return Table(
        data,
        labels=(tr("method"), [shown_name(row) for row in rows]),
        caption=tr("What each method was given to learn with."),
        note=tr(
            "Trials: settings tried on validation before the runs, 1 where there was nothing to choose. Texts seen: "
            "over all epochs. Texts a step: those behind one optimizer step. Texts cut: share of the texts longer than "
            "the tokens read. Padding: share of the tokens that only fill up batches, smallest to largest over the "
            "seeds. Pooling: how token states become one text vector. A method that reads no tokens is fitted to all "
            "texts at once, without epochs and steps."
        ),
    )


def _by_steps(field: str) -> Read:
    """Read what only the fit loop has: a solver's iterations are no optimizer steps, nor one fit an epoch."""
    read = _training(field)
    return lambda run: read(run) if _reads_tokens(run) else None


def _reads_tokens(run: Record) -> bool:
    return run.inputs is not None and run.inputs.model_id is not None


def _padding(row: Row) -> str:
    read = [(run.training.tokens_real, run.training.tokens_padded) for run in row.records if run.training]
    return range_of([1 - real / padded for real, padded in read if real and padded], share)


def _weights(run: Record) -> str | None:
    """Return how a method weighted classes; None of one that has no loss to weight them in."""
    if not run.trained or not ("class_weights" in run.params or _reads_tokens(run)):
        return None
    chosen = run.params.get("class_weights")
    return tr("none") if chosen in (None, "none") else str(chosen)


def conditions_table(collection: Collection) -> Table | None:
    """Show from what each method started, and where and beside what its runs were made."""
    rows = _rows(collection)
    if not rows:
        return None
    data = {
        tr("base model"): _cells(rows, base_model),
        tr("its weights"): _cells(rows, pretrained_words),
        tr("processor"): _cells(rows, _processor),
        tr("threads"): _cells(rows, lambda run: _entry(run, "threads")),
        tr("runs at a time"): _cells(rows, lambda run: _entry(run, "runs_at_a_time")),
        tr("processor time"): [range_of(shares(row.records), share) for row in rows],
    }
    if any(run.environment.get("processes", 1) > 1 for row in rows for run in row.records):
        data[tr("processes that train")] = _cells(rows, lambda run: _entry(run, "processes"))
    if len(starts([run for row in rows for run in row.records])) > 1:
        data[tr("start of the kernel")] = [
            ", ".join(tr(_STARTS[start]) for start in starts(row.records)) for row in rows
        ]
    return Table(
        data,
        labels=(tr("method"), [shown_name(row) for row in rows]),
        caption=tr("From what each method started, and where it was measured."),
        note=tr(
            "Processor time: what training got of the processor time its threads could have used, smallest to largest "
            "over the seeds. It got less where it shared its cores with other work, waited, or could not be split "
            "between threads. A dash: not recorded, or trained on a GPU."
        ),
    )


def _entry(run: Record, key: str) -> str | None:
    value = run.environment.get(key)
    return None if value is None else whole(value)


def _processor(run: Record) -> str | None:
    found = run.environment.get("device_name") or run.environment.get("cpu_model") or run.environment.get("device")
    return str(found) if found else None
