"""The appendix: settings, training, environment and the command behind every row.

Each function takes a collection and returns display tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bakeoff.report.pages.table import Table
from bakeoff.report.tables.runs import facts_table
from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.labels import shown_name
from bakeoff.report.text.language import msg, tr, trn
from bakeoff.report.text.numbers import whole
from bakeoff.runs.record import Record
from bakeoff.study.collect import Collection, Row

__all__ = ["commands_table", "environment_table", "models_table", "settings_tables"]


_COLUMNS_AT_ONCE = 6
_LISTED = 3  # different values of an environment entry that are written out
_VARYING = ("finished_at", "load_average")  # differ by nature


def _known(collection: Collection) -> list[Row]:
    return [row for row in collection.rows if row.records or row.failures]


def _runs(collection: Collection) -> list[Record]:
    return [run for row in collection.rows for run in (*row.records, *row.failures)]


def settings_tables(collection: Collection) -> list[Table]:
    """Show every hyperparameter of every method, so many methods to a table as fit a page."""
    rows = [row for row in _known(collection) if row.any.params]
    parts = [rows[start : start + _COLUMNS_AT_ONCE] for start in range(0, len(rows), _COLUMNS_AT_ONCE)]
    return [_settings(part) for part in parts]


def _settings(rows: list[Row]) -> Table:
    names = sorted({name for row in rows for name in row.any.params})
    data = {shown_name(row): [_setting(row.any, name) for name in names] for row in rows}
    settled = any(row.any.params.get(name, ...) is None for row in rows for name in _settled(row.any))
    return Table(
        data,
        labels=(tr("setting"), names),
        caption=tr("Settings of the methods."),
        note=" ".join([tr("A dash: the method has no such setting."), *([tr(_SETTLED)] if settled else [])]),
    )


_SETTLED = msg("In brackets: not set; used was what suits the base model.")


def _settled(run: Record) -> Mapping[str, Any]:
    return run.training.settled if run.training else {}


def _setting(run: Record, name: str) -> str:
    if name not in run.params:
        return MISSING
    value = run.params[name]
    if value == "auto" and name in _settled(run):
        return f"auto ({_spelt(_settled(run)[name])})"
    if value is not None:
        return _spelt(value)
    return f"({_spelt(_settled(run)[name])})" if name in _settled(run) else tr("not set")


def _spelt(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)  # as the experiment file has it


def models_table(collection: Collection) -> Table | None:
    """Show what each method does and which model it starts from."""
    rows = _known(collection)
    if not rows:
        return None
    data = {
        tr("what it does"): [tr(row.any.summary) for row in rows],
        tr("starts from"): [_base(row.any) for row in rows],
    }
    hashes = _base_hashes(rows)
    return Table(
        data,
        labels=(tr("method"), [shown_name(row) for row in rows]),
        caption=tr("The methods and the models they start from."),
        note=tr("SHA-256 of the weights before training: {hashes}.", hashes=hashes) if hashes else None,
    )


def _base(run: Record) -> str:
    inputs = run.inputs
    if inputs is None or inputs.model_id is None:
        return tr("the texts alone")
    known = [
        inputs.model_architecture or tr("architecture not recorded"),
        *([tr("revision {revision}", revision=inputs.model_revision)] if inputs.model_revision else []),
        *([] if inputs.model_pretrained else [tr("random weights")]),
    ]
    return f"{inputs.model_id} ({', '.join(known)})"


def _base_hashes(rows: list[Row]) -> str:
    """Name each pretrained model with its hash, and say where methods that share a model found different weights."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for run in row.records:
            if run.inputs and run.inputs.model_id and run.inputs.model_pretrained and run.inputs.base_weights_sha256:
                found.setdefault(run.inputs.model_id, set()).add(run.inputs.base_weights_sha256)
    return "; ".join(
        f"{model}: {next(iter(hashes)) if len(hashes) == 1 else tr('NOT the same in all runs')}"
        for model, hashes in found.items()
    )


def environment_table(collection: Collection) -> Table | None:
    """Show the machine and the libraries; an entry in which runs differ says so."""
    runs = _runs(collection)
    entries = [(run.status == "ok", dict(_flat(run.environment))) for run in runs]
    names = sorted({name for _, entry in entries for name in entry})
    if not names:
        return None
    # A run that failed tells what it came to know, and differs in nothing else.
    values = {
        name: [entry.get(name) or MISSING for ended, entry in entries if ended or entry.get(name)] or [MISSING]
        for name in names
    }
    facts = {name: _environment(values[name]) for name in names}
    differing = [name for name in names if len(set(values[name])) > 1 and name not in _VARYING]
    facts |= {name: tr("differs: {values}", values=facts[name]) for name in differing}
    told = tr("Not the same in all runs: {names}.", names=", ".join(differing)) if differing else None
    return facts_table(facts, caption=tr("Where the runs were made."), note=told, name=tr("entry"))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", MISSING if value is None else str(value)


def _environment(values: list[str]) -> str:
    counts = Counter(values)
    if len(counts) == 1:
        return next(iter(counts))
    if len(counts) <= _LISTED:
        return "; ".join(f"{value} ({_runs_of(n)})" for value, n in sorted(counts.items()))
    return tr("{count} values from {least} to {most}", count=whole(len(counts)), least=min(counts), most=max(counts))


def _runs_of(number: int) -> str:
    return trn("{number} run", "{number} runs", number, number=whole(number))


def commands_table(collection: Collection, *, whole_report: str) -> Table | None:
    """Show the exact command that makes each row's runs, below the one for the whole report."""
    rows = [row for row in (*collection.rows, *collection.additional) if row.records or row.failures]
    if not rows:
        return None
    runs = [sorted((*row.records, *row.failures), key=lambda run: run.seed) for row in rows]
    data = {
        tr("command"): [whole_report, *(own[0].command for own in runs)],
        tr("seeds"): [tr("all"), *(_seeds(own) for own in runs)],
    }
    return Table(
        data,
        labels=(tr("row"), [tr("the whole report"), *map(shown_name, rows)]),
        caption=tr("The command behind each row."),
        note=tr("Run from the root of the repository; for another seed, change the number after seed."),
    )


def _seeds(runs: list[Record]) -> str:
    return tr("any") if runs[0].deterministic else ", ".join(str(run.seed) for run in runs)
